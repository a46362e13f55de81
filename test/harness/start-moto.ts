/** Moto's server in a process of its own: what behaviour is compared with, and a peer for benches. */
import { spawn } from 'node:child_process';
import { freePort } from './free-port.ts';

export type StartedMoto = AsyncDisposable & { url: string };

/** Somebody else may take the port that was found before the server does. */
const triesMax = 3;
/** As long as a program that is there may take to start on a busy machine. */
const startMsMax = 60_000;

const ours = { MOTO_ACCOUNT_ID: '000000000000', MOTO_IAM_LOAD_MANAGED_POLICIES: 'true' };

/** Undefined: it is not installed (`pip install "moto[server]"`). Its account is ours, unless `settings` say otherwise. */
export async function startMoto(settings: NodeJS.ProcessEnv = ours): Promise<StartedMoto | undefined> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const started = await startOnce({ ...process.env, ...settings });
    if (started !== 'ended') return started;
  }
  return undefined;
}

/** `ended`: it is there, and has ended before it answered. */
async function startOnce(environment: NodeJS.ProcessEnv): Promise<StartedMoto | 'ended' | undefined> {
  const port = await freePort();
  const server = spawn('moto_server', ['-p', String(port)], { stdio: 'ignore', env: environment });
  let isOver = false;
  const ended = new Promise<void>((resolve) => {
    for (const event of ['exit', 'error'])
      server.once(event, () => {
        isOver = true;
        resolve();
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
    if (isOver || performance.now() - startMs > startMsMax) {
      const hasExited = server.exitCode !== null;
      await end();
      return hasExited ? 'ended' : undefined;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { url, [Symbol.asyncDispose]: end };
}
