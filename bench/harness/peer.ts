import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { freePort } from '../../test/harness/free-port.ts';

const folder = join(import.meta.dirname, '../peers');

export type Peer = AsyncDisposable & {
  url: string;
  /** Where serverless-offline serves Lambda's Invoke; nothing listens there of the others. */
  lambdaUrl: string;
  /** From spawn to the first answer. */
  firstAnswerMs: number;
};

const commands = {
  'node:http': (port: number) => [join(folder, '../../bin/node'), join(folder, 'node-http.mjs'), String(port)],
  'functions-framework': (port: number) => [
    join(folder, '../../bin/node'),
    join(folder, 'node_modules/.bin/functions-framework'),
    '--target=functionsFramework',
    `--source=${join(folder, 'hello/hello.js')}`,
    `--port=${port}`,
  ],
  'serverless-offline': (port: number, second: number) => [
    process.execPath,
    join(folder, 'node_modules/.bin/serverless'),
    'offline',
    'start',
    '--httpPort',
    String(port),
    '--lambdaPort',
    String(second),
    '--noPrependStageInUrl',
  ],
} satisfies Record<string, (port: number, second: number) => string[]>;

export type PeerName = keyof typeof commands;
export const peerNames = Object.keys(commands) as PeerName[];

/** A peer waits this long for its first answer before the bench gives up on it. */
const startMsMax = 60_000;

/** `project`: the folder with what it serves; by default the same hello for all of them. */
export async function startPeer(name: PeerName, project = join(folder, 'hello')): Promise<Peer> {
  const port = await freePort();
  const lambdaPort = await freePort();
  const [program = '', ...words] = commands[name](port, lambdaPort);
  const url = `http://127.0.0.1:${port}/hello`;
  const startMs = performance.now();
  const child = spawn(program, words, {
    cwd: project,
    stdio: 'ignore',
    env: { ...process.env, SLS_TELEMETRY_DISABLED: '1', SLS_NOTIFICATIONS_MODE: 'off' },
  });
  for (;;) {
    const answered = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) break;
    if (performance.now() - startMs > startMsMax)
      throw new Error(`${name} did not answer within ${startMsMax / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return {
    url,
    lambdaUrl: `http://127.0.0.1:${lambdaPort}`,
    firstAnswerMs: performance.now() - startMs,
    async [Symbol.asyncDispose]() {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await exited;
    },
  };
}
