import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleSettings } from '../registry/example-settings.ts';
import type { RequestId, VersionId } from '../util/ids.ts';
import { account, fn, deployment, summary, openControl } from '../../test/harness/control-rig.ts';

test('changed code or settings make the next version live; a rollback goes back; deploying again goes forward', async (context) => {
  const { json, registry, bundle } = await openControl(context);
  const live = () => registry.resolve(account, 'hello', 'live', 'r' as RequestId)?.version;
  const deploy = (memoryMb: number) =>
    json('POST', '/_mayfly/deployments', deployment({ functions: [fn('hello', bundle, {}, { memoryMb })] }));
  await deploy(128);
  const { value } = await deploy(256);
  assert.deepEqual(summary(value.changes), ['updated function hello: version 1 → 2, 0.1 kB']);
  assert.equal(live()?.settings.memoryMb, 256);
  assert.deepEqual((await json('POST', '/_mayfly/functions/hello/rollback')).value, { from: '2', to: '1' });
  assert.equal(live()?.settings.memoryMb, 128);
  assert.deepEqual((await json('POST', '/_mayfly/functions/hello/rollback')).status, 409);
  assert.deepEqual(summary((await deploy(256)).value.changes), ['updated function hello: version 1 → 2, 0.1 kB']);
  assert.equal(live()?.version, '2');
});

test('a deployment lets go of versions that no rollback comes back to, except those that something names', async (context) => {
  // By its ARN, from outside of the registry, for as long as that is there.
  const named = new Set(['4']);
  const { json, registry, bundle } = await openControl(context, {
    isNamedElsewhere: async (_, name, version) => name === 'hello' && named.has(version),
  });
  const deploy = (memoryMb: number) =>
    json('POST', '/_mayfly/deployments', deployment({ functions: [fn('hello', bundle, {}, { memoryMb })] }));
  const versions = async () => (await registry.versions(account, 'hello')).map(({ version }) => Number(version));
  for (let made = 1; made <= 21; made += 1) await deploy(128 + made);
  assert.equal((await versions()).length, 21, 'the live one, and twenty to go back to');
  await registry.pointAlias(account, 'hello', 'stable', '2' as VersionId);
  await registry.edit(account, 'hello', ({ extras }) => ({
    ...extras,
    provisioned: { ...extras.provisioned, ['3' as VersionId]: { count: 1, modifiedMs: 0 } },
  }));
  for (let made = 22; made <= 26; made += 1) await deploy(128 + made);
  assert.deepEqual(
    (await versions()).toSorted((one, other) => one - other),
    [2, 3, 4, ...Array.from({ length: 21 }, (_, at) => at + 6)],
  );
  named.clear();
  await deploy(128 + 27);
  assert.ok(!(await versions()).includes(4));
  for (let back = 0; back < 20; back += 1)
    assert.equal((await json('POST', '/_mayfly/functions/hello/rollback')).status, 200, `${back}`);
  assert.equal(registry.resolve(account, 'hello', 'live', 'r' as RequestId)?.version.settings.memoryMb, 128 + 7);
  assert.equal((await json('POST', '/_mayfly/functions/hello/rollback')).status, 409);
});

test('a deployment never removes what somebody published himself, also when `live` was there, or a deployment had made it', async (context) => {
  const { json, registry, bundle } = await openControl(context);
  const deploy = (memoryMb: number) =>
    json('POST', '/_mayfly/deployments', deployment({ functions: [fn('hello', bundle, {}, { memoryMb })] }));
  const versions = async () => (await registry.versions(account, 'hello')).map(({ version }) => Number(version));
  await deploy(128);
  await deploy(129);
  assert.equal((await registry.publish(account, 'hello')).version, '2', 'made by the deployment, and now his');
  await registry.put(account, 'hello', exampleSettings({ bundle, memoryMb: 130 }), {});
  assert.equal((await registry.publish(account, 'hello')).version, '3');
  await registry.pointAlias(account, 'hello', 'live', '3' as VersionId);
  await deploy(130);
  for (let made = 0; made < 24; made += 1) await deploy(200 + made);
  assert.deepEqual(await versions(), [2, 3, ...Array.from({ length: 21 }, (_, at) => at + 7)]);
});

test('a function that no deployment made has nothing to roll back to, and is told what has', async (context) => {
  const { registry, bundle, json } = await openControl(context);
  const { settings } = fn('handmade', bundle);
  await registry.put(account, 'handmade', settings, {});
  const { status, value } = await json('POST', '/_mayfly/functions/handmade/rollback');
  assert.equal(status, 409);
  assert.match(value.error.message, /has no alias 'live', which deployments move; .* aws lambda update-alias$/);
});

test('environments are kept ready as the deployment says, and no longer when it says nothing', async (context) => {
  const { registry, bundle, json } = await openControl(context);
  const deploy = async (provisioned?: number): Promise<string[]> => {
    const given = provisioned === undefined ? {} : { provisioned };
    const { value } = await json(
      'POST',
      '/_mayfly/deployments',
      deployment({ functions: [fn('hello', bundle, given)] }),
    );
    return summary(value.changes);
  };
  const counts = () =>
    Object.entries(registry.get(account, 'hello')?.extras.provisioned ?? {}).map(([name, { count }]) => [name, count]);
  await deploy(2);
  assert.deepEqual(counts(), [['live', 2]]);
  assert.deepEqual(await deploy(2), ['unchanged function hello: version 1']);
  await registry.edit(account, 'hello', ({ extras }) => ({
    ...extras,
    provisioned: { ...extras.provisioned, other: { count: 5, modifiedMs: 0 } },
  }));
  assert.deepEqual(await deploy(3), ['updated function hello: version 1, 0.1 kB']);
  assert.deepEqual(counts(), [
    ['other', 5],
    ['live', 3],
  ]);
  await deploy();
  assert.deepEqual(counts(), [['other', 5]], 'what was configured for another qualifier stays');
});

test('more is not kept ready than the account has, or the function itself', async (context) => {
  const { registry, bundle, json } = await openControl(context);
  const deploy = async (first: number, second: number) => {
    const functions = [fn('first', bundle, { provisioned: first }), fn('second', bundle, { provisioned: second })];
    const { status, value } = await json('POST', '/_mayfly/deployments', deployment({ functions }));
    return status === 200 ? 'applied' : value.error;
  };
  assert.equal(await deploy(600, 300), 'applied');
  assert.equal(await deploy(300, 600), 'applied', 'what was kept before makes room');
  const { field, message } = await deploy(300, 601);
  assert.equal(field, 'functions.second.provisioned');
  assert.match(
    message,
    /keeps 601 ready; together with what else is set aside that is 901 .* at most 900 are accepted$/,
  );
  await registry.edit(account, 'first', ({ extras }) => ({ ...extras, reservedConcurrency: 10 }));
  assert.match((await deploy(11, 0)).message, /keeps 11 ready; at most the 10 that are reserved for it are accepted/);
  assert.equal(await deploy(10, 890), 'applied');
});

test('live moves to a new version once what is to be kept ready of it is, and not before', async (context) => {
  const seen: unknown[] = [];
  const { registry, bundle, json } = await openControl(context, {
    provisioned: async (_account, name, version) => {
      const { aliases, extras } = registry.get(account, name) ?? {};
      seen.push([version, aliases?.['live']?.version, extras?.provisioned[version]?.count]);
    },
  });
  const deploy = (memoryMb: number) =>
    json(
      'POST',
      '/_mayfly/deployments',
      deployment({ functions: [fn('hello', bundle, { provisioned: 2 }, { memoryMb })] }),
    );
  await deploy(128);
  assert.deepEqual(seen, [], 'nobody calls a function that was not there');
  await deploy(256);
  assert.deepEqual(seen, [['2', '1', 2]]);
  const { aliases, extras } = registry.get(account, 'hello') ?? {};
  assert.equal(aliases?.['live']?.version, '2');
  assert.deepEqual(Object.keys(extras?.provisioned ?? {}), ['live']);
});

test('layers that a deployment names are those that are published, by their content', async (context) => {
  const { registry, layers, bundle, json } = await openControl(context);
  const { arn } = await layers.publish(account, 'tools', { bundle, zipBytes: 7 });
  const deploy = (...arns: string[]) =>
    json('POST', '/_mayfly/deployments', deployment({ functions: [fn('hello', bundle, { layers: arns })] }));
  assert.deepEqual(summary((await deploy(arn)).value.changes), ['created function hello: version 1, 0.1 kB']);
  assert.deepEqual(registry.get(account, 'hello')?.latest.settings.layers, [{ arn, bundle, zipBytes: 7 }]);
  assert.deepEqual(summary((await deploy(arn)).value.changes), ['unchanged function hello: version 1']);
  assert.deepEqual(summary((await deploy()).value.changes), ['updated function hello: version 1 → 2, 0.1 kB']);
  assert.equal(registry.get(account, 'hello')?.latest.settings.layers, undefined);

  const missing = await deploy(`${arn}9`);
  assert.equal(missing.status, 404);
  assert.equal(missing.value.error.field, 'functions.hello.layers[0]');
  assert.match(missing.value.error.message, /uses the layer .*:tools:19, which is not here; publish it first/);
  const twice = await deploy(arn, `${arn}9`);
  assert.equal(twice.value.error.field, 'functions.hello.layers[1]');
  assert.match(twice.value.error.message, /uses the layer .*:layer:tools twice; accepted: one version of it$/);
});

test('a runtime that the machine does not have is refused, with what to do and what there is', async (context) => {
  const { json, bundle } = await openControl(context);
  const wanted = deployment({ functions: [fn('hello', bundle, {}, { runtime: 'python3.8' })] });
  const { status, value } = await json('POST', '/_mayfly/deployments', wanted);
  assert.equal(status, 400);
  assert.deepEqual(value.error, {
    code: 'invalid_argument',
    message:
      "function 'hello' asks for the runtime python3.8, which is not here: it is not there; run 'mayfly runtimes install python3.8'; this machine has python",
    field: 'functions.hello.settings.runtime',
  });
});

test('a private service that the platform does not have is refused, planned or done, with those that it has', async (context) => {
  const { json, bundle, engines } = await openControl(context, { privateServices: ['orders-db', 'cache'] });
  const wanting = (...services: string[]) =>
    deployment({
      functions: [fn('hello', bundle, {}, { network: { egress: [], private: services } })],
      buckets: [{ name: 'pics' }],
    });
  for (const query of ['', '?plan=1']) {
    const { status, value } = await json('POST', `/_mayfly/deployments${query}`, wanting('cache', 'order-db'));
    assert.equal(status, 400);
    assert.deepEqual(value.error, {
      code: 'invalid_argument',
      message:
        "function 'hello' is attached to the private service 'order-db', which this platform does not have: it has orders-db, cache. Did you mean orders-db?",
      field: 'functions.hello.network.private[1]',
    });
  }
  assert.equal(engines.buckets.size, 0);
  assert.equal((await json('POST', '/_mayfly/deployments', wanting('cache', 'orders-db'))).status, 200);

  const none = await openControl(context);
  const { value } = await none.json('POST', '/_mayfly/deployments', wanting('cache'));
  assert.match(value.error.message, /it has none; its operator names them \(mayfly serve --private-services/);
});
