import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { complaintLine } from './complaint.ts';
import type { Manifest } from './manifest.ts';
import { complete, refused, withLine } from './manifest-examples.ts';
import { readManifest } from './read-manifest.ts';

const context = { file: 'mayfly.yaml', folderName: 'shop', account: '000000000000', region: 'us-east-1' };

function complaintsOf(text: string): string[] {
  const result = readManifest(text, context);
  assert.equal(result.status, 'wrong', 'it was accepted');
  return result.status === 'wrong' ? result.complaints.map(complaintLine) : [];
}

function manifestOf(text: string): Manifest {
  const result = readManifest(text, context);
  if (result.status === 'wrong') throw new Error(result.complaints.map(complaintLine).join('\n'));
  return result.manifest;
}

describe('a manifest that says everything', () => {
  const manifest = manifestOf(complete);
  const [hello, resize, native] = manifest.functions;

  test('its name and resources, with those that events and dead letters name', () => {
    assert.equal(manifest.application, 'pictures');
    assert.deepEqual(manifest.buckets, [{ name: 'archive' }, { name: 'pics' }, { name: 'mails' }]);
    assert.deepEqual(manifest.queues, [
      { name: 'jobs', visibilityMs: 180_000, redrive: { deadLetterQueue: 'jobs-dead', receivesMax: 3 } },
      { name: 'plain', visibilityMs: 30_000 },
      { name: 'hello-dead', visibilityMs: 30_000 },
      { name: 'given-up', visibilityMs: 30_000 },
      { name: 'jobs-dead', visibilityMs: 30_000 },
    ]);
    assert.deepEqual(manifest.buses, [{ name: 'audit' }, { name: 'orders' }]);
    assert.deepEqual(manifest.topics, [{ name: 'alarms' }, { name: 'news' }, { name: 'orders' }]);
  });

  test("a function's settings, merged keys included, with numbers in the environment as they are written", () => {
    assert.ok(hello);
    const { permissions, ...settings } = hello.settings;
    assert.deepEqual(settings, {
      runtime: 'python3.11',
      handler: 'hello.lambda_handler',
      memoryMb: 512,
      timeoutMs: 120_000,
      environment: { TABLE: 'orders', SIZE: '007', RATE: '1.50', ON: 'true', EMPTY: '', SHELL: '${PORT:-8080}' },
      concurrencyMax: 5,
      network: 'none',
      ephemeralMb: 1024,
      attemptsMax: 1,
      eventAgeMaxMs: 3_600_000,
      keepWarm: 15 * 60_000,
      template: false,
      reuse: 'none',
      deadLetterQueue: 'hello-dead',
      destinations: {
        onSuccess: { url: 'https://example.com/done?key=1', mode: 'batched', token: 'DONE_TOKEN' },
        onFailure: { url: 'http://127.0.0.1:9000/', mode: 'structured' },
      },
      logging: { format: 'json', applicationLevel: 'DEBUG', systemLevel: 'WARN', group: 'shop/hello' },
    });
    assert.deepEqual(hello.code, { paths: ['src/**', '!**/*.test.ts'] });
    assert.equal(hello.url, true);
    assert.equal(hello.provisioned, 2);
    assert.deepEqual(hello.layers, [
      'arn:aws:lambda:us-east-1:000000000000:layer:tools:3',
      'arn:aws:lambda:us-east-1:000000000000:layer:more:1',
    ]);
    assert.ok(permissions.length > 0);
  });

  test('its sources', () => {
    assert.deepEqual(hello?.sources, [
      { kind: 'http', method: 'GET', path: '/hello' },
      { kind: 'http', method: 'POST', path: '/users/{id}/files/{path+}' },
      { kind: 'bucket', bucket: 'pics', events: ['ObjectCreated:*'], prefix: '', suffix: '' },
      {
        kind: 'bucket',
        bucket: 'pics',
        events: ['ObjectCreated:*', 'ObjectRemoved:Delete'],
        prefix: 'in/',
        suffix: '.jpg',
      },
      { kind: 'schedule', expression: 'rate(5 minutes)', timeZone: 'UTC', enabled: true },
      {
        kind: 'schedule',
        expression: 'cron(0 12 * * ? *)',
        timeZone: 'Europe/Zurich',
        enabled: false,
        input: '{"a":[1,"x"]}',
      },
      { kind: 'queue', queue: 'jobs', batchMax: 100, windowMs: 5_000, reportsFailures: true },
      { kind: 'topic', topic: 'news', filterScope: 'attributes' },
      {
        kind: 'webhook',
        path: '/hooks/github',
        verify: { kind: 'github' },
        secrets: ['OLD_SECRET', 'NEW_SECRET'],
        form: 'cloudevent',
      },
      {
        kind: 'webhook',
        path: '/hooks/any',
        verify: {
          kind: 'hmac',
          header: 'x-signature',
          algorithm: 'sha256',
          encoding: 'hex',
          prefix: '',
          signed: '{timestamp}.{body}',
          toleranceMs: 60_000,
          timestampHeader: 'x-time',
          idHeader: 'x-id',
        },
        secrets: ['ANY_SECRET'],
        form: 'body',
        transform: '{"id":"$.body.id"}',
      },
      { kind: 'cloudevent', path: '/events', secrets: [] },
      {
        kind: 'cloudevent',
        path: '/orders',
        secrets: ['TOKEN'],
        filter: JSON.stringify([
          { any: [{ prefix: { type: 'com.example.' } }, { exact: { type: 'org.example.paid' } }] },
          { suffix: { source: '/shop' } },
          { not: { exact: { region: 'eu' } } },
        ]),
        reply: 'structured',
      },
      { kind: 'cloudevent', path: '/bus', secrets: [], bus: 'default' },
      { kind: 'email', address: 'in@example.com' },
      { kind: 'email', address: '@example.org', bucket: 'mails' },
      {
        kind: 'table',
        table: 'orders',
        startAt: 'latest',
        batchMax: 100,
        windowMs: 0,
        parallel: 1,
        bisects: false,
        reportsFailures: false,
      },
      {
        kind: 'table',
        table: 'orders',
        startAt: 'oldest',
        batchMax: 500,
        windowMs: 5_000,
        parallel: 10,
        bisects: true,
        reportsFailures: true,
        retriesMax: 3,
        ageMaxMs: 3_600_000,
        tumblingMs: 60_000,
        filters: ['{"eventName":["INSERT"]}'],
        onFailure: 'arn:aws:sqs:us-east-1:000000000000:given-up',
      },
      { kind: 'topic', topic: 'orders', filterScope: 'body', filter: '{"kind":["new",{"prefix":"x"}]}' },
      { kind: 'bus', bus: 'default', pattern: '{"source":["shop"]}' },
      { kind: 'bus', bus: 'orders', pattern: '{"detail":{"amount":[{"numeric":[">",10]}]}}' },
    ]);
  });

  test('permissions: those of its own events, those it asks for, and no others', () => {
    const allowed = (action: string, resource: string): boolean =>
      hello?.settings.permissions.some(
        ({ effect, actions, resources }) =>
          effect === 'allow' && actions.includes(action) && resources.includes(resource),
      ) ?? false;
    assert.ok(allowed('s3:GetObject', 'arn:aws:s3:::pics/*'));
    assert.ok(allowed('s3:PutObject', 'arn:aws:s3:::pics/*'));
    assert.ok(allowed('s3:ListBucket', 'arn:aws:s3:::pics'));
    assert.ok(allowed('sqs:ReceiveMessage', 'arn:aws:sqs:us-east-1:000000000000:jobs'));
    assert.ok(allowed('sqs:SendMessage', 'arn:aws:sqs:us-east-1:000000000000:jobs'));
    assert.ok(allowed('s3:GetObject', 'arn:aws:s3:::archive/*'));
    assert.ok(!allowed('s3:PutObject', 'arn:aws:s3:::archive/*'));
    assert.ok(allowed('sqs:SendMessage', 'arn:aws:sqs:us-east-1:000000000000:other'));
    assert.ok(!allowed('sqs:ReceiveMessage', 'arn:aws:sqs:us-east-1:000000000000:other'));
    assert.ok(allowed('s3:GetObject', 'arn:aws:s3:::mails/*'));
    assert.ok(!allowed('s3:PutObject', 'arn:aws:s3:::mails/*'));
    assert.ok(allowed('sns:Publish', 'arn:aws:sns:us-east-1:000000000000:alarms'));
    assert.ok(!allowed('sns:Publish', 'arn:aws:sns:us-east-1:000000000000:news'));
    assert.ok(allowed('lambda:InvokeFunction', 'arn:aws:lambda:us-east-1:000000000000:function:resize'));
    assert.deepEqual(
      hello?.settings.permissions.filter(({ effect }) => effect === 'deny'),
      [{ effect: 'deny', actions: ['s3:DeleteObject'], resources: ['*'] }],
    );
    assert.deepEqual(resize?.settings.permissions, []);
  });

  test('defaults', () => {
    assert.deepEqual(resize?.settings, {
      runtime: 'nodejs26.x',
      handler: 'src/resize.handler',
      memoryMb: 1024,
      timeoutMs: 30_000,
      environment: {},
      network: 'internet',
      ephemeralMb: 512,
      permissions: [],
      attemptsMax: 3,
      eventAgeMaxMs: 21_600_000,
    });
    assert.deepEqual(resize?.code, { paths: '.' });
    assert.equal(native?.settings.runtime, 'provided.al2023');
    assert.equal(native?.settings.handler, 'bootstrap');
  });
});

test("the folder's name stands for the application's", () => {
  assert.equal(manifestOf('functions: {}').application, 'shop');
  const named = readManifest('functions: {}', { ...context, folderName: 'my Shop (2)' });
  assert.equal(named.status === 'ok' && named.manifest.application, 'my-Shop-2');
  assert.deepEqual(readManifest('functions: {}', { ...context, folderName: '___' }), {
    status: 'wrong',
    complaints: [
      {
        file: 'mayfly.yaml',
        line: 1,
        column: 1,
        field: '',
        message: "application is missing, and the folder's name (___) cannot stand for it; write application: my-app",
      },
    ],
  });
});

test('a queue hides a message for as long as its slowest function may take', () => {
  const manifest = manifestOf(withLine('timeout: 5m\n    events: [{ queue: { name: jobs, window: 10s } }]'));
  assert.deepEqual(manifest.queues, [{ name: 'jobs', visibilityMs: 310_000 }]);
});

test('no more environments are kept ready than may run', () => {
  assert.equal(manifestOf(withLine('concurrency: 2\n    provisioned: 2')).functions[0]?.provisioned, 2);
  assert.deepEqual(complaintsOf(withLine('concurrency: 2\n    provisioned: 3')), [
    'mayfly.yaml:3:5: functions.hello: provisioned is 3; at most its concurrency, 2, is accepted',
  ]);
});

describe('what is refused, and where', () => {
  for (const [name, [text, ...lines]] of Object.entries(refused)) {
    test(name, () => assert.deepEqual(complaintsOf(text).sort(), [...lines].sort()));
  }
});

test('what a complaint tells to write is accepted', () => {
  const advised = Object.values(refused).flatMap(([text, ...lines]) =>
    lines.flatMap((line) => {
      const [, found, written] = /found '?(.*?)'?; .* Write (.+)\.$/.exec(line) ?? [];
      const isWhole =
        found !== undefined && written !== undefined && lines.length === 1 && !written.startsWith('lists and maps');
      return isWhole ? [{ text, found, written }] : [];
    }),
  );
  assert.ok(advised.length >= 15);
  for (const { text, found, written } of advised) {
    const mended = text.replace(`'${found}'`, found).replace(found, written);
    assert.equal(readManifest(mended, context).status, 'ok', mended);
  }
});

test('all complaints come at once, in the order of the file', () => {
  const text = withLine(
    'memory: 1\n    timeout: 0\n    events:\n      - http: x\n      - queue: a b\nresources: { buckets: [A] }',
  );
  assert.deepEqual(
    complaintsOf(text).map((line) => line.split(': ', 2).join(' ')),
    [
      'mayfly.yaml:5:13 functions.hello.memory',
      'mayfly.yaml:6:14 functions.hello.timeout',
      'mayfly.yaml:8:15 functions.hello.events[0].http',
      'mayfly.yaml:9:16 functions.hello.events[1].queue',
      'mayfly.yaml:10:24 resources.buckets[0]',
    ],
  );
});

test('JSON is read as well, tabs and all', () => {
  assert.equal(
    manifestOf('{\n\t"application": "a",\n\t"functions": {\n\t\t"f": { "runtime": "provided" }\n\t}\n}').functions[0]
      ?.name,
    'f',
  );
});

test('lines may end as Windows ends them', () => {
  assert.deepEqual(complaintsOf('functions:\r\n  a:\r\n    runtime: provided\r\n    memory: 1\r\n'), [
    'mayfly.yaml:4:13: functions.a.memory: found 1; a whole number of MB from 128 to 10240, without a unit, is accepted. Write 128.',
  ]);
});

test('aliases of aliases end somewhere', () => {
  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x]',
    ...'bcdefgh'.split('').map((name, index) => `${name}: &${name} [${`*${'abcdefgh'[index] ?? ''}, `.repeat(8)}]`),
  ].join('\n');
  assert.match(complaintsOf(bomb).join('\n'), /more than 50000 values once aliases are followed/);
});

test('an alias inside its own anchor ends somewhere', () => {
  assert.match(complaintsOf('functions: &a { b: *a }').join('\n'), /nested deeper than 32/);
});
