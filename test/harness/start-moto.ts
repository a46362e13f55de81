/** Moto's server in a process of its own: what behaviour is compared with, and a peer for benches. */
import { spawn } from 'node:child_process';
import { freePort } from './free-port.ts';

export type StartedMoto = AsyncDisposable & { url: string };

/** Somebody else may take the port that was found before the server does. */
const triesMax = 3;
/** As long as a program that is there may take to start on a busy machine. */
const startMsMax = 60_000;
/** What a shell, or a version manager's stand-in for a program, says of one that is not there. POSIX.1-2024, 2.8.2 */
const notFoundCode = 127;

const ours = { MOTO_ACCOUNT_ID: '000000000000', MOTO_IAM_LOAD_MANAGED_POLICIES: 'true' };

/**
 * Undefined: it is not installed (`pip install "moto[server]"`). Rejects where it is, and does not start. Its account is ours, unless
 * `settings` say otherwise.
 */
export async function startMoto(settings: NodeJS.ProcessEnv = ours): Promise<StartedMoto | undefined> {
  let end = '';
  for (let tries = 0; tries < triesMax; tries += 1) {
    const started = await startOnce({ ...process.env, ...settings });
    if (typeof started !== 'string') return started;
    end = started;
  }
  throw new Error(`moto's server ended ${triesMax} times before it answered, with ${end}`);
}

/** A string: it is there, and ended so before it answered. */
async function startOnce(environment: NodeJS.ProcessEnv): Promise<StartedMoto | string | undefined> {
  const port = await freePort();
  const server = spawn('moto_server', ['-p', String(port)], { stdio: 'ignore', env: environment });
  let error: NodeJS.ErrnoException | undefined;
  let isOver = false;
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      isOver = true;
      resolve();
    };
    server.once('exit', end).once('error', (thrown) => {
      error = thrown;
      end();
    });
  });
  const url = `http://127.0.0.1:${port}`;
  const end = async (): Promise<void> => {
    server.kill('SIGKILL');
    await ended;
  };
  const startMs = performance.now();
  const answers = (): Promise<boolean> =>
    fetch(`${url}/moto-api/`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await answers())) {
    if (isOver) {
      if (error?.code === 'ENOENT') return undefined;
      if (error !== undefined) throw error;
      if (server.exitCode === notFoundCode) return undefined;
      return server.signalCode ?? `code ${server.exitCode}`;
    }
    if (performance.now() - startMs > startMsMax) {
      await end();
      throw new Error(`moto's server has not answered within ${startMsMax} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { url, [Symbol.asyncDispose]: end };
}
