/** Spawns without limits, in a network namespace of its own only: enough to talk to runtimes. */
import { spawn } from 'node:child_process';
import { createServer, type Server, type Socket } from 'node:net';
import type { Isolation, IsolatedProcess, ProcessSpec } from '../../src/sandbox/process/process.ts';

export function bareIsolation(): Isolation {
  return {
    attachesCode: false,
    spawn: (spec) => Promise.resolve(start(spec)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function start(spec: ProcessSpec): IsolatedProcess {
  const binds = spec.mounts.flatMap(({ from, to }) => ['--ro-bind', from, to]);
  const child = spawn(
    'bwrap',
    ['--dev-bind', '/', '/', '--unshare-net', '--unshare-pid', '--proc', '/proc', '--die-with-parent', '--tmpfs', '/var', '--ro-bind', spec.bundlePath ?? '/nowhere', '/var/task', ...binds, '--', ...spec.command],
    { stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'ipc'], env: { ...spec.variables } },
  );
  const servers: Server[] = [];
  const named = new Map<string, (server: Server) => void>();
  const early = new Map<string, Server>();
  child.on('message', (message: { listen: string }, handle) => {
    const server = createServer({ allowHalfOpen: true }).listen(handle);
    servers.push(server);
    const waiting = named.get(message.listen);
    if (waiting) waiting(server);
    else early.set(message.listen, server);
  });
  return {
    channel: child.stdio[3] as Socket,
    stdout: child.stdout!,
    stderr: child.stderr!,
    handedOver: (name) => new Promise((resolve) => (early.has(name) ? resolve(early.get(name)!) : named.set(name, resolve))),
    attachCode: () => {},
    limit: () => {},
    usage: () => Promise.resolve({ memoryBytesMax: undefined, cpuMs: undefined }),
    kill: () => void child.kill('SIGKILL'),
    ended: new Promise((resolve) =>
      child.on('exit', (code, signal) => {
        for (const server of servers) server.close();
        resolve({ code: code ?? undefined, signal: signal ?? undefined, outOfMemory: false });
      }),
    ),
  };
}
