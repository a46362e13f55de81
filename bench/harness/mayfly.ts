import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
const command = join(import.meta.dirname, '../../bin/mayfly');

export type Mayfly = AsyncDisposable & { api: string; http: string; data: string; pid: number; json(...words: string[]): Promise<unknown> };

/** The real thing, in a process of its own, on free ports and a folder of its own. */
export async function startMayfly(flags: readonly string[] = []): Promise<Mayfly> {
  const data = await mkdtemp(join(tmpdir(), 'mayfly-bench-'));
  const child = spawn(command, ['serve', '--data', data, '--api-port', '0', '--http-port', '0', '--json', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<never>((_resolve, reject) => child.once('exit', (code) => reject(new Error(`mayfly serve ended with code ${code}`))));
  ended.catch(() => {});
  const ready = new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
  const { apiPort, httpPort } = JSON.parse(await Promise.race([ready, ended])) as { apiPort: number; httpPort: number };
  return {
    api: `http://127.0.0.1:${apiPort}`,
    http: `http://127.0.0.1:${httpPort}`,
    data,
    pid: child.pid ?? 0,
    json: async (...words) => JSON.parse((await run(command, [...words, '--data', data, '--json'], { maxBuffer: 2 ** 28 })).stdout) as unknown,
    async [Symbol.asyncDispose]() {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await exited;
      await rm(data, { recursive: true, force: true });
    },
  };
}
