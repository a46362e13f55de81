/** Manifests to test with: what reads them and what describes them (the JSON Schema) must agree on each. */

/** A function of which `line` is line 5, indented by 4. */
export const withLine = (line: string): string =>
  `functions:\n  hello:\n    runtime: python\n    handler: hello.lambda_handler\n    ${line}\n`;
/** A function of which `event` is an event, on line 6, beginning at column 9. */
const withEvent = (event: string): string => withLine(`events:\n      - ${event}`);

export const complete = `
application: pictures
x-base: &base { memory: 512, network: none }
functions:
  hello:
    <<: *base
    runtime: python3.11
    handler: hello.lambda_handler
    code: ['src/**', '!**/*.test.ts']
    timeout: 2m
    environment: { TABLE: orders, SIZE: 007, RATE: 1.50, ON: true, EMPTY: '', SHELL: '\${PORT:-8080}' }
    concurrency: 5
    provisioned: 2
    keepWarm: 15m
    template: false
    reuse: none
    tmp: 1024
    permissions:
      - read: bucket archive
      - send: queue other
      - publish: topic alarms
      - put: bus default
      - call: function resize
      - { allow: ['s3:GetObject'], on: ['arn:aws:s3:::extra/*'] }
      - { deny: ['s3:DeleteObject'], on: ['*'] }
    retries: { attempts: 0, age: 1h }
    deadLetter: hello-dead
    destinations:
      onSuccess: { url: 'https://example.com/done?key=1', mode: batched, token: DONE_TOKEN }
      onFailure: { url: 'http://127.0.0.1:9000/' }
    layers: [tools:3, 'arn:aws:lambda:us-east-1:000000000000:layer:more:1']
    logging: { format: json, level: DEBUG, system: WARN, group: shop/hello }
    events:
      - http: get /hello
      - http: { method: POST, path: '/users/{id}/files/{path+}' }
      - url: true
      - bucket: pics
      - bucket: { name: pics, on: [created, 's3:ObjectRemoved:Delete'], prefix: in/, suffix: .jpg }
      - schedule: rate(5 minutes)
      - schedule: { expression: cron(0 12 * * ? *), timeZone: Europe/Zurich, input: { a: [1, x] }, enabled: false }
      - queue: { name: jobs, batch: 100, window: 5s, reportsFailures: true }
      - topic: news
      - webhook: { path: /hooks/github, verify: github, secret: [OLD_SECRET, NEW_SECRET], as: cloudevent }
      - webhook:
          path: /hooks/any
          verify: { hmac: { header: X-Signature, timestamp: X-Time, tolerance: 1m, id: X-Id } }
          secret: ANY_SECRET
          transform: { id: $.body.id }
      - cloudevent: { path: /events }
      - cloudevent:
          path: /orders
          type: [com.example.*, org.example.paid]
          source: '*/shop'
          filter: [{ not: { exact: { region: eu } } }]
          secret: TOKEN
          reply: structured
      - cloudevent: { path: /bus, bus: default }
      - email: in@example.com
      - email: { address: '@example.org', bucket: mails }
      - table: orders
      - table:
          name: orders
          startAt: oldest
          batch: 500
          window: 5s
          parallel: 10
          halves: true
          reportsFailures: true
          retries: 3
          maxAge: 1h
          tumbling: 1m
          filters: [{ eventName: [INSERT] }]
          onFailure: queue given-up
      - topic: { name: orders, filter: { kind: [new, { prefix: x }] }, filterOn: body }
      - bus: { pattern: { source: [shop] } }
      - bus: { name: orders, pattern: { detail: { amount: [{ numeric: ['>', 10] }] } } }
  resize: { runtime: nodejs, handler: src/resize.handler }
  native: { runtime: provided.al2023, logging: json, keepWarm: predicted }
resources:
  buckets: [archive]
  queues: { jobs: { visibility: 3m, deadLetter: jobs-dead, receives: 3 }, plain: }
  topics: [alarms]
  buses: [default, audit]
  tables:
    plain: id
    orders:
      key: customer, at number
      indexes: { by-status: 'status, at number', by-day: { key: day, attributes: [total] }, ids: { key: id, attributes: keys } }
      expires: until
      stream: new and old
`;

/** Each: what is written, and every line of complaint. */
export const refused: Readonly<Record<string, readonly [text: string, ...lines: string[]]>> = {
  'a layer twice': [
    "functions: { a: { runtime: provided, layers: ['tools:3', 'tools:4'] } }",
    'mayfly.yaml:1:17: functions.a: layers names tools twice; one version of it is accepted',
  ],
  'layers that are none': [
    'functions: { a: { runtime: provided, layers: [tools, ./shared, 1] } }',
    "mayfly.yaml:1:47: functions.a.layers[0]: found 'tools'; a layer's name and version (tools:3), or their ARN, is accepted. Write the version, too: tools:1.",
    "mayfly.yaml:1:54: functions.a.layers[1]: found './shared'; a layer's name and version (tools:3), or their ARN, is accepted. A folder or a zip is published first: aws lambda publish-layer-version.",
    "mayfly.yaml:1:64: functions.a.layers[2]: found 1; a layer's name and version (tools:3), or their ARN, is accepted. Write the version, too: 1:1.",
  ],
  nothing: [
    '',
    'mayfly.yaml:1:1: the file is empty; write functions: { hello: { runtime: python, handler: hello.lambda_handler } }',
  ],
  'only a comment': [
    '# later\n',
    'mayfly.yaml:1:1: the file is empty; write functions: { hello: { runtime: python, handler: hello.lambda_handler } }',
  ],
  'a list': ['- a', 'mayfly.yaml:1:1: found a list; a map of application, functions and resources is accepted'],
  'no functions': [
    'application: a',
    'mayfly.yaml:1:1: functions is missing; write functions: { hello: { runtime: python, handler: hello.lambda_handler } }',
  ],
  'a tab': ['functions:\n\thello: {}', 'mayfly.yaml:2:1: a tab at the start of a line; YAML is indented with spaces'],
  'no YAML': [
    'functions: [',
    'mayfly.yaml:1:13: this is not YAML: flow sequence in block collection must be sufficiently indented and end with a ]',
  ],
  'two documents': [
    'functions: {}\n---\nfunctions: {}',
    'mayfly.yaml:2:1: a second document begins (---); one is accepted',
  ],
  'a key twice': ['functions: {}\nfunctions: {}', 'mayfly.yaml:2:1: this key is there twice; keep one of them'],
  "CloudFormation's tags": [
    'application: !Ref Name\nfunctions: {}',
    "mayfly.yaml:1:14: !Ref is a tag of another tool (CloudFormation's !Ref, !Sub …); write the value itself",
  ],
  'an alias of nothing': [
    'functions: *nothing',
    'mayfly.yaml:1:12: functions: there is no anchor &nothing before this alias',
    'mayfly.yaml:1:1: functions is missing; write functions: { hello: { runtime: python, handler: hello.lambda_handler } }',
  ],

  "serverless.yml's service": [
    'service: shop\nprovider: { name: aws }\nfunctions: {}',
    "mayfly.yaml:1:1: service: 'service' is not a key here: it is called application: NAME",
    "mayfly.yaml:2:1: provider: 'provider' is not a key here: settings belong to each function; anchors (&base, <<: *base) share them",
  ],
  "SAM's template": [
    'AWSTemplateFormatVersion: 2010-09-09\nTransform: AWS::Serverless-2016-10-31\nResources: {}\nfunctions: {}',
    "mayfly.yaml:1:1: AWSTemplateFormatVersion: 'AWSTemplateFormatVersion' is not a key here: CloudFormation and SAM templates are not read here; write functions: { NAME: { runtime, handler, events } }",
    "mayfly.yaml:2:1: Transform: 'Transform' is not a key here: CloudFormation and SAM templates are not read here",
    "mayfly.yaml:3:1: Resources: 'Resources' is not a key here. Did you mean resources?",
  ],
  "an application's name": [
    'application: My Shop!\nfunctions: {}',
    "mayfly.yaml:1:14: application: found 'My Shop!'; a name of 1 to 64 letters, digits, - and _ that begins with a letter or digit is accepted. Write My-Shop.",
  ],
  "a function's name": [
    'functions:\n  "a b": { runtime: provided }',
    "mayfly.yaml:2:3: functions.a b: 1 to 64 letters, digits, - and _ is accepted as a name, and 'a b' is none",
  ],

  'no runtime': [
    'functions: { a: { handler: a.b } }',
    'mayfly.yaml:1:17: functions.a: runtime is missing; write runtime: nodejs (or python, or provided)',
  ],
  'no handler': [
    'functions:\n  a:\n    runtime: python',
    'mayfly.yaml:3:5: functions.a: handler is missing; write handler: hello.lambda_handler (lambda_handler in hello.py)',
  ],
  'no handler for Node': [
    'functions:\n  a:\n    runtime: nodejs',
    'mayfly.yaml:3:5: functions.a: handler is missing; write handler: index.handler (handler in index.ts, index.mjs or index.js)',
  ],
  node18: [
    runtime('nodejs18.x'),
    runtimeComplaint('nodejs18.x', 'Did you mean nodejs? Its versions are 20, 22, 24 and 26.'),
  ],
  node22: [runtime('node22'), runtimeComplaint('node22', 'Did you mean nodejs22.x?')],
  typescript: [
    runtime('typescript'),
    runtimeComplaint('typescript', 'Did you mean nodejs? Its versions are 20, 22, 24 and 26; TypeScript runs on it.'),
  ],
  'python2.7': [runtime('python2.7'), runtimeComplaint('python2.7', 'Did you mean python?')],
  python311: [runtime('Python 3.11'), runtimeComplaint('Python 3.11', 'Did you mean python3.11?')],
  java16: [runtime('java16'), runtimeComplaint('java16', 'Did you mean java?')],
  ruby34: [runtime('Ruby 3.4'), runtimeComplaint('Ruby 3.4', 'Did you mean ruby3.4?')],
  dotnet8: [
    runtime('dotnet8'),
    runtimeComplaint(
      'dotnet8',
      'Not there by name: publish it self-contained as an executable named bootstrap, and use provided.al2023.',
    ),
  ],
  golang: [
    runtime('golang'),
    runtimeComplaint(
      'golang',
      'Not there by name: build it as an executable named bootstrap, and use provided.al2023.',
    ),
  ],
  rust: [
    runtime('rust'),
    runtimeComplaint(
      'rust',
      'Not there by name; with provided, any executable file named bootstrap runs that speaks the Lambda Runtime API.',
    ),
  ],

  'a key that is nearly one': [
    withLine('memroy: 256'),
    "mayfly.yaml:5:5: functions.hello.memroy: 'memroy' is not a key here. Did you mean memory?",
  ],
  "Lambda's memorySize": [
    withLine('memorySize: 256'),
    "mayfly.yaml:5:5: functions.hello.memorySize: 'memorySize' is not a key here: it is called memory",
  ],
  'a key that is none': [
    withLine('colour: red'),
    "mayfly.yaml:5:5: functions.hello.colour: 'colour' is not a key here; runtime, handler, code, bundle, limits, memory, timeout, environment, allowSecrets, concurrency, concurrencyPerEnvironment, provisioned, keepWarm, template, reuse, network, tmp, permissions, retries, idempotency, destinations, deadLetter, layers, logging, events are accepted",
  ],
  'a port': [
    withLine('port: 80'),
    "mayfly.yaml:5:5: functions.hello.port: 'port' is not a key here: there are no servers to describe; the platform makes as many environments as are needed. Remove it",
  ],
  'a host': [
    withLine('host: a'),
    "mayfly.yaml:5:5: functions.hello.host: 'host' is not a key here: there are no servers to describe; the platform makes as many environments as are needed. Remove it",
  ],
  replicas: [
    withLine('replicas: 3'),
    "mayfly.yaml:5:5: functions.hello.replicas: 'replicas' is not a key here: there are no servers to describe; the platform makes as many environments as are needed. Remove it",
  ],
  CPU: [
    withLine('cpu: 2'),
    "mayfly.yaml:5:5: functions.hello.cpu: 'cpu' is not a key here: CPU comes in proportion to memory: one whole CPU at 1769 MB. Remove it",
  ],

  'memory with a unit': [
    withLine("memory: '256MB'"),
    "mayfly.yaml:5:13: functions.hello.memory: found '256MB'; a whole number of MB from 128 to 10240, without a unit, is accepted. Write 256.",
  ],
  'memory in GB': [
    withLine('memory: 2 GB'),
    "mayfly.yaml:5:13: functions.hello.memory: found '2 GB'; a whole number of MB from 128 to 10240, without a unit, is accepted. Write 2048.",
  ],
  'too little memory': [
    withLine('memory: 64'),
    'mayfly.yaml:5:13: functions.hello.memory: found 64; a whole number of MB from 128 to 10240, without a unit, is accepted. Write 128.',
  ],
  'half a MB': [
    withLine('memory: 256.5'),
    'mayfly.yaml:5:13: functions.hello.memory: found 256.5; a whole number of MB from 128 to 10240, without a unit, is accepted. Write 257.',
  ],
  'no memory': [
    withLine('memory:'),
    'mayfly.yaml:5:12: functions.hello.memory: found nothing; a whole number of MB from 128 to 10240, without a unit, is accepted',
  ],
  'time in words': [
    withLine('timeout: 10 seconds'),
    "mayfly.yaml:5:14: functions.hello.timeout: found '10 seconds'; whole seconds from 1 to 10800, or a number with s, m, h or d (1s to 3h) is accepted. Write 10s.",
  ],
  milliseconds: [
    withLine('timeout: 1500ms'),
    "mayfly.yaml:5:14: functions.hello.timeout: found '1500ms'; whole seconds from 1 to 10800, or a number with s, m, h or d (1s to 3h) is accepted. Write 2s.",
  ],
  'too much time': [
    withLine('timeout: 901'),
    'mayfly.yaml:5:14: functions.hello.timeout: found 901s; at most 15m is accepted with the limits of lambda; limits: … takes those of another (google, azure-consumption, azure-premium, cloudflare, openfaas-like)',
  ],
  'more than another provider allows': [
    withLine('limits: google\n    memory: 8193\n    timeout: 541'),
    'mayfly.yaml:6:13: functions.hello.memory: found 8193; at most 8192 MB are accepted with the limits of google; limits: … takes those of another (lambda, azure-consumption, azure-premium, cloudflare, openfaas-like)',
    'mayfly.yaml:7:14: functions.hello.timeout: found 541s; at most 9m is accepted with the limits of google; limits: … takes those of another (lambda, azure-consumption, azure-premium, cloudflare, openfaas-like)',
  ],
  'more time than any provider allows': [
    withLine('limits: openfaas-like\n    timeout: 10801'),
    'mayfly.yaml:6:14: functions.hello.timeout: found 10801; whole seconds from 1 to 10800, or a number with s, m, h or d (1s to 3h) is accepted',
  ],
  'the limits of nobody': [
    withLine('limits: googel'),
    "mayfly.yaml:5:13: functions.hello.limits: found 'googel'; lambda, google, azure-consumption, azure-premium, cloudflare, openfaas-like is accepted. Did you mean google?",
  ],
  'egress with a scheme': [
    withLine('network: { egress: [https://api.example.com/v1] }'),
    "mayfly.yaml:5:25: functions.hello.network.egress[0]: found 'https://api.example.com/v1'; a host (api.example.com), all hosts below one (*.example.com), or an address or range (203.0.113.0/24), each with :PORT if only one is accepted. Write api.example.com.",
  ],
  'egress to a private range': [
    withLine('network: { egress: [10.0.0.0/8] }'),
    "mayfly.yaml:5:25: functions.hello.network.egress[0]: '10.0.0.0/8' is not a public address, and private ones are reached as services that the operator has named: private: [NAME]",
  ],
  'a network of its own': [
    withLine('network: private'),
    "mayfly.yaml:5:14: functions.hello.network: found 'private'; internet or none is accepted. Did you mean none?",
  ],
  'a pattern alone': [
    withLine('code: src/**'),
    "mayfly.yaml:5:11: functions.hello.code: found 'src/**'; a folder or a file, or a list of patterns, is accepted. Patterns come in a list: write ['src/**'].",
  ],
  yes: [
    withLine('bundle: yes'),
    "mayfly.yaml:5:13: functions.hello.bundle: found 'yes'; true or false is accepted. Write true.",
  ],
  'kept ready as text': [
    withLine('provisioned: many'),
    "mayfly.yaml:5:18: functions.hello.provisioned: found 'many'; a whole number from 0 to 900 is accepted",
  ],
  'a key that is no path': [
    withLine('idempotency: { key: $.order..id }'),
    "mayfly.yaml:5:18: functions.hello.idempotency: key is '$.order..id'; a path such as $.detail.orderId, $.Records[0].messageId or $['a key'] is accepted",
  ],
  'a key without its beginning': [
    withLine('idempotency: { key: order.id }'),
    "mayfly.yaml:5:25: functions.hello.idempotency.key: found 'order.id'; a path such as $.detail.orderId, $.body.id or $.headers.idempotency-key, is accepted. Write $.order.id.",
  ],
  'keepWarm that is neither': [
    withLine('keepWarm: forever'),
    "mayfly.yaml:5:15: functions.hello.keepWarm: found 'forever'; predicted, or whole seconds from 0 to 28800, or a number with s, m, h or d (0s to 8h) is accepted",
  ],
  'reuse that is something': [
    withLine('reuse: never'),
    "mayfly.yaml:5:12: functions.hello.reuse: found 'never'; none is accepted. Did you mean none?",
  ],
  'concurrency as text': [
    withLine('concurrency: many'),
    "mayfly.yaml:5:18: functions.hello.concurrency: found 'many'; a whole number from 0 to 1000 is accepted",
  ],
  'several at once in Python': [
    withLine('concurrencyPerEnvironment: 10'),
    'mayfly.yaml:3:5: functions.hello: concurrencyPerEnvironment is 10; of python an environment runs 1 at a time',
  ],
  'several at once, and as text': [
    withLine('concurrencyPerEnvironment: several'),
    "mayfly.yaml:5:32: functions.hello.concurrencyPerEnvironment: found 'several'; a whole number from 1 to 1000 is accepted",
  ],
  'retries as a number': [
    withLine('retries: 2'),
    'mayfly.yaml:5:14: functions.hello.retries: found 2; a map of attempts and age is accepted',
  ],

  'the environment': [
    withLine('environment:\n      A:\n      AWS_REGION: x\n      B: ${self:custom.x}\n      1C: x\n      D: [1]'),
    "mayfly.yaml:6:9: functions.hello.environment.A: found nothing; text, a number, true or false is accepted. Write '' for an empty value.",
    'mayfly.yaml:7:7: functions.hello.environment.AWS_REGION: AWS_REGION is set by the platform; choose another name',
    'mayfly.yaml:8:10: functions.hello.environment.B: ${self:custom.x} would arrive as it stands here; variables are not replaced in this file. Write the value itself.',
    "mayfly.yaml:9:7: functions.hello.environment.1C: a letter or _, then letters, digits and _ is accepted as a name, and '1C' is none",
    'mayfly.yaml:10:10: functions.hello.environment.D: found a list; text, a number, true or false is accepted. Write lists and maps as JSON text in quotes.',
  ],
  'a large environment': [
    withLine(`environment: { A: ${'x'.repeat(4096)} }`),
    'mayfly.yaml:5:18: functions.hello.environment: the variables have 4097 bytes together; at most 4096 are accepted (put larger things in a bucket)',
  ],

  permissions: [
    withLine(
      "permissions:\n      - read: pics\n      - { allow: s3:*, on: ['*'] }\n      - { allow: ['s3:*'] }\n      - { fly: bucket pics }\n      - { read: bucket a-b, write: bucket a-b }\n      - read: queue jobs",
    ),
    "mayfly.yaml:6:15: functions.hello.permissions[0].read: found 'pics'; bucket NAME, secret NAME, parameter NAME, parameter /PATH/* or table NAME is accepted. Write bucket pics.",
    "mayfly.yaml:7:18: functions.hello.permissions[1].allow: found 's3:*'; a list of at least one action is accepted",
    "mayfly.yaml:8:9: functions.hello.permissions[2]: on is missing; write on: ['arn:aws:s3:::photos/*']",
    "mayfly.yaml:9:11: functions.hello.permissions[3].fly: 'fly' is not a key here; read, write, send, receive, publish, put, call are accepted",
    'mayfly.yaml:10:9: functions.hello.permissions[4]: one key is accepted in each item, and here are read, write; give each a line of its own that begins with -, and indent what belongs under read',
    "mayfly.yaml:11:15: functions.hello.permissions[5].read: found 'queue jobs'; bucket NAME, secret NAME, parameter NAME, parameter /PATH/* or table NAME is accepted",
  ],

  "serverless.yml's httpApi": [
    withEvent("httpApi: 'GET /hello'"),
    "mayfly.yaml:6:9: functions.hello.events[0].httpApi: 'httpApi' is not a key here: it is called http: GET /hello",
  ],
  "serverless.yml's s3": [
    withEvent('s3: { bucket: x, event: s3:ObjectCreated:*, rules: [{ suffix: .jpg }] }'),
    "mayfly.yaml:6:9: functions.hello.events[0].s3: 's3' is not a key here: it is called bucket: { name: photos, on: [created], prefix: uploads/, suffix: .jpg }",
  ],
  "serverless.yml's sqs": [
    withEvent('sqs: arn:aws:sqs:us-east-1:1:jobs'),
    "mayfly.yaml:6:9: functions.hello.events[0].sqs: 'sqs' is not a key here: it is called queue: jobs, or queue: { name: jobs, batch: 10 }",
  ],
  streams: [
    withEvent('stream: x'),
    "mayfly.yaml:6:9: functions.hello.events[0].stream: 'stream' is not a key here: that of a table is called table: orders; other streams are not there yet; http, url, webhook, cloudevent, bucket, schedule, queue, table, topic, bus and email are",
  ],
  'a misspelt reference': [
    withLine('environment: { A: "postgres://app:${scret:shop/db#password}@db" }'),
    'mayfly.yaml:5:23: functions.hello.environment.A: ${scret:shop/db#password} is no reference, and would arrive as it stands here. Did you mean ${secret:shop/db#password}?',
  ],
  'a reference by the name of its service': [
    withLine('environment: { A: "${SSM:/shop/hours}" }'),
    'mayfly.yaml:5:23: functions.hello.environment.A: ${SSM:/shop/hours} is no reference, and would arrive as it stands here. Did you mean ${ssm:/shop/hours}?',
  ],
  'a filter of CloudEvents that is no list': [
    withEvent('cloudevent: { path: /events, filter: { exact: { type: a } } }'),
    'mayfly.yaml:6:46: functions.hello.events[0].cloudevent.filter: filter takes a list of filters, such as [{ exact: { type: com.example.paid } }]',
  ],
  'a filter of CloudEvents that is none': [
    withEvent('cloudevent: { path: /events, type: a, filter: [{ exactly: { type: a } }] }'),
    'mayfly.yaml:6:55: functions.hello.events[0].cloudevent.filter: the filter is wrong: {"exactly":{"type":"a"}} is none; a map with one of exact, prefix, suffix, all, any, not is',
  ],
  'a pattern that is none': [
    withEvent('bus: { pattern: { source: shop } }'),
    "mayfly.yaml:6:14: functions.hello.events[0].bus: The event pattern is not accepted: 'source' is neither a list nor an object.",
  ],
  'a string for an event': [
    withEvent('GET /hello'),
    "mayfly.yaml:6:9: functions.hello.events[0]: found 'GET /hello'; http: GET /hello, url: true, webhook: { path, verify, secret }, cloudevent: { path }, bucket: NAME, schedule: rate(5 minutes), queue: NAME, table: NAME, topic: NAME, bus: { pattern } or email: ADDRESS is accepted",
  ],
  'an event that is not indented': [
    withEvent('http: GET /hello\n        method: GET'),
    'mayfly.yaml:6:9: functions.hello.events[0]: one key is accepted in each item, and here are http, method; give each a line of its own that begins with -, and indent what belongs under http',
    "mayfly.yaml:7:9: functions.hello.events[0].method: 'method' is not a key here; http, url, webhook, cloudevent, bucket, schedule, queue, table, email, topic, bus are accepted",
  ],

  'a path without a slash': [withEvent('http: GET hello'), httpComplaint('GET hello', 'Write GET /hello.')],
  'a path alone': [withEvent('http: /hello'), httpComplaint('/hello', 'Write ANY /hello.')],
  "Express's parameters": [
    withEvent('http: GET /users/:id'),
    httpComplaint('GET /users/:id', 'Write GET /users/{id}.'),
  ],
  'a star at the end': [withEvent('http: GET /files/*'), httpComplaint('GET /files/*', 'Write GET /files/{path+}.')],
  'a star for everything': [withEvent("http: '*'"), httpComplaint('*', 'Write ANY /{path+}.')],
  'a slash at the end': [withEvent('http: GET /hello/'), httpComplaint('GET /hello/', 'Write GET /hello.')],
  'an unknown method': [withEvent('http: FETCH /x'), httpComplaint('FETCH /x')],
  'a greedy parameter in the middle': [withEvent('http: GET /{a+}/b'), httpComplaint('GET /{a+}/b')],
  'a parameter twice': [
    withEvent('http: GET /a/{x}/{x}'),
    'mayfly.yaml:6:15: functions.hello.events[0].http: {x} stands twice in /a/{x}/{x}; give each part of the path a name of its own',
  ],
  'a path in a map': [
    withEvent('http: { method: GET }'),
    "mayfly.yaml:6:15: functions.hello.events[0].http: path is missing; write path: '/hello'",
  ],
  'a route of two functions': [
    'functions:\n  a: { runtime: provided, events: [{ http: "GET /x/{y}" }] }\n  b:\n    runtime: provided\n    events:\n      - http: GET /x/{z}',
    'mayfly.yaml:6:9: functions.b.events[0]: GET /x/{z} is already a route of a (line 2); one function answers a route',
  ],

  "a bucket's name": [
    withEvent('bucket: My_Pics'),
    "mayfly.yaml:6:17: functions.hello.events[0].bucket: found 'My_Pics'; a bucket's name (3 to 63 lower-case letters, digits, . and -, with a letter or digit at both ends) is accepted. Write my-pics.",
  ],
  "a bucket's reserved name": [
    withEvent('bucket: xn--pics'),
    "mayfly.yaml:6:17: functions.hello.events[0].bucket: found 'xn--pics', which may not begin with xn--",
  ],
  "serverless.yml's words in a bucket": [
    withEvent('bucket: { bucket: pics, event: put, on: uploaded }'),
    'mayfly.yaml:6:17: functions.hello.events[0].bucket: name is missing; write name: photos',
    "mayfly.yaml:6:19: functions.hello.events[0].bucket.bucket: 'bucket' is not a key here: it is called name",
    "mayfly.yaml:6:33: functions.hello.events[0].bucket.event: 'event' is not a key here: it is called on: [created] (or [s3:ObjectCreated:*])",
    "mayfly.yaml:6:49: functions.hello.events[0].bucket.on: found 'uploaded'; created, removed or one of S3's names (s3:ObjectCreated:*, s3:ObjectCreated:Put, s3:ObjectCreated:Post, s3:ObjectCreated:Copy, s3:ObjectCreated:CompleteMultipartUpload, s3:ObjectRemoved:*, s3:ObjectRemoved:Delete, s3:ObjectRemoved:DeleteMarkerCreated, s3:ObjectTagging:*, s3:ObjectTagging:Put, s3:ObjectTagging:Delete) is accepted. Did you mean created?",
  ],

  'a schedule in words': [
    withEvent('schedule: every 5 minutes'),
    scheduleComplaint('every 5 minutes', 'Write rate(5 minutes).'),
  ],
  'one minutes': [
    withEvent('schedule: rate(1 minutes)'),
    scheduleComplaint('rate(1 minutes)', 'Write rate(1 minute).'),
  ],
  "Unix's cron": [withEvent("schedule: '*/5 * * * *'"), scheduleComplaint('*/5 * * * *', 'Write cron(0/5 * * * ? *).')],
  "Unix's weekdays": [
    withEvent("schedule: '0 9 * * 1-5'"),
    scheduleComplaint('0 9 * * 1-5', 'Write cron(0 9 ? * MON-FRI *).'),
  ],
  '@daily': [withEvent("schedule: '@daily'"), scheduleComplaint('@daily', 'Write cron(0 0 * * ? *).')],
  'an hour that is none': [
    withEvent('schedule: cron(0 25 * * ? *)'),
    'mayfly.yaml:6:19: functions.hello.events[0].schedule: The schedule expression "cron(0 25 * * ? *)" has "25" in hours; 0-23 is accepted.',
  ],
  'a time zone that is none': [
    withEvent('schedule: { expression: rate(1 hour), timeZone: Mars/Base }'),
    'mayfly.yaml:6:57: functions.hello.events[0].schedule.timeZone: The time zone "Mars/Base" is not known. An IANA name is accepted, such as Europe/Zurich or UTC.',
  ],

  'a batch without time': [
    withEvent('queue: { name: jobs, batch: 100 }'),
    'mayfly.yaml:6:16: functions.hello.events[0].queue: a batch of 100 needs time to fill: write window: 1s or more beside it, or a batch of at most 10',
  ],
  'a window of a queue that keeps an order': [
    withEvent('queue: { name: jobs.fifo, window: 1 }'),
    'mayfly.yaml:6:16: functions.hello.events[0].queue: jobs.fifo keeps an order: at most 10 messages are in a batch, and none waits in a window',
  ],
  'dead letters that keep no order': [
    'functions: {}\nresources: { queues: { jobs.fifo: { deadLetter: dead } } }',
    'mayfly.yaml:2:49: resources.queues.jobs.fifo.deadLetter: a queue and its dead letters both keep an order, or neither does; write a name that ends in .fifo',
  ],
  'dead letters of a function that keep an order': [
    withLine('deadLetter: dead.fifo'),
    "mayfly.yaml:5:17: functions.hello.deadLetter: found 'dead.fifo'; a queue's name (1 to 80 letters, digits, - and _) is accepted. A queue that keeps an order takes no events of functions; write a name without .fifo.",
  ],
  'messages that come again too soon': [
    `${withLine('timeout: 60\n    events: [{ queue: jobs }]')}resources: { queues: { jobs: { visibility: 30 } } }`,
    'mayfly.yaml:7:44: resources.queues.jobs.visibility: messages would come again after 30s while hello still works on them (1m with its time-out and window); 1m or more is accepted',
  ],
  'receives without dead letters': [
    'functions: {}\nresources: { queues: { jobs: { receives: 3 } } }',
    'mayfly.yaml:2:30: resources.queues.jobs: receives says when a message goes to the dead letters; write deadLetter: NAME (of a queue) beside it',
  ],
  'a queue of its own dead letters': [
    'functions: {}\nresources: { queues: { jobs: { deadLetter: jobs } } }',
    'mayfly.yaml:2:44: resources.queues.jobs.deadLetter: jobs would be its own dead letters; write the name of another queue',
  ],
  'a bus by its ARN': [
    'functions: {}\nresources: { buses: [arn:aws:events:us-east-1:000000000000:event-bus/orders] }',
    "mayfly.yaml:2:22: resources.buses[0]: found 'arn:aws:events:us-east-1:000000000000:event-bus/orders'; an event bus's name (1 to 256 letters, digits, - and _ and .) is accepted. Write orders.",
  ],
  'changes of a table that is written wrong': [
    `${withEvent('table: orders')}resources: { tables: { orders: { key: "id, id" } } }
`,
    "mayfly.yaml:7:39: resources.tables.orders.key: found 'id, id', which has id twice; write two attributes, or one",
  ],
  'changes of tables that have no stream, or are not there': [
    `${withEvent('table: orders')}      - table: { name: plain, batch: 0, parallel: 11 }
      - table: { name: plain, filters: [{ eventName: INSERT }] }
      - table: { name: plain, onFailure: failures, startingPosition: LATEST }
      - table: plain
resources: { tables: { plain: id } }
`,
    'mayfly.yaml:6:9: functions.hello.events[0]: the manifest has no table orders; write it under resources.tables: orders: { key: id, stream: new and old }',
    'mayfly.yaml:7:9: functions.hello.events[1]: the table plain has no stream; write stream: new and old beside its key',
    'mayfly.yaml:7:38: functions.hello.events[1].table.batch: found 0; a whole number of changes from 1 to 10000 is accepted',
    'mayfly.yaml:7:51: functions.hello.events[1].table.parallel: found 11; a whole number of batches from 1 to 10 is accepted',
    "mayfly.yaml:8:16: functions.hello.events[2].table: The event pattern is not accepted: 'eventName' is neither a list nor an object.",
    'mayfly.yaml:9:9: functions.hello.events[3]: the table plain has no stream; write stream: new and old beside its key',
    "mayfly.yaml:9:42: functions.hello.events[3].table.onFailure: found 'failures'; queue NAME, topic NAME or bucket NAME is accepted",
    "mayfly.yaml:9:52: functions.hello.events[3].table.startingPosition: 'startingPosition' is not a key here: it is called startAt: oldest or latest",
    'mayfly.yaml:10:9: functions.hello.events[4]: the table plain has no stream; write stream: new and old beside its key',
  ],
  'tables that are none': [
    'functions: {}\nresources:\n  tables:\n    ab: id\n    one: id String\n    two: { key: id, sort: at }\n    three: { key: "id, id" }\n    four: { key: id, indexes: { all: id number } }\n    five: { key: id, stream: both }\n    six: {}',
    "mayfly.yaml:4:5: resources.tables.ab: 3 to 255 letters, digits, _, - and . is accepted as a name, and 'ab' is none",
    "mayfly.yaml:5:10: resources.tables.one: found 'id String'; one attribute, or two with a comma between them, each with its type (text, number or binary) where it is not text is accepted. Write the type as text, number or binary: customer, at number.",
    "mayfly.yaml:6:21: resources.tables.two.sort: 'sort' is not a key here: write key: FIRST, SECOND",
    "mayfly.yaml:7:19: resources.tables.three.key: found 'id, id', which has id twice; write two attributes, or one",
    'mayfly.yaml:8:11: resources.tables.four: the attribute id has two types in keys; write the same one everywhere',
    "mayfly.yaml:9:30: resources.tables.five.stream: found 'both'; keys, new, old, or new and old is accepted",
    'mayfly.yaml:10:10: resources.tables.six: key is missing; write key: customer, at number',
  ],
  'resources that are none': [
    'functions: {}\nresources: { tables: [a], bukets: [b] }',
    'mayfly.yaml:2:22: resources.tables: found a list; a map of names and keys is accepted',
    "mayfly.yaml:2:27: resources.bukets: 'bukets' is not a key here. Did you mean buckets?",
  ],
};

function runtime(name: string): string {
  return `functions:\n  hello:\n    runtime: ${name}\n    handler: a.b\n`;
}

function runtimeComplaint(name: string, advice: string): string {
  return `mayfly.yaml:3:14: functions.hello.runtime: found '${name}'; nodejs (or nodejs20.x, nodejs22.x, nodejs24.x, nodejs26.x), python (or python3.8 to python3.14), ruby (or ruby3.2 to ruby3.4), java (or java8.al2, java11, java17, java21, java25) or provided (or provided.al2, provided.al2023) is accepted. ${advice}`;
}

function httpComplaint(found: string, advice?: string): string {
  return `mayfly.yaml:6:15: functions.hello.events[0].http: found '${found}'; a method and a path (GET /hello; GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS, ANY) is accepted${advice === undefined ? '' : `. ${advice}`}`;
}

function scheduleComplaint(found: string, advice: string): string {
  return `mayfly.yaml:6:19: functions.hello.events[0].schedule: found '${found}'; rate(1 minute), rate(5 minutes), rate(2 hours) … or cron(minutes hours day-of-month month day-of-week year), such as cron(0 12 * * ? *), is accepted. ${advice}`;
}
