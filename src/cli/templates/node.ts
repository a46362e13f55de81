import type { TemplateFile } from './templates.ts';

/** A Lambda handler in plain JavaScript. */
export function nodeTemplate(application: string): readonly TemplateFile[] {
  return [
    {
      path: 'mayfly.yaml',
      text: `application: ${application}

functions:
  hello:
    runtime: nodejs
    handler: hello.handler
    code: [hello.mjs]
    events:
      - http: GET /hello
`,
    },
    {
      path: 'hello.mjs',
      text: `export const handler = async (event) => {
  const name = event.queryStringParameters?.name ?? 'World';
  console.log(\`greeting \${name}\`);
  return {
    statusCode: 200,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ message: \`Hello, \${name}!\` }),
  };
};
`,
    },
  ];
}
