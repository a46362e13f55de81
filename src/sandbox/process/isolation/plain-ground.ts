import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PlatformError } from '../../../util/errors.ts';
import type { Ground } from './ground.ts';
import { rootArguments, type RootEntry } from './root-file-system.ts';

/** For anybody who is not root. `folder` belongs to this platform alone; what is in it is removed. */
export function plainGround(folder: string, entries: readonly RootEntry[]): Ground {
  rmSync(folder, { recursive: true, force: true });
  const environmentsFolder = join(folder, 'envs');
  mkdirSync(environmentsFolder, { recursive: true, mode: 0o700 });
  return {
    folder,
    environmentsFolder,
    root: {
      begin: [...rootArguments(entries, join(folder, 'root')), '--dev', '/dev'],
      end: ['--remount-ro', '/dev', '--remount-ro', '/'],
    },
    attachesCode: false,
    source: ({ from }) => from,
    code: (_number, { bundlePath, layersPath }) => ({ task: bundlePath, opt: layersPath }),
    sharedCode: () => undefined,
    bound: () => undefined,
    attach() {
      throw new PlatformError(
        'unavailable',
        'code cannot be attached to a running process without root: give it at the start (bundlePath)',
      );
    },
    free: () => undefined,
    entrance: () => undefined,
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
