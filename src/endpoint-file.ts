/**
 * What a data folder says of its platform while one runs or starts: `starting.json` from the beginning, instead of it
 * `endpoint.json` once both ports accept requests. The commands read them (cli/find-platform.ts).
 */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlatformError, messageOf } from './util/errors.ts';

export type Endpoint = { apiPort: number; httpPort: number; listen: string; pid: number; mode: 'serve' | 'dev' };

export type EndpointFile = AsyncDisposable & {
  /** Replaces the word of a platform that was killed here. */
  ready(endpoint: Endpoint): Promise<void>;
};

/** `dataFolder` is made, with mode 0700, if it is not there. Rejects with `unavailable` where nothing can be kept. */
export async function announceStart(dataFolder: string): Promise<EndpointFile> {
  const [startingFile, endpointFile] = [join(dataFolder, 'starting.json'), join(dataFolder, 'endpoint.json')];
  try {
    await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    await writeFile(startingFile, `${JSON.stringify({ pid: process.pid })}\n`);
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
    async ready(endpoint) {
      const draft = `${endpointFile}.${process.pid}`;
      await writeFile(draft, `${JSON.stringify(endpoint)}\n`);
      await rename(draft, endpointFile);
      file = endpointFile;
      await rm(startingFile, { force: true });
    },
    async [Symbol.asyncDispose]() {
      if (file !== undefined) await rm(file, { force: true });
      // From now on it may be the next platform's.
      file = undefined;
    },
  };
}
