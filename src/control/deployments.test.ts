import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change, DeployedQueue, Deployment } from '../manifest/deployment.ts';
import type { BundleHash, RequestId } from '../util/ids.ts';
import { account, fn, deployment, get, summary, openControl } from '../../test/harness/control-rig.ts';

test('a deployment makes what it names, says so, and changes nothing the second time', async (context) => {
  const { json, registry, bindings, engines, events, bundle } = await openControl(context);
  const wanted = deployment({
    functions: [
      fn('hello', bundle, {
        url: true,
        sources: [get, { kind: 'bucket', bucket: 'pics', events: ['ObjectCreated:*'], prefix: '', suffix: '.jpg' }],
      }),
    ],
    buckets: [{ name: 'pics' }],
    queues: [{ name: 'jobs', visibilityMs: 30_000, redrive: { deadLetterQueue: 'jobs-dead', receivesMax: 3 } }],
  });
  const planned = await json('POST', '/_mayfly/deployments?plan=1', wanted);
  assert.deepEqual(registry.list(account), [], 'a plan does nothing');
  assert.equal(engines.buckets.size + engines.queues.size, 0);

  const { value } = await json('POST', '/_mayfly/deployments', wanted);
  assert.match(value.changes[2].detail, /^version 1, 0\.1 kB$/);
  assert.deepEqual(summary(value.changes), [
    'created bucket pics: ',
    'created queue jobs: visibility 30 s, after 3 receives to jobs-dead',
    'created function hello: version 1, 0.1 kB',
    'created source hello: GET /hello',
    'created source hello: bucket pics (ObjectCreated:*) ….jpg',
  ]);
  assert.deepEqual(summary(planned.value.changes), summary(value.changes));
  const { urlId } = registry.get(account, 'hello')?.extras.urls['live'] ?? assert.fail();
  assert.deepEqual(value.changes[2].urls, [
    'http://127.0.0.1:8080/hello',
    `http://${urlId}.lambda-url.us-east-1.localhost:8080/`,
  ]);
  assert.equal(registry.resolve(account, 'hello', 'live', 'r' as RequestId)?.version.version, '1');
  assert.deepEqual(
    bindings.list(account).map(({ qualifier, application }) => [qualifier, application]),
    [
      ['live', 'shop'],
      ['live', 'shop'],
    ],
  );

  const again = await json('POST', '/_mayfly/deployments', wanted);
  assert.ok(again.value.changes.every(({ action }: Change) => action === 'unchanged'));
  assert.deepEqual(
    events
      .filter(({ kind }) => kind === 'deployment.applied')
      .map((event) => event.kind === 'deployment.applied' && event.changes),
    [5, 0],
  );
});

test('a topic is made with the application, and bound with a filter that is one', async (context) => {
  const { json, bindings, engines, bundle } = await openControl(context);
  const deploy = (filter: string) =>
    json(
      'POST',
      '/_mayfly/deployments',
      deployment({
        functions: [
          fn('hello', bundle, { sources: [{ kind: 'topic', topic: 'news', filter, filterScope: 'attributes' }] }),
        ],
        topics: [{ name: 'news' }],
      }),
    );
  const wrong = await deploy('{"a":{"b":["c"]}}');
  assert.match(wrong.value.error.message, /^functions.hello.sources\[0\].filter: .*nested filter policy/);
  const { value } = await deploy('{"kind":["order"]}');
  assert.deepEqual(summary(value.changes), [
    'created topic news: ',
    'created function hello: version 1, 0.1 kB',
    'created source hello: topic news {"kind":["order"]}',
  ]);
  assert.deepEqual([...engines.topics], ['news']);
  assert.deepEqual(
    bindings.ofKind('topic').map(({ source }) => source.topic),
    ['news'],
  );
  assert.deepEqual((await json('GET', '/_mayfly/topics')).value, { topics: [{ name: 'news', subscriptions: 0 }] });
});

test('a bus is made with the application, and goes with it unless it has rules', async (context) => {
  const { json, bindings, engines, bundle } = await openControl(context);
  const deploy = (bus: string) =>
    json(
      'POST',
      '/_mayfly/deployments',
      deployment({
        functions: [fn('hello', bundle, { sources: [{ kind: 'bus', bus: 'orders', pattern: '{"source":["shop"]}' }] })],
        buses: [{ name: bus }, { name: 'audit' }],
      }),
    );
  const wrong = await deploy('or/ders');
  assert.match(wrong.value.error.message, /^buses\[0\].name: 'or\/ders' is no event bus's name/);
  const { value } = await deploy('orders');
  assert.deepEqual(summary(value.changes), [
    'created bus orders: ',
    'created bus audit: ',
    'created function hello: version 1, 0.1 kB',
    'created source hello: events of orders {"source":["shop"]}',
  ]);
  assert.deepEqual(
    bindings.ofKind('bus').map(({ source }) => source.bus),
    ['orders'],
  );
  assert.deepEqual((await json('GET', '/_mayfly/buses')).value, {
    buses: [
      { name: 'orders', rules: 0 },
      { name: 'audit', rules: 0 },
    ],
  });
  engines.full.add('audit');
  const gone = await json('POST', '/_mayfly/deployments', deployment({ functions: [] }));
  assert.deepEqual(summary(gone.value.changes), [
    'removed source hello: events of orders {"source":["shop"]}',
    'removed function hello: with 1 version',
    'removed bus orders: ',
    'unchanged bus audit: left the application but stays: it holds rules',
  ]);
});

test('tables of a deployment are made, changed, and left where they hold something', async (context) => {
  const { json, engines } = await openControl(context);
  const key = { partition: { name: 'id', type: 'S' } };
  const orders = { name: 'orders', key, indexes: [{ name: 'by-day', key, projection: { kind: 'ALL' } }] };
  const deploy = async (...tables: object[]): Promise<string[]> => {
    const { value } = await json('POST', '/_mayfly/deployments', { ...deployment({}), tables });
    return summary(value.changes);
  };
  assert.deepEqual(await deploy(orders, { name: 'old', key, indexes: [] }, { name: 'full', key, indexes: [] }), [
    'created table orders: key id, 1 index',
    'created table old: key id',
    'created table full: key id',
  ]);
  engines.full.add('full');
  assert.deepEqual(await deploy({ ...orders, expires: 'until' }), [
    'updated table orders: key id, 1 index',
    'removed table old: ',
    'unchanged table full: left the application but stays: it holds items',
  ]);
  assert.deepEqual((await json('GET', '/_mayfly/tables')).value, {
    tables: ['orders', 'full'].map((name) => ({ name, items: 0, bytes: 0, indexes: 0 })),
  });
  const sort = { name: 'at', type: 'text' };
  const wrong = await json('POST', '/_mayfly/deployments', {
    ...deployment({}),
    tables: [{ ...orders, key: { ...key, sort } }],
  });
  assert.equal(wrong.status, 400);
  assert.match(JSON.stringify(wrong.value), /tables\.orders\.key\.sort\.type/);
});

test('what leaves the application is removed, except buckets and queues that hold something', async (context) => {
  const { json, registry, bindings, engines, bundle } = await openControl(context);
  const queue = (name: string): DeployedQueue => ({ name, visibilityMs: 30_000 });
  await json(
    'POST',
    '/_mayfly/deployments',
    deployment({
      functions: [fn('hello', bundle, { sources: [get] }), fn('old', bundle)],
      buckets: [{ name: 'pics' }, { name: 'empty' }],
      queues: [queue('jobs')],
      topics: [{ name: 'news' }],
    }),
  );
  engines.full.add('pics');
  const { value } = await json(
    'POST',
    '/_mayfly/deployments',
    deployment({ functions: [fn('hello', bundle, { sources: [{ ...get, path: '/hi' }] })] }),
  );
  assert.deepEqual(summary(value.changes), [
    'unchanged function hello: version 1',
    'created source hello: GET /hi',
    'removed source hello: GET /hello',
    'removed function old: with 1 version',
    'removed queue jobs: ',
    'removed topic news: ',
    'unchanged bucket pics: left the application but stays: it holds objects',
    'removed bucket empty: ',
  ]);
  assert.deepEqual([...engines.buckets], ['pics']);
  assert.deepEqual(
    registry.list(account).map(({ name }) => name),
    ['hello'],
  );
  assert.deepEqual((await json('GET', '/_mayfly/deployments')).value, {
    applications: [{ application: 'shop', functions: ['hello'] }],
  });

  const removed = await json('DELETE', '/_mayfly/deployments/shop');
  assert.deepEqual(summary(removed.value.changes), [
    'removed source hello: GET /hi',
    'removed function hello: with 1 version',
  ]);
  assert.deepEqual(bindings.list(account), []);
  assert.deepEqual((await json('GET', '/_mayfly/deployments')).value, { applications: [] });
  assert.equal((await json('DELETE', '/_mayfly/deployments/shop')).status, 404);
});

test('what another application has is refused, both named, and nothing is done', async (context) => {
  const { json, bundle, engines } = await openControl(context);
  await json(
    'POST',
    '/_mayfly/deployments',
    deployment({ functions: [fn('hello', bundle, { sources: [{ ...get, path: '/users/{id}' }] })] }),
  );
  const other = (change: Partial<Deployment>) =>
    json(
      'POST',
      '/_mayfly/deployments',
      deployment({ application: 'blog', buckets: [{ name: 'new-one' }], ...change }),
    );
  const route = await other({ functions: [fn('post', bundle, { sources: [{ ...get, path: '/users/{name}' }] })] });
  assert.equal(route.status, 409);
  assert.equal(route.value.error.code, 'already_exists');
  assert.match(
    route.value.error.message,
    /GET \/users\/\{id\} of function 'post' \(application 'blog'\) is taken by function 'hello' of application 'shop'/,
  );
  const name = await other({ functions: [fn('hello', bundle)] });
  assert.match(name.value.error.message, /'hello' of application 'blog'.*application 'shop' has/);
  assert.equal(name.value.error.field, 'functions.hello');
  assert.equal(engines.buckets.size, 0);
});

test('resources of another application are used, not taken over and not removed', async (context) => {
  const { json, engines } = await openControl(context);
  await json(
    'POST',
    '/_mayfly/deployments',
    deployment({ buckets: [{ name: 'pics' }], queues: [{ name: 'jobs', visibilityMs: 60_000 }] }),
  );
  const blog = deployment({
    application: 'blog',
    buckets: [{ name: 'pics' }],
    queues: [{ name: 'jobs', visibilityMs: 30_000 }],
  });
  assert.deepEqual(summary((await json('POST', '/_mayfly/deployments', blog)).value.changes), [
    "unchanged bucket pics: belongs to application 'shop'",
    "unchanged queue jobs: belongs to application 'shop', which says how it is set",
  ]);
  await json('DELETE', '/_mayfly/deployments/blog');
  assert.deepEqual([[...engines.buckets], [...engines.queues.keys()]], [['pics'], ['jobs']]);
});

test('a bucket that was there before is not the application’s to remove', async (context) => {
  const { json, engines } = await openControl(context);
  engines.buckets.add('mine');
  await json('POST', '/_mayfly/deployments', deployment({ buckets: [{ name: 'mine' }] }));
  await json('POST', '/_mayfly/deployments', deployment({}));
  assert.deepEqual([...engines.buckets], ['mine']);
});

test('a deployment that failed half way is finished by the next', async (context) => {
  const { json, engines, bundle } = await openControl(context);
  const put = engines.parts.queues.put;
  engines.parts.queues.put = () => Promise.reject(new Error('disk full'));
  const wanted = deployment({
    functions: [fn('hello', bundle)],
    buckets: [{ name: 'pics' }],
    queues: [{ name: 'jobs', visibilityMs: 1_000 }],
  });
  await assert.rejects(json('POST', '/_mayfly/deployments', wanted), /disk full/);
  engines.parts.queues.put = put;
  const { value } = await json('POST', '/_mayfly/deployments', wanted);
  assert.deepEqual(summary(value.changes).slice(0, 2), [
    'unchanged bucket pics: ',
    'created queue jobs: visibility 1 s',
  ]);
  await json('DELETE', '/_mayfly/deployments/shop');
  assert.deepEqual([...engines.buckets], [], 'the bucket of the failed try is the application’s');
});

test('two deployments at once are done one after the other', async (context) => {
  const { json, registry, bundle } = await openControl(context);
  const deploy = (memoryMb: number) =>
    json(
      'POST',
      '/_mayfly/deployments',
      deployment({ functions: [fn('hello', bundle, { sources: [get] }, { memoryMb })] }),
    );
  const answers = await Promise.all([128, 256, 512, 1024].map(deploy));
  assert.deepEqual(
    answers.map(({ value }) => value.changes[0].detail.split(',')[0]),
    ['version 1', 'version 1 → 2', 'version 2 → 3', 'version 3 → 4'],
  );
  assert.equal(registry.resolve(account, 'hello', 'live', 'r' as RequestId)?.version.version, '4');
});

test('a deployment that is wrong says which field', async (context) => {
  const { json, bundle } = await openControl(context);
  const refusal = async (body: unknown) => {
    const { status, value } = await json('POST', '/_mayfly/deployments', body);
    return [status, value.error.code, value.error.field];
  };
  const withSource = (source: object) =>
    deployment({ functions: [fn('hello', bundle, { sources: [source as never] })] });
  assert.deepEqual(await refusal({}), [400, 'invalid_argument', 'application']);
  assert.deepEqual(await refusal(deployment({ functions: [fn('hello', bundle, {}, { memoryMb: 1 })] })), [
    400,
    'invalid_argument',
    'functions.hello.settings.memoryMb',
  ]);
  assert.deepEqual(await refusal(deployment({ functions: [fn('hello', 'f'.repeat(64) as BundleHash)] })), [
    404,
    'not_found',
    'functions.hello.settings.bundle',
  ]);
  assert.deepEqual(await refusal(withSource({ kind: 'pigeon' })), [
    400,
    'invalid_argument',
    'functions.hello.sources[0].kind',
  ]);
  assert.deepEqual(await refusal(withSource({ kind: 'http', method: 'FETCH', path: '/' })), [
    400,
    'invalid_argument',
    'functions.hello.sources[0].method',
  ]);
  assert.deepEqual(await refusal(withSource({ kind: 'http', method: 'GET', path: '/{a+}/b' })), [
    400,
    'invalid_argument',
    'functions.hello.sources[0].path',
  ]);
  assert.deepEqual(
    await refusal(withSource({ kind: 'schedule', expression: 'rate(0 minutes)', timeZone: 'UTC', enabled: true })),
    [400, 'invalid_argument', 'functions.hello.sources[0].expression'],
  );
  assert.deepEqual(await refusal(deployment({ buckets: [{ name: 'No_Bucket' }] })), [
    400,
    'invalid_argument',
    'buckets[0].name',
  ]);
  assert.deepEqual(await refusal(deployment({ buckets: [{ name: 'pics' }, { name: 'pics' }] })), [
    400,
    'invalid_argument',
    'buckets',
  ]);
  assert.deepEqual(await refusal(deployment({ queues: [{ name: 'jobs', visibilityMs: 43_200_001 }] })), [
    400,
    'invalid_argument',
    'queues.jobs.visibilityMs',
  ]);
  const redrives: [redrive: object, field: string][] = [
    [{ deadLetterQueue: 'dead' }, 'receivesMax'],
    [{ deadLetterQueue: 'dead', receivesMax: 1_001 }, 'receivesMax'],
    [{ receivesMax: 3 }, 'deadLetterQueue'],
    [{ deadLetterQueue: 'no queue', receivesMax: 3 }, 'deadLetterQueue'],
    [{ deadLetterQueue: 'jobs', receivesMax: 3 }, 'deadLetterQueue'],
  ];
  for (const [redrive, field] of redrives) {
    const queues = [{ name: 'jobs', visibilityMs: 30_000, redrive: redrive as never }];
    assert.deepEqual(await refusal(deployment({ queues })), [400, 'invalid_argument', `queues.jobs.redrive.${field}`]);
  }
  const bucket = { kind: 'bucket', bucket: 'pics', prefix: '', suffix: '' };
  for (const events of [[], ['ObjectCreated:Fly'], ['s3:ObjectCreated:*'], [5]]) {
    const [status, code, field] = await refusal(withSource({ ...bucket, events }));
    assert.deepEqual([status, code], [400, 'invalid_argument']);
    assert.match(field, /^functions\.hello\.sources\[0\]\.events/);
  }
  const schedule = { kind: 'schedule', expression: 'rate(1 hour)', timeZone: 'UTC', enabled: true };
  assert.deepEqual(await refusal(withSource({ ...schedule, input: '{ no JSON' })), [
    400,
    'invalid_argument',
    'functions.hello.sources[0].input',
  ]);
  assert.deepEqual(
    await refusal(deployment({ functions: [fn('hello', bundle, {}, { environment: { _HANDLER: 'x' } })] })),
    [400, 'invalid_argument', 'functions.hello.settings.environment._HANDLER'],
  );
  assert.deepEqual(
    await refusal(
      deployment({ functions: [fn('a', bundle, { sources: [get] }), fn('b', bundle, { sources: [get] })] }),
    ),
    [400, 'invalid_argument', 'functions.b.sources'],
  );
  const { value } = await json('POST', '/_mayfly/deployments', '{"application": "shop", oops}');
  assert.match(value.error.message, /not JSON: .*(position|line|column)/);
});
