/** Where the program that waits for an image lies on this machine, and inside. */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { channelFd, handOverAnswer, handOverFd } from '../process.ts';
import { begins, numbered } from '../channel/frame.ts';
import { reserved } from './plan-load.ts';
import { waiterProgram } from './waiter-program.ts';

export const waiterInside = '/var/lang/waiter';

/** Length 1, `booted` (16), and what may be said to whoever goes on here. */
const booted = Buffer.of(0, 0, 0, 1, 16, numbered | begins);
/** The platform's endpoint, and the Runtime API's address: what each runtime opens when it boots. */
const ports = [
  ['api', 4566],
  ['runtime-api', 9001],
] as const;

/** Makes it where it is not there yet. Undefined: it cannot be here, and runtimes boot instead. */
export async function waiterFile(projectRoot: string): Promise<{ from: string; to: string } | undefined> {
  if (process.arch !== 'x64') return undefined;
  const program = waiterProgram({
    channelFd,
    handOverFd,
    freeFd: handOverFd + 1,
    ports,
    handOverAnswer,
    booted,
    reserved,
  });
  const hash = createHash('sha256').update(program).digest('hex').slice(0, 16);
  const path = join(projectRoot, 'node_modules', '.cache', 'mayfly', `waiter-${hash}`);
  try {
    if (!existsSync(path)) {
      await mkdir(dirname(path), { recursive: true });
      // Several releases look for it at once.
      const draft = `${path}.${randomUUID()}`;
      await writeFile(draft, program, { mode: 0o755 });
      await rename(draft, path);
    }
    return { from: path, to: waiterInside };
  } catch {
    // A checkout that cannot be written to.
    return undefined;
  }
}
