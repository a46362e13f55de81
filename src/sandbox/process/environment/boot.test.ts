import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { test } from 'node:test';
import { FakeClock } from '../../../util/fake-clock.ts';
import { TemplateNotLoaded } from '../../template-not-loaded.ts';
import type { IsolatedProcess } from '../process.ts';
import { Boot } from './boot.ts';

function begin(handedOver: (name: string) => Promise<Server> = () => Promise.resolve(createServer())) {
  const clock = new FakeClock();
  const said: string[] = [];
  const boot = new Boot({
    spec: { runtime: 'python' },
    process: { handedOver } as Partial<IsolatedProcess> as IsolatedProcess,
    clock,
    connected: () => void said.push('connected'),
    connectedInside: () => void said.push('connected inside'),
    late: () => void said.push('late'),
  });
  return { boot, clock, said };
}

test('connections to each of its sockets are told apart', async () => {
  const servers = new Map(['api', 'runtime-api'].map((name) => [name, createServer()]));
  const { boot, said } = begin((name) => Promise.resolve(servers.get(name) ?? assert.fail(name)));
  await boot.handedOver();
  servers.get('runtime-api')?.emit('connection');
  servers.get('api')?.emit('connection');
  assert.deepEqual(said, ['connected inside', 'connected']);
  assert.ok([...servers.values()].every(({ maxConnections }) => maxConnections > 0));
});

test('it is up without the Runtime API’s address, and not without the endpoint', async () => {
  const without = (missing: string) =>
    begin((name) => (name === missing ? Promise.reject(new Error(missing)) : Promise.resolve(createServer())));
  await without('runtime-api').boot.handedOver();
  await assert.rejects(without('api').boot.handedOver(), /api/);
});

test('it is late once, and neither when it is up nor when it is gone', async () => {
  const [late, up, gone] = [begin(), begin(), begin()];
  up.boot.succeeded();
  gone.boot.close();
  for (const { clock } of [late, up, gone]) await clock.advance(60_000);
  assert.deepEqual([late.said, up.said, gone.said], [['late'], [], []]);
  await up.boot.done;
});

test('why it is not up is said with what it printed first, and whether its image is to blame', async () => {
  const { boot } = begin();
  for (let line = 0; line < 1_000; line += 1) boot.printed(`line ${line}`);
  boot.failed({ status: 'exit', code: 3, signal: undefined });
  await assert.rejects(boot.done, (error: Error) => {
    assert.match(
      error.message,
      /the runtime python ended before it was up \(exit code 3\); it printed: line 0 \/ line 1/,
    );
    assert.doesNotMatch(error.message, /line 999/);
    return !(error instanceof TemplateNotLoaded);
  });
  const blamed = begin();
  blamed.boot.blameImage();
  blamed.boot.failed({ status: 'out_of_memory' });
  await assert.rejects(blamed.boot.done, TemplateNotLoaded);
  const up = begin();
  up.boot.succeeded();
  up.boot.failed({ status: 'timeout' });
  await up.boot.done;
});
