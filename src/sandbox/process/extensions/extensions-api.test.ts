/** The Extensions API over HTTP: what is refused, and that a refusal changes nothing. */
import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { resolvedFunction } from '../../../../test/fakes/resolved.ts';
import { FakeClock } from '../../../util/fake-clock.ts';
import type { EnvironmentId } from '../../../util/ids.ts';
import type { FunctionError } from '../../sandbox.ts';
import { EnvironmentExtensions } from './environment-extensions.ts';
import { InsideApi } from './inside-api.ts';

/** An environment without external extensions, whose code is loading, as the function's own code sees it. */
async function open(t: TestContext) {
  const failures: FunctionError[] = [];
  const extensions = new EnvironmentExtensions({
    environmentId: 'e-1' as EnvironmentId,
    external: [],
    clock: new FakeClock(),
    api: new InsideApi(),
    runtimeApi: undefined,
    output: () => {},
    failed: (error) => failures.push(error),
    runtimeExited: () => {},
    lost: () => {},
  });
  const server = createServer({ allowHalfOpen: true }, (socket) => extensions.accept(socket)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => {
    extensions.close();
    server.close();
  });
  const { version } = resolvedFunction('tried');
  extensions.init({ version, bundlePath: '/nowhere', variables: {}, timeoutMs: 1 }, {}, () => {});
  const { port } = server.address() as AddressInfo;
  const call = async (method: string, path: string, headers: Record<string, string> = {}, body?: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: JSON.parse(text) as Record<string, unknown> };
  };
  const register = (name: string, events: unknown = ['INVOKE']) =>
    call('POST', '/2020-01-01/extension/register', { 'lambda-extension-name': name }, JSON.stringify({ events }));
  return { call, extensions, failures, register };
}

const identifierOf = ({ headers }: { headers: Headers }): string => headers.get('lambda-extension-identifier') ?? '';
const refusal = ({ status, body }: { status: number; body: Record<string, unknown> }) => [status, body['errorType']];

test('what cannot register is told why', async (t) => {
  const { call, extensions, register } = await open(t);
  assert.deepEqual(refusal(await register('')), [403, 'Extension.InvalidExtensionName']);
  assert.deepEqual(refusal(await register('x'.repeat(129))), [403, 'Extension.InvalidExtensionName']);
  for (const events of ['INVOKE', [1], { INVOKE: true }])
    assert.deepEqual(refusal(await register('a', events)), [403, 'InvalidRequestFormat']);
  const name = { 'lambda-extension-name': 'a' };
  for (const body of ['', '[]', '{"configurationKeys": ["a"]}', ' '.repeat(65_537)])
    assert.deepEqual(refusal(await call('POST', '/2020-01-01/extension/register', name, body)), [
      403,
      'InvalidRequestFormat',
    ]);
  assert.deepEqual((await register('a', ['SLEEP'])).body, {
    errorMessage: 'SLEEP: ErrorInvalidEventType',
    errorType: 'Extension.InvalidEventType',
  });
  assert.deepEqual((await register('a', ['SHUTDOWN'])).body, {
    errorMessage: 'SHUTDOWN: ShutdownEventNotSupportedForInternalExtension',
    errorType: 'Extension.InvalidEventType',
  });
  assert.equal(extensions.arePresent, false);
});

test('ten may register, each name once, and nobody after the initialisation', async (t) => {
  const { extensions, register } = await open(t);
  for (let count = 0; count < 10; count += 1) assert.equal((await register(`e${count}`)).status, 200);
  assert.deepEqual(refusal(await register('e10')), [403, 'Extension.TooManyExtensions']);
  assert.deepEqual(refusal(await register('e0')), [403, 'Extension.InvalidExtensionState']);
  const closed = await open(t);
  closed.extensions.loaded(
    () => 1,
    () => {},
  );
  assert.deepEqual(refusal(await closed.register('late')), [403, 'Extension.RegistrationClosed']);
  assert.equal(extensions.arePresent, true);
});

test('identifiers are asked for, and must be known', async (t) => {
  const { call, register } = await open(t);
  await register('a');
  const next = '/2020-01-01/extension/event/next';
  const wrong = [
    [{}, 'Extension.MissingExtensionIdentifier'],
    [{ 'lambda-extension-identifier': 'a' }, 'Extension.InvalidExtensionIdentifier'],
    [{ 'lambda-extension-identifier': '01234567-0123-0123-0123-0123456789ab' }, 'Extension.UnknownExtensionIdentifier'],
  ] as const;
  for (const [headers, errorType] of wrong) {
    assert.deepEqual(refusal(await call('GET', next, headers)), [403, errorType]);
    assert.deepEqual(refusal(await call('PUT', '/2022-07-01/telemetry', headers, '{}')), [403, errorType]);
  }
});

test('one `next` at a time; who says that it failed ends the environment', async (t) => {
  const { call, extensions, failures, register } = await open(t);
  const me = { 'lambda-extension-identifier': identifierOf(await register('a')) };
  const waits = call('GET', '/2020-01-01/extension/event/next', me).catch(() => undefined);
  // The second comes over a connection of its own, and only when the first is there.
  while (extensions.areBusy) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(refusal(await call('GET', '/2020-01-01/extension/event/next', me)), [
    403,
    'Extension.InvalidExtensionState',
  ]);
  assert.deepEqual(refusal(await call('POST', '/2020-01-01/extension/init/error', me)), [
    403,
    'Extension.MissingHeader',
  ]);
  const why = { ...me, 'lambda-extension-function-error-type': 'Extension.NoKey' };
  const told = await call('POST', '/2020-01-01/extension/init/error', why, '{}');
  assert.deepEqual([told.status, told.body], [202, { status: 'OK' }]);
  assert.deepEqual(failures, [{ errorType: 'Extension.InitError', errorMessage: 'Extension.NoKey' }]);
  void waits;
});

test('what is not there is refused by name', async (t) => {
  const { call, register } = await open(t);
  const me = { 'lambda-extension-identifier': identifierOf(await register('a')) };
  for (const [method, path, expected] of [
    ['GET', '/2020-01-01/extension/register', [404, 'NotFound']],
    ['POST', '/2020-01-01/extension/event/next', [404, 'NotFound']],
    ['GET', '/', [404, 'NotFound']],
    ['GET', '/2018-06-01/runtime/invocation/next', [403, 'InvalidStateTransition']],
    ['PUT', '/2020-08-15/logs', [403, 'Logs.NotSupported']],
    ['PUT', '/2022-07-01/telemetry', [403, 'Telemetry.NotSupported']],
    ['POST', '/2022-07-01/telemetry', [405, 'MethodNotAllowed']],
  ] as const)
    assert.deepEqual(refusal(await call(method, path, me)), expected, `${method} ${path}`);
});
