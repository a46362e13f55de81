import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import { channelFd, handOverAnswer, handOverFd } from '../process.ts';
import { reserved } from './plan-load.ts';
import { waiterProgram } from './waiter-program.ts';

const skip = process.arch === 'x64' ? false : 'the program is for x86-64';
const booted = Buffer.from('up and waiting');

/** Two that nobody listens on just now. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()] as const;
  for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening');
  const [first, second] = servers.map((server) => (server.address() as AddressInfo).port) as [number, number];
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  return [first, second];
}

async function run(ports: [string, number][]) {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-waiter-'));
  const path = join(folder, 'waiter');
  const program = waiterProgram({
    channelFd,
    handOverFd,
    freeFd: handOverFd + 1,
    ports,
    handOverAnswer,
    booted,
    reserved,
  });
  await writeFile(path, program, { mode: 0o755 });
  // As a platform does, Node.js gives its children a channel at 4 by which they hand over sockets.
  const child = spawn(path, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'ipc'] });
  const ended = once(child, 'exit').finally(() => void rm(folder, { recursive: true }));
  return { child, channel: child.stdio[channelFd] as Readable & Writable, ended };
}

test('it hands over its listening sockets, says that it is up, and ends with its channel', { skip }, async () => {
  const [api, runtimeApi] = await freePorts();
  const ports: [string, number][] = [
    ['api', api],
    ['runtime-api', runtimeApi],
  ];
  const { child, channel, ended } = await run(ports);
  const handles: [string, Server][] = [];
  child.on('message', (message: { listen: string }, handle) => {
    const server = createServer().listen(handle);
    handles.push([message.listen, server]);
  });
  const [said] = (await once(channel, 'data')) as [Buffer];
  assert.deepEqual(said, booted);
  assert.deepEqual(
    handles.map(([name, server]) => [name, (server.address() as AddressInfo).port]),
    ports,
  );
  for (const [, server] of handles) server.close();
  assert.equal(child.exitCode, null);
  channel.end();
  assert.deepEqual(await ended, [0, null]);
});

test('it ends where anything is another way than it must be', { skip }, async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { ended } = await run([['api', (server.address() as AddressInfo).port]]);
  assert.deepEqual(await ended, [null, 'SIGTRAP']);
  server.close();
});
