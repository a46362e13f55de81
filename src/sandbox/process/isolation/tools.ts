/** The programs of the system that isolation is made with. */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Fixed: as root, a PATH that somebody else has set decides nothing. */
const programFolders = ['/usr/bin', '/usr/sbin', '/bin', '/sbin'];

export function findProgram(name: string): string | undefined {
  return programFolders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** The first with --disable-userns, --size and --perms: Debian 12, Ubuntu 24.04 and later have it. */
const bubblewrapOldest = [0, 8] as const;

export type Bubblewrap = { path: string; version: string } | { why: string; remedy: string };

export async function findBubblewrap(path = findProgram('bwrap')): Promise<Bubblewrap> {
  const install =
    'install bubblewrap 0.8 or newer: apt-get install bubblewrap (Debian, Ubuntu), dnf install bubblewrap (Fedora), pacman -S bubblewrap (Arch)';
  if (path === undefined) return { why: 'bubblewrap (the program bwrap) is not installed', remedy: install };
  const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 5_000 });
  const [, major, minor] = /(\d+)\.(\d+)/.exec(stdout) ?? [];
  const version = stdout.trim();
  const isOld = Number(major) === bubblewrapOldest[0] && Number(minor) < bubblewrapOldest[1];
  if (major === undefined || isOld) return { why: `${path} is ${version}, which is too old`, remedy: install };
  return { path, version };
}
