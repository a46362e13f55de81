/**
 * A platform process's share of what the whole machine has: a number that no other running platform has, from which
 * come its user ids, network addresses, and the names of everything it makes outside its own memory. The number is
 * held by a file lock, which the kernel drops with the process, however that ends; so what a free number has left
 * behind belongs to nobody, and may be swept.
 *
 * Platforms in containers may see other files and yet share the network or the control groups. So a number is held by a
 * name of the network namespace, too, and what is made in trees of control groups is named after the folder as well.
 */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PlatformError } from '../../../util/errors.ts';
import type { Libc } from './libc.ts';

/** Platforms on one machine: enough for a test suite that starts one in every file. network-addresses.ts has room for as many. */
export const instancesMax = 32;
/** Environments of one platform: the account's concurrency limit and some being ended or got ready. */
export const environmentsMax = 1_024;

export type Instance = {
  readonly number: number;
  /** What the names of its control groups begin with, as nobody else's do. */
  readonly groupPrefix: string;
  /** Its own folder; after `sweep` there is nothing there. */
  readonly folder: string;
  /** Removes the folder, which must be empty of mounts, and lets go of the number. */
  release(): void;
};

/** What the dead holder of a number left behind. */
export type Leftovers = Pick<Instance, 'number' | 'groupPrefix' | 'folder'>;

export type InstanceOptions = {
  libc: Libc;
  /** Of all platforms that can see it. */
  folder: string;
  /** Undefined: it is held by somebody else. */
  holdName(name: string): Promise<Disposable | undefined>;
  /** Removes what is left; called with its number locked. */
  sweep(leftovers: Leftovers): Promise<void>;
};

export async function claimInstance({ libc, folder, holdName, sweep }: InstanceOptions): Promise<Instance> {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o711);
  const { dev, ino } = statSync(folder);
  let claimed: Instance | undefined;
  for (let number = 0; number < instancesMax; number++) {
    const own = join(folder, String(number));
    if (claimed !== undefined && !existsSync(own)) continue;
    const lock = openSync(join(folder, `${number}.lock`), 'a', 0o600);
    const name = libc.tryLock(lock) ? await holdName(`mayfly-${number}`) : undefined;
    if (name === undefined) {
      closeSync(lock);
      continue;
    }
    const letGo = (): void => {
      name[Symbol.dispose]();
      closeSync(lock);
    };
    const groupPrefix = `${dev.toString(36)}.${ino.toString(36)}-${number}-`;
    if (existsSync(own)) {
      await sweep({ number, groupPrefix, folder: own });
      // Never recursively: were something of the host's still mounted there, it would be deleted.
      rmdirSync(own);
    }
    if (claimed !== undefined) letGo();
    else {
      mkdirSync(own);
      chmodSync(own, 0o711);
      claimed = { number, groupPrefix, folder: own, release: () => (rmdirSync(own), letGo()) };
    }
  }
  if (claimed === undefined) {
    throw new PlatformError(
      'unavailable',
      `${instancesMax} platforms already run on this machine, which is the most that ${folder} has room for`,
    );
  }
  return claimed;
}
