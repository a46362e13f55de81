import type { TemplateFile } from './templates.ts';

/** A web-standard handler: Request in, Response out. */
export function typescriptTemplate(application: string): readonly TemplateFile[] {
  return [
    {
      path: 'mayfly.yaml',
      text: `application: ${application}

functions:
  hello:
    runtime: nodejs
    handler: src/hello.default
    events:
      - http: ANY /hello
`,
    },
    {
      path: 'src/hello.ts',
      text: `export default {
  async fetch(request: Request): Promise<Response> {
    const name = new URL(request.url).searchParams.get('name') ?? 'World';
    console.log(\`greeting \${name}\`);
    return Response.json({ message: \`Hello, \${name}!\` });
  },
};
`,
    },
  ];
}
