/** Where the program that waits for an image lies on this machine, and inside. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
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

/** Environments' users are others than who makes it. */
const mode = 0o755;
const forAll = 0o555;

/** Makes it where it is not there, whole, yet. Undefined: it cannot be here, and runtimes boot instead. */
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
    if (!(await isThere(path, program))) await make(path, program);
    return { from: path, to: waiterInside };
  } catch {
    // A checkout that cannot be written to.
    return undefined;
  }
}

/** A crash or a full disk may have left some of it, and whoever made it may have kept it to himself. */
async function isThere(path: string, program: Buffer): Promise<boolean> {
  try {
    const found = await stat(path);
    const isOpenToAll = (found.mode & forAll) === forAll;
    return isOpenToAll && found.size === program.length && program.equals(await readFile(path));
  } catch {
    return false;
  }
}

async function make(path: string, program: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  // Several releases look for it at once.
  const draft = `${path}.${randomUUID()}`;
  try {
    await using file = await open(draft, 'wx', mode);
    await file.writeFile(program);
    // The umask is the operator's.
    await file.chmod(mode);
    await file.sync();
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
