import type { TemplateFile } from './templates.ts';

/** A Lambda handler in Python. */
export function pythonTemplate(application: string): readonly TemplateFile[] {
  return [
    {
      path: 'mayfly.yaml',
      text: `application: ${application}

functions:
  hello:
    runtime: python
    handler: hello.lambda_handler
    code: [hello.py]
    events:
      - http: GET /hello
`,
    },
    {
      path: 'hello.py',
      text: `import json


def lambda_handler(event, context):
    name = (event.get("queryStringParameters") or {}).get("name", "World")
    print(f"greeting {name}")
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps({"message": f"Hello, {name}!"}),
    }
`,
    },
  ];
}
