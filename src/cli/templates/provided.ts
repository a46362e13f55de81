import type { TemplateFile } from './templates.ts';

/** An executable that speaks the Lambda Runtime API itself: here, a shell script. */
export function providedTemplate(application: string): readonly TemplateFile[] {
  return [
    {
      path: 'mayfly.yaml',
      text: `application: ${application}

functions:
  hello:
    runtime: provided
    code: [bootstrap]
    events:
      - http: GET /hello
`,
    },
    {
      path: 'bootstrap',
      executable: true,
      // https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
      text: `#!/bin/sh
# Asks for the next event, answers it, and begins again.
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  headers=$(mktemp)
  event=$(curl -sS -D "$headers" "$api/next")
  request=$(tr -d '\\r' < "$headers" | sed -n 's/^[Ll]ambda-[Rr]untime-[Aa]ws-[Rr]equest-[Ii]d: *//p')
  rm -f "$headers"
  echo "an event of \${#event} characters" >&2
  curl -sS -o /dev/null -X POST "$api/$request/response" \\
    -d '{"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": "{\\"message\\": \\"Hello from a shell script!\\"}"}'
done
`,
    },
  ];
}
