/** The real program in a process of its own, on free ports and a data folder of its own: for end-to-end tests and benches. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
const command = join(import.meta.dirname, '../../bin/mayfly');
const outputBytesMax = 256 * 1024 * 1024;

export type StartedMayfly = AsyncDisposable & {
  api: string;
  http: string;
  data: string;
  pid: number;
  /** Where mail arrives, with `--smtp-port`. */
  smtpPort: number | undefined;
  /** Runs a command against it with `--json` and answers what it printed. */
  json(...words: string[]): Promise<unknown>;
  /** The environment in which AWS clients find it. */
  awsEnvironment: NodeJS.ProcessEnv;
  /** Ends it without warning (-9) and starts it again on the same data. */
  killAndRestart(): Promise<StartedMayfly>;
  /** Asks it to stop, waits until it has, and starts it again on the same data. */
  stopAndRestart(): Promise<StartedMayfly>;
  killed(): Promise<void>;
};

export type StartOptions = {
  flags?: readonly string[];
  data?: string;
  /** Runs `dev` for the project in this folder instead of `serve`. */
  devProject?: string;
  /** Besides that of the test. */
  environment?: NodeJS.ProcessEnv;
  /** Where its standard error goes; absent: nowhere. */
  log?: string;
};

export async function startMayfly(options: StartOptions = {}): Promise<StartedMayfly> {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'mayfly-test-')));
  const flags = options.flags ?? [];
  const mode = options.devProject === undefined ? ['serve'] : ['dev', options.devProject];
  const log = options.log === undefined ? undefined : openSync(options.log, 'a');
  const child = spawn(command, [...mode, '--data', data, '--api-port', '0', '--http-port', '0', '--json', ...flags], {
    stdio: ['ignore', 'pipe', log ?? (process.env['MAYFLY_TEST_VERBOSE'] === undefined ? 'ignore' : 'inherit')],
    env: { ...process.env, ...options.environment },
  });
  if (log !== undefined) closeSync(log);
  const line = await firstLine(child);
  const { apiPort, httpPort, smtpPort } = JSON.parse(line) as { apiPort: number; httpPort: number; smtpPort?: number };
  const api = `http://127.0.0.1:${apiPort}`;
  const restart = async (signal: NodeJS.Signals): Promise<StartedMayfly> => {
    await end(signal);
    return startMayfly({ ...options, data });
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
  };
  return {
    api,
    http: `http://127.0.0.1:${httpPort}`,
    data,
    pid: child.pid ?? 0,
    smtpPort,
    async json(...words) {
      const { stdout } = await run(command, [...words, '--data', data, '--json'], { maxBuffer: outputBytesMax });
      return JSON.parse(stdout) as unknown;
    },
    awsEnvironment: {
      ...process.env,
      AWS_ENDPOINT_URL: api,
      AWS_SHARED_CREDENTIALS_FILE: join(data, 'credentials'),
      AWS_CONFIG_FILE: '/dev/null',
      AWS_PROFILE: 'default',
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_PAGER: '',
    },
    killed: () => end('SIGKILL'),
    killAndRestart: () => restart('SIGKILL'),
    stopAndRestart: () => restart('SIGTERM'),
    async [Symbol.asyncDispose]() {
      await end('SIGTERM');
      await rm(data, { recursive: true, force: true });
    },
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) throw new Error('its output is not piped');
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code, signal) =>
      reject(new Error(`mayfly serve ended (${code ?? signal}) before it was ready`)),
    );
  });
}
