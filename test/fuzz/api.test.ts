/**
 * Every operation of every service on the whole platform, by whoever may do everything: nothing that is sent is answered as
 * a failure of the platform's own, and it goes on. Requests begin as the models have them; so do those of the gateway.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { cloudtrailModel } from '../../src/aws/model/cloudtrail.ts';
import { dynamodbModel } from '../../src/aws/model/dynamodb.ts';
import { dynamodbstreamsModel } from '../../src/aws/model/dynamodbstreams.ts';
import { eventsModel } from '../../src/aws/model/events.ts';
import { iamModel } from '../../src/aws/model/iam.ts';
import { kmsModel } from '../../src/aws/model/kms.ts';
import { lambdaModel } from '../../src/aws/model/lambda.ts';
import { pipesModel } from '../../src/aws/model/pipes.ts';
import { schedulerModel } from '../../src/aws/model/scheduler.ts';
import { secretsmanagerModel } from '../../src/aws/model/secretsmanager.ts';
import { sesModel } from '../../src/aws/model/ses.ts';
import { sesv2Model } from '../../src/aws/model/sesv2.ts';
import { snsModel } from '../../src/aws/model/sns.ts';
import { sqsModel } from '../../src/aws/model/sqs.ts';
import { ssmModel } from '../../src/aws/model/ssm.ts';
import { stsModel } from '../../src/aws/model/sts.ts';
import { linkModel, type ModelTable, type Operation } from '../../src/aws/protocol/shape.ts';
import { eventually } from '../harness/eventually.ts';
import { minimalInput } from '../harness/minimal-input.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';
import { converse } from './converse.ts';
import { fuzz } from './fuzz.ts';

const account = '000000000000';
const arn = (service: string, resource: string): string => `arn:aws:${service}:us-east-1:${account}:${resource}`;

const streamArn = arn('dynamodb', 'table/jobs/stream/2026-01-01T00:00:00.000');

/** What is there, under the names that operations have for it. */
const known = {
  FunctionName: 'echo',
  Name: 'jobs',
  QueueName: 'jobs',
  QueueUrl: `http://127.0.0.1:4566/${account}/jobs`,
  TopicArn: arn('sns', 'news'),
  TargetArn: arn('sns', 'news'),
  ResourceArn: arn('sqs', 'jobs'),
  EventBusName: 'default',
  RoleArn: `arn:aws:iam::${account}:role/echo`,
  RoleSessionName: 'session',
  Bucket: 'pics',
  Key: 'a',
  MessageBody: 'x',
  Message: 'x',
  PolicyDocument: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}',
  EventPattern: '{"source":["a"]}',
  ScheduleExpression: 'rate(5 minutes)',
  StreamArn: streamArn,
  ShardIterator: `${streamArn}|1|${Buffer.from(JSON.stringify(['shard', `1${'0'.repeat(20)}`, 0, 0])).toString('base64')}`,
};

const authorization = (service: string): string =>
  `authorization: AWS4-HMAC-SHA256 Credential=AKIAANYBODY000000000/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=00`;

/** JSON in a body, as three protocols have it. */
const json = (value: unknown): string =>
  JSON.stringify(value, (_key, one: unknown) =>
    one instanceof Uint8Array ? Buffer.from(one).toString('base64') : one,
  );

/** Members of a form: `A.member.1.B`. */
function form(value: unknown, name: string): string[] {
  if (value instanceof Date) return [`${name}=${encodeURIComponent(value.toISOString())}`];
  if (Array.isArray(value)) return value.flatMap((one, index) => form(one, `${name}.member.${index + 1}`));
  if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array))
    return Object.entries(value).flatMap(([key, one]) => form(one, name === '' ? key : `${name}.${key}`));
  return [`${name}=${encodeURIComponent(String(value))}`];
}

function requestOf(
  service: string,
  table: ModelTable,
  protocol: 'json' | 'query' | 'rest',
  operation: Operation,
): string {
  const all = operation.input.members.map(({ name }) => name);
  const input = minimalInput(operation.input, known, all);
  if (protocol === 'json')
    return `POST /\n${authorization(service)}\ncontent-type: application/x-amz-json-1.1\nx-amz-target: ${table.targetPrefix}.${operation.name}\n\n${json(input)}`;
  if (protocol === 'query')
    return `POST /\n${authorization(service)}\ncontent-type: application/x-www-form-urlencoded\n\n${['Action=' + operation.name, `Version=${table.version}`, ...form(input, '')].join('&')}`;
  const { method = 'POST', uri = '/' } = operation.http ?? {};
  const path = uri.replaceAll(/\{([A-Za-z0-9]+)\+?\}/g, (_all, name: string) =>
    encodeURIComponent(typeof input[name] === 'string' ? input[name] : 'x'),
  );
  return `${method} ${path}\n${authorization(service)}\ncontent-type: application/json\n\n${json(input)}`;
}

const services: [name: string, table: ModelTable, protocol: 'json' | 'query' | 'rest'][] = [
  ['cloudtrail', cloudtrailModel, 'json'],
  ['dynamodb', dynamodbModel, 'json'],
  ['dynamodb', dynamodbstreamsModel, 'json'],
  ['events', eventsModel, 'json'],
  ['iam', iamModel, 'query'],
  ['kms', kmsModel, 'json'],
  ['lambda', lambdaModel, 'rest'],
  ['pipes', pipesModel, 'rest'],
  ['scheduler', schedulerModel, 'rest'],
  ['secretsmanager', secretsmanagerModel, 'json'],
  ['ses', sesModel, 'query'],
  ['ses', sesv2Model, 'rest'],
  ['sns', snsModel, 'query'],
  ['sqs', sqsModel, 'json'],
  ['ssm', ssmModel, 'json'],
  ['sts', stsModel, 'query'],
];

const ofS3 = [
  'GET /\nX: y\n\n',
  'GET /pics?list-type=2&prefix=a&max-keys=1&encoding-type=url\n\n',
  'PUT /pics/a\ncontent-type: text/plain\nx-amz-meta-a: b\n\nhello',
  'PUT /pics/b\nx-amz-copy-source: /pics/a\n\n',
  'PUT /pics/c\nx-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\nx-amz-decoded-content-length: 5\nx-amz-trailer: x-amz-checksum-crc32\ncontent-encoding: aws-chunked\n\n5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n',
  'POST /pics/a?uploads=\n\n',
  'POST /pics/a?uploadId=x\n\n<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"x"</ETag></Part></CompleteMultipartUpload>',
  'POST /pics?delete=\ncontent-md5: x\n\n<Delete><Object><Key>a</Key></Object></Delete>',
  'PUT /pics?notification=\n\n<NotificationConfiguration><QueueConfiguration><Queue>arn:aws:sqs:us-east-1:000000000000:jobs</Queue><Event>s3:ObjectCreated:*</Event></QueueConfiguration></NotificationConfiguration>',
  'PUT /pics?versioning=\n\n<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>',
  'GET /pics/a?partNumber=1&response-content-type=x\nrange: bytes=0-1\nif-modified-since: Thu, 01 Jan 2026 00:00:00 GMT\n\n',
  'POST /pics\ncontent-type: multipart/form-data; boundary=XyZ\n\n--XyZ\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n--XyZ\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--XyZ--\r\n',
].map((text) => text.replace('\n', `\n${authorization('s3')}\n`));

const ofOurs = [
  'GET /_mayfly/functions\n\n',
  'GET /_mayfly/invocations?limit=5\n\n',
  'POST /_mayfly/functions/echo/invocations?type=request\ncontent-type: application/json\n\n{"a":1}',
  'POST /_mayfly/deployments\ncontent-type: application/json\n\n{"application":"x","functions":{}}',
  'PUT /_mayfly/bundles/0000000000000000000000000000000000000000000000000000000000000000\n\nPK',
  'POST /_mayfly/queues/jobs/messages\ncontent-type: application/json\n\n{"body":"x"}',
  'GET /_mayfly/audit?limit=1\n\n',
  'GET /_mayfly/bill?from=2026-01-01\n\n',
].map((text) => text.replace('\n', `\n${authorization('mayfly')}\n`));

const words = [
  '\n',
  '&',
  '=',
  '%',
  '%00',
  '"',
  '{',
  '}',
  '[',
  ']',
  'null',
  '-1',
  '1e400',
  'true',
  '*',
  '/',
  '..',
  '//',
  '?',
  '__proto__',
  'constructor',
  '\\ud800',
  '\\u0000',
  '\xff',
  'arn:aws:',
  account,
  'x'.repeat(300),
  '9'.repeat(30),
  '<',
  '>',
  '<!DOCTYPE a>',
  '${',
  'content-type: application/cbor\n',
  'content-encoding: gzip\n',
  'x-amz-target: AmazonSQS.SendMessage\n',
  '[['.repeat(100),
];

let mayfly: StartedMayfly;
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mayfly-fuzz-api-'));
  await writeFile(
    join(folder, 'mayfly.yaml'),
    `application: fuzzed
functions:
  echo:
    runtime: python
    handler: echo.handler
    code: echo.py
    network: none
    timeout: 3
    events: [{ http: 'ANY /echo/{rest+}' }, { url: true }, { cloudevent: { path: /events, reply: structured } }, { webhook: { path: /hook, verify: github, secret: SECRET } }]
    environment: { SECRET: s }
resources: { buckets: [pics], queues: [jobs], topics: [news] }
`,
  );
  await writeFile(join(folder, 'echo.py'), 'def handler(event, context):\n    return event\n');
  mayfly = await startMayfly({ devProject: folder, log: join(folder, 'log') });
  await eventually('the deployment', 60_000, async () =>
    (await fetch(`${mayfly.http}/echo/x`).catch(() => undefined))?.status === 200 ? true : undefined,
  );
});

after(async () => {
  await mayfly?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** As it goes over the wire: with a length that is right. Undefined: what is left of it is no request. */
function wire(input: Buffer): Buffer | undefined {
  const text = input.toString('latin1');
  const end = text.indexOf('\n\n');
  const [first = '', ...headers] = text.slice(0, Math.max(0, end)).split('\n');
  if (end < 0 || !/^[A-Z]+ \/[!-~]*$/.test(first)) return undefined;
  const given = headers.filter(
    (line) =>
      /^[A-Za-z0-9-]+: [\t -~\x80-\xff]*$/.test(line) &&
      !/^(connection|content-length|host|transfer-encoding|expect|upgrade):/i.test(line),
  );
  const body = text.slice(end + 2);
  return Buffer.from(
    [
      `${first} HTTP/1.1`,
      'Host: localhost',
      ...given,
      `Content-Length: ${body.length}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
    'latin1',
  );
}

/** Answers the status and the code. */
async function ask(port: number, input: Buffer): Promise<string> {
  const request = wire(input);
  if (request === undefined) return 'no request';
  const answer = await converse(port, [request], { hangsUp: false });
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, ''))?.[1]);
  assert.ok(status >= 200, `no answer: ${answer.slice(0, 200)}`);
  const code = /<Code>([A-Za-z.]+)|"(?:__type|code)":"([^"]+)|x-amzn-errortype: ([A-Za-z]+)/i.exec(answer);
  const named = code?.slice(1).find((one) => one !== undefined);
  assert.ok(
    status !== 500 && !/^(Internal|ServiceException|ServiceFailure)/.test(named ?? ''),
    `${status} ${answer.slice(-400)}`,
  );
  return `${status} ${named ?? ''}`;
}

/** What the platform says of itself that nobody expected. */
async function assertNothingUnexpected(): Promise<void> {
  const unexpected = (await readFile(join(folder, 'log'), 'utf8'))
    .split('\n')
    .filter((line) => /unexpected/.test(line));
  assert.deepEqual(unexpected, []);
}

// First, while the function is there: who may do everything deletes it.
test('routes and function URLs', async () => {
  await fuzz({
    corpus: [
      'GET /echo/a?b=c&b=d\ncookie: e=f\n\n',
      'POST /echo/a\ncontent-type: application/json\n\n{"a":1}',
      'PUT /echo/%2e%2e/%ff\nx-forwarded-for: 1.2.3.4\n\n\xff\xfe',
      'POST /events\ncontent-type: application/cloudevents+json\n\n{"specversion":"1.0","id":"a","type":"b","source":"/c","extension":"d","data":{"e":1}}',
      'POST /events\ncontent-type: application/cloudevents-batch+json\n\n[{"specversion":"1.0","id":"a","type":"b","source":"/c","data_base64":"YQ=="}]',
      'POST /events\ncontent-type: text/plain\nce-specversion: 1.0\nce-id: "a%20b"\nce-type: b\nce-source: /c\nce-time: 2026-01-01T00:00:00Z\n\ntext',
      'POST /hook\ncontent-type: application/json\nx-github-event: push\nx-github-delivery: a\nx-hub-signature-256: sha256=00\n\n{"a":1}',
      'OPTIONS /echo/a\norigin: http://x\naccess-control-request-method: PUT\n\n',
    ],
    words,
    async run(input) {
      const request = wire(input);
      if (request === undefined) return 'no request';
      const answer = await converse(Number(new URL(mayfly.http).port), [request], { hangsUp: false });
      const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(answer) ?? [];
      assert.ok(status !== undefined && status !== '500', answer.slice(0, 400));
      return status;
    },
  });
  await assertNothingUnexpected();
});

for (const protocol of ['json', 'query', 'rest'] as const) {
  test(`operations of services that speak ${protocol}`, async () => {
    const corpus = services
      .filter(([, , spoken]) => spoken === protocol)
      .flatMap(([name, table]) =>
        [...linkModel(table).operations.values()].map((operation) => requestOf(name, table, protocol, operation)),
      );
    const { outcomes } = await fuzz({ corpus, words, run: (input) => ask(Number(new URL(mayfly.api).port), input) });
    assert.ok(outcomes > 5);
    await assertNothingUnexpected();
  });
}

test('s3 and the admin API', async () => {
  await fuzz({ corpus: [...ofS3, ...ofOurs], words, run: (input) => ask(Number(new URL(mayfly.api).port), input) });
  await assertNothingUnexpected();
});
