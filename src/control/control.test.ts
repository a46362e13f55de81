import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../identity/principal.ts';
import type { UsageRow } from '../metering/usage-row.ts';
import { exampleZip } from '../registry/example-zip.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { Telemetry } from '../telemetry/telemetry.ts';
import type { AccountId, EnvironmentId, FunctionArn, RequestId } from '../util/ids.ts';
import {
  account,
  administrator,
  settled,
  line,
  fn,
  deployment,
  get,
  bodyText,
  linesOf,
  openControl,
} from '../../test/harness/control-rig.ts';

test('functions are shown as they are, and with their history', async (context) => {
  const { json, bundle } = await openControl(context);
  await json(
    'POST',
    '/_mayfly/deployments',
    deployment({ functions: [fn('hello', bundle, { url: true, sources: [get] })] }),
  );
  const { value } = await json('GET', '/_mayfly/functions');
  const [view] = value.functions;
  assert.deepEqual(
    [
      view.name,
      view.application,
      view.runtime,
      view.version,
      view.versions,
      view.sources,
      view.environments,
      view.deadLetters,
      view.lastInvokedMs,
    ],
    ['hello', 'shop', 'python', '1', 1, ['GET /hello', 'url'], { busy: 1, idle: 2 }, 3, undefined],
  );
  assert.ok(view.codeBytes > 100);
  await json('POST', '/_mayfly/functions/hello/invocations', {});
  const one = await json('GET', '/_mayfly/functions/hello');
  assert.equal(one.value.lastInvokedMs, 5);
  assert.deepEqual(
    one.value.history.map(({ version, live }: { version: string; live: boolean }) => [version, live]),
    [['1', true]],
  );
  const missing = await json('GET', '/_mayfly/functions/hallo');
  assert.deepEqual(
    [missing.status, missing.value.error.message],
    [404, "there is no function 'hallo'; deployed: hello"],
  );
  assert.equal((await json('DELETE', '/_mayfly/functions/hello')).status, 200);
  assert.deepEqual((await json('GET', '/_mayfly/functions')).value, { functions: [] });
});

test('an invocation answers with its outcome and its own lines; as an event it is accepted', async (context) => {
  const { json, bundle, enqueued } = await openControl(context);
  await json('POST', '/_mayfly/deployments', deployment({ functions: [fn('hello', bundle)] }));
  const { value } = await json('POST', '/_mayfly/functions/hello/invocations', { name: 'Ada' });
  assert.deepEqual(
    [value.status, value.payload, value.version, value.billedMs, value.start, value.log],
    ['ok', { a: 1 }, '1', 2, 'warm', ['got {"name":"Ada"}']],
  );
  const recent = await json('GET', '/_mayfly/invocations?function=hello&limit=5');
  assert.equal(recent.value.invocations[0].requestId, value.requestId);

  const accepted = await json('POST', '/_mayfly/functions/hello/invocations?type=event', { name: 'Ada' });
  assert.equal(accepted.status, 202);
  const [event] = enqueued as [{ requestId: string; event: string; qualifier: string; source: string }];
  assert.deepEqual(
    [event.requestId, event.event, event.qualifier, event.source],
    [accepted.value.requestId, '{"name":"Ada"}', 'live', 'api'],
  );

  assert.equal((await json('POST', '/_mayfly/functions/hello/invocations', '{')).value.error.field, 'body');
  assert.equal((await json('POST', '/_mayfly/functions/hello/invocations?type=later', {})).value.error.field, 'type');
  assert.equal((await json('POST', '/_mayfly/functions/hello/invocations?type=event&qualifier=9', {})).status, 404);
  assert.equal(
    (await json('POST', '/_mayfly/functions/hello/invocations?type=event', `"${'x'.repeat(1024 * 1024)}"`)).status,
    413,
  );
});

const row: UsageRow = {
  requestId: 'r0',
  attempt: 1,
  timeMs: -1,
  functionName: 'hello',
  version: '1',
  source: 'http',
  status: 'ok',
  start: 'warm',
  memoryMb: 128,
  handlerUs: 1,
  initUs: 0,
  billedMs: 1,
  requestBytes: 1,
  responseBytes: 1,
};

test('invocations of before the start stand behind those since', async (context) => {
  const { json, telemetry } = await openControl(context, {
    logs: { read: async () => [line('START', { requestId: 'r0' as RequestId, timeMs: -2 })] },
    attempts: async (_, requestId) => (requestId === 'r0' ? [row] : []),
  });
  telemetry.emit(settled('hello', 'r1'));
  const idsOf = async (query: string): Promise<string[]> => {
    const { value } = await json('GET', `/_mayfly/invocations${query}`);
    return value.invocations.map(({ requestId }: { requestId: string }) => requestId);
  };
  assert.deepEqual(await idsOf(''), ['r1', 'r0']);
  assert.deepEqual(await idsOf('?limit=1'), ['r1']);
});

test('the last call of a function is known also from before the start, unless another one had its name then', async (context) => {
  const startedMs = new FakeClock().now() + 10_000;
  const { json, bundle, clock, telemetry } = await openControl(context, {
    startedMs,
    logs: {
      read: async ({ functionName = 'hello' }) => [
        line('START', { functionName, requestId: `of-${functionName}` as RequestId, timeMs: startedMs - 1 }),
      ],
    },
  });
  await json('POST', '/_mayfly/deployments', deployment({ functions: [fn('hello', bundle)] }));
  const lastOf = async (name: string) => (await json('GET', `/_mayfly/functions/${name}`)).value.lastInvokedMs;
  assert.equal(await lastOf('hello'), startedMs - 1);
  const { value } = await json('GET', '/_mayfly/functions');
  assert.equal(value.functions[0].lastInvokedMs, startedMs - 1);
  telemetry.emit({ ...settled('hello', 'r1'), timeMs: startedMs + 5 });
  assert.equal(await lastOf('hello'), startedMs + 5);
  await clock.advance(20_000);
  await json('POST', '/_mayfly/deployments', deployment({ functions: [fn('hello', bundle), fn('later', bundle)] }));
  assert.equal(await lastOf('later'), undefined);
});

test('of an account with more than a hundred functions, its last calls of before the start are looked at, and nothing is read for each', async (context) => {
  const startedMs = new FakeClock().now() + 10_000;
  const names: (string | undefined)[] = [];
  const { json, bundle } = await openControl(context, {
    startedMs,
    logs: {
      async read({ functionName }) {
        names.push(functionName);
        return [line('START', { functionName: 'f7', requestId: 'r7' as RequestId, timeMs: startedMs - 2 })];
      },
    },
    attempts: async (_, requestId) => [{ ...row, requestId, functionName: 'f7', timeMs: startedMs - 1 }],
  });
  const functions = Array.from({ length: 101 }, (_, number) => fn(`f${number}`, bundle));
  await json('POST', '/_mayfly/deployments', deployment({ functions }));
  const { value } = await json('GET', '/_mayfly/functions');
  const called = value.functions.filter(({ lastInvokedMs }: { lastInvokedMs?: number }) => lastInvokedMs !== undefined);
  assert.deepEqual(
    called.map(({ name, lastInvokedMs }: { name: string; lastInvokedMs: number }) => [name, lastInvokedMs]),
    [['f7', startedMs - 1]],
  );
  assert.deepEqual(names, [undefined]);
});

test('logs are read with their query, and followed without a gap or a repetition', async (context) => {
  const { ask, bundle, json, telemetry, logQueries } = await openControl(context);
  await json('POST', '/_mayfly/deployments', deployment({ functions: [fn('hello', bundle)] }));
  const stored = await linesOf(await ask('GET', '/_mayfly/functions/hello/logs?since=7&limit=3&request=r1'));
  assert.deepEqual(stored, [
    { timeMs: 1, functionName: 'hello', origin: 'function', text: 'stored', version: '1', environmentId: 'e1' },
  ]);
  assert.deepEqual(logQueries[0], { account, functionName: 'hello', sinceMs: 7, limit: 3, requestId: 'r1' });

  const stop = new AbortController();
  const response = await ask('GET', '/_mayfly/functions/*/logs?follow=1', undefined, { signal: stop.signal });
  assert.equal(logQueries[1]?.functionName, undefined);
  telemetry.emit(line('stored'));
  telemetry.emit(line('new', { functionName: 'other' }));
  telemetry.emit(line('not ours', { account: '111111111111' as AccountId }));
  const seen: string[] = [];
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    seen.push(JSON.parse(Buffer.from(chunk).toString()).text);
    if (seen.length === 2) telemetry.emit(line('later'));
    if (seen.length === 3) stop.abort();
  }
  assert.deepEqual(seen, ['stored', 'new', 'later']);
});

test('bills, usage, resources, doctor and metrics', async (context) => {
  const { json, ask, engines, bundle } = await openControl(context);
  assert.deepEqual((await json('GET', '/_mayfly/bill?month=2026-02')).value, { month: '2026-02', total: 0 });
  assert.equal((await json('GET', '/_mayfly/bill')).value.month, '2026-01');
  assert.equal((await json('GET', '/_mayfly/bill?month=13')).value.error.field, 'month');
  assert.deepEqual(await linesOf(await ask('GET', '/_mayfly/usage')), [{ a: 1 }, { a: 2 }]);
  await json(
    'POST',
    '/_mayfly/deployments',
    deployment({
      functions: [
        fn('tick', bundle, {
          sources: [{ kind: 'schedule', expression: 'rate(5 minutes)', timeZone: 'UTC', enabled: true }],
        }),
      ],
      buckets: [{ name: 'pics' }],
      queues: [{ name: 'jobs', visibilityMs: 1_000 }],
    }),
  );
  assert.deepEqual((await json('GET', '/_mayfly/buckets')).value, { buckets: [{ name: 'pics' }] });
  assert.equal((await json('GET', '/_mayfly/queues')).value.queues[0].name, 'jobs');
  assert.equal((await json('GET', '/_mayfly/schedules')).value.schedules[0].description, 'rate(5 minutes)');
  assert.deepEqual((await json('POST', '/_mayfly/queues/jobs/messages', { body: 'do it' })).value, { id: 'message-1' });
  assert.deepEqual(engines.sent, ['jobs: do it']);
  assert.equal((await json('POST', '/_mayfly/queues/none/messages', { body: 'x' })).status, 404);
  assert.equal((await json('POST', '/_mayfly/queues/jobs/messages', {})).value.error.field, 'body');
  assert.equal((await json('GET', '/_mayfly/doctor')).value.capabilities[0].name, 'namespaces');
  assert.equal((await ask('GET', '/_mayfly/metrics')).body, 'mayfly_up 1\n');
  assert.deepEqual((await json('GET', '/_mayfly/functions/tick/dead-letters')).value, {
    messages: [{ requestPayload: 1 }],
  });
});

test('bundles come by their hash', async (context) => {
  const { ask, json } = await openControl(context);
  const { zip, hash } = await exampleZip([{ path: 'a.txt', text: 'abc' }]);
  assert.equal((await ask('HEAD', `/_mayfly/bundles/${hash}`)).status, 404);
  assert.deepEqual((await json('PUT', `/_mayfly/bundles/${hash}`, zip)).value, { bytes: 3, files: 1 });
  assert.equal((await ask('HEAD', `/_mayfly/bundles/${hash}`)).status, 200);
  assert.equal((await json('PUT', `/_mayfly/bundles/${'0'.repeat(64)}`, zip)).value.error.code, 'invalid_argument');
  assert.equal((await json('PUT', '/_mayfly/bundles/nothing', zip)).value.error.field, 'hash');
});

test('only the administrator is let in; health is for all', async (context) => {
  const { ask } = await openControl(context);
  const code = async (target: string, principal: Principal) => {
    const response = await ask('GET', target, undefined, { principal });
    return [response.status, JSON.parse(bodyText(response)).error?.code];
  };
  const inside: Principal = {
    ...administrator,
    kind: 'function',
    functionArn: 'a' as FunctionArn,
    functionName: 'hello',
    environmentId: 'e' as EnvironmentId,
  };
  const nobody: Principal = { kind: 'anonymous', account, arn: '', accessKeyId: '' };
  assert.deepEqual(await code('/_mayfly/functions', inside), [403, 'permission_denied']);
  assert.deepEqual(await code('/_mayfly/nowhere', inside), [403, 'permission_denied']);
  assert.deepEqual(await code('/_mayfly/functions', nobody), [403, 'unauthenticated']);
  assert.deepEqual(await code('/_mayfly/nowhere', administrator), [404, 'not_found']);
  assert.deepEqual(await code('/_mayfly/health', nobody), [200, undefined]);
});

test('what is asked for with the wrong method says which are right', async (context) => {
  const { json } = await openControl(context);
  const { status, value } = await json('PATCH', '/_mayfly/functions/hello');
  assert.equal(status, 404);
  assert.equal(value.error.message, 'the admin API has no PATCH /_mayfly/functions/hello; accepted there: GET, DELETE');
  const nowhere = (await json('PATCH', '/_mayfly/nowhere')).value.error.message;
  assert.equal(nowhere, 'the admin API has no PATCH /_mayfly/nowhere');
});

test('bill, usage and logs are answered while the disk takes nothing', async (context) => {
  const full = new Telemetry();
  full.attach({ take: () => {}, flush: () => new Promise(() => {}) });
  const { ask } = await openControl(context, { telemetry: full });
  for (const what of ['bill', 'usage', 'functions/*/logs']) {
    assert.equal((await ask('GET', `/_mayfly/${what}`)).status, 200, what);
  }
});

test('reset exists in dev alone, a console token only where one is needed', async (context) => {
  const serve = await openControl(context, { issueConsoleToken: () => ({ token: 't', expiresMs: 9 }) });
  assert.equal((await serve.json('POST', '/_mayfly/reset')).status, 403);
  assert.deepEqual((await serve.json('POST', '/_mayfly/console-tokens')).value, {
    token: 't',
    expiresMs: 9,
    url: 'http://127.0.0.1:4566/_mayfly/console/#token=t',
  });
  let resets = 0;
  const dev = await openControl(context, { mode: 'dev', reset: async () => void resets++ });
  assert.deepEqual((await dev.json('POST', '/_mayfly/reset')).value, {});
  assert.equal(resets, 1);
  assert.equal((await dev.json('POST', '/_mayfly/console-tokens')).status, 409);
});
