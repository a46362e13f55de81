/**
 * What a data folder says of its platform while one runs or starts: `starting.json` from the beginning, instead of it
 * `endpoint.json` once both ports accept requests. The commands read them (cli/find-platform.ts).
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlatformError, messageOf } from './util/errors.ts';
import { isAlive } from './util/is-alive.ts';

export type Endpoint = { apiPort: number; httpPort: number; listen: string; pid: number; mode: 'serve' | 'dev' };

export type EndpointFile = AsyncDisposable & {
  /** The folder is this process's: who else has said that it starts here will not. */
  held(): Promise<void>;
  /** Replaces the word of a platform that was killed here. */
  ready(endpoint: Endpoint): Promise<void>;
};

/**
 * Nothing is said where another process runs or starts in the folder already: most likely this one is about to be refused it.
 * `dataFolder` is made, with mode 0700, if it is not there. Rejects with `unavailable` where nothing can be kept.
 */
export async function announceStart(dataFolder: string): Promise<EndpointFile> {
  const [startingFile, endpointFile] = [join(dataFolder, 'starting.json'), join(dataFolder, 'endpoint.json')];
  const sayStarting = (): Promise<void> => writeFile(startingFile, `${JSON.stringify({ pid: process.pid })}\n`);
  try {
    await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    if (!(await isOfAnother(endpointFile)) && !(await isOfAnother(startingFile))) await sayStarting();
  } catch (error) {
    const reason = messageOf(error);
    throw new PlatformError(
      'unavailable',
      `nothing can be kept in the data folder ${dataFolder} (${reason}); a folder with room, that this user may write to, is accepted`,
      { cause: error },
    );
  }
  let file: string | undefined = startingFile;
  return {
    async held() {
      // Written again it would be empty for a moment, for who waits until it is gone.
      if ((await pidIn(startingFile)) !== process.pid) await sayStarting();
    },
    async ready(endpoint) {
      const draft = `${endpointFile}.${process.pid}`;
      await writeFile(draft, `${JSON.stringify(endpoint)}\n`);
      await rename(draft, endpointFile);
      file = endpointFile;
      await rm(startingFile, { force: true });
    },
    async [Symbol.asyncDispose]() {
      if (file !== undefined && (await pidIn(file)) === process.pid) await rm(file, { force: true });
      // From now on it may be the next platform's.
      file = undefined;
    },
  };
}

/** Of a process that is there. What a dead one, or another that had our number, has left is nobody's. */
async function isOfAnother(file: string): Promise<boolean> {
  const pid = await pidIn(file);
  return pid !== undefined && pid !== process.pid && isAlive(pid);
}

async function pidIn(file: string): Promise<number | undefined> {
  try {
    const { pid } = JSON.parse(await readFile(file, 'utf8')) as { pid?: unknown };
    return typeof pid === 'number' ? pid : undefined;
  } catch {
    return undefined;
  }
}
