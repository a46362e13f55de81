import type { Detected } from '../../manifest/detect-handlers.ts';

/** A manifest for one file, with what one may want next in comments. */
export function manifestOfFile(
  { file, runtime, handler }: Detected,
  names: { application: string; name: string },
): string {
  const isNode = runtime === 'nodejs26.x';
  const folder = file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '.';
  const code = isNode ? undefined : runtime === 'provided' ? folder : `[${JSON.stringify(file)}]`;
  return `application: ${names.application}

functions:
  ${names.name}:
    runtime: ${isNode ? 'nodejs' : runtime}
${runtime === 'provided' ? '' : `    handler: ${handler}\n`}${code === undefined ? '' : `    code: ${code}${runtime === 'python' || runtime === 'ruby' ? '    # more of it: a folder (.), or patterns ([src/**])' : ''}\n`}    memory: 1024    # MB; CPU in proportion
    timeout: 30     # seconds
    events:
      - http: ANY /${names.name}
      # - url: true
      # - bucket: { name: my-bucket, on: [created], suffix: .jpg }
      # - queue: my-queue
      # - schedule: rate(5 minutes)
`;
}
