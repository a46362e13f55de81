/**
 * For root. Below a private file system in memory, /run/mayfly/<instance>/:
 *   root/     the root file system of all environments, made once
 *   sources/  read-only views of folders of the host that are shown to environments (runtimes, where bundles are), so
 *             that the environments' users reach them wherever they are, also below a folder like /root
 *   envs/     shared: what is mounted at envs/<n>/task appears at /var/task of environment n while it runs, and what
 *             is mounted at envs/<n>/opt at its /opt
 */
import { chmodSync, mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { assert } from '../../../util/assert.ts';
import type { Code, Ground } from './ground.ts';
import type { Instance } from './instance.ts';
import type { Libc } from './libc.ts';
import { bind, bindReadOnly, mountTemporary, share } from './mounts.ts';
import { buildRoot, makeMountPoint, type RootEntry } from './root-file-system.ts';

/** Copies of a few settings and empty folders: some 2 MB. */
const folderBytesMax = 64 * 1024 * 1024;
/** An arguments file for each environment, of a few kilobytes. */
const environmentsBytesMax = 64 * 1024 * 1024;
/** Distinct folders shown to environments. A platform has a handful; each is copied whenever a mount namespace is made. */
const sourcesMax = 64;

export type PrivilegedOptions = {
  libc: Libc;
  instance: Instance;
  entries: readonly RootEntry[];
  /** Path of the `nsenter` program. */
  nsenter: string;
  /** Outside user and group id of environment number 0. */
  firstUserId: number;
};

export function privilegedGround({ libc, instance, entries, nsenter, firstUserId }: PrivilegedOptions): Ground {
  const { folder } = instance;
  mountTemporary(libc, folder, { bytesMax: folderBytesMax, mode: '711' });
  const rootFolder = makeFolder(join(folder, 'root'), 0o755);
  const sourcesFolder = makeFolder(join(folder, 'sources'), 0o711);
  const environmentsFolder = makeFolder(join(folder, 'envs'), 0o711);
  mountTemporary(libc, environmentsFolder, { bytesMax: environmentsBytesMax, mode: '711' });
  share(libc, environmentsFolder);
  buildRoot(libc, entries, rootFolder);

  const sources = new Map<string, Source>();
  let sourcesMade = 0;
  /** What is mounted on the folders of each environment. */
  const attached = new Map<number, string[]>();

  /** The read-only view of a file or folder of the host, at most `sourcesMax` of them; the one unused for longest goes. */
  const viewOf = (path: string): Source => {
    const stats = statSync(path);
    const { dev, ino } = stats;
    const known = sources.get(path);
    sources.delete(path);
    if (known !== undefined && known.dev === dev && known.ino === ino) {
      sources.set(path, known);
      return known;
    }
    const oldest = known ?? (sources.size >= sourcesMax ? sources.values().next().value : undefined);
    if (oldest !== undefined) {
      libc.detach(oldest.view);
      sources.delete(oldest.path);
    }
    const view = join(sourcesFolder, String(sourcesMade++));
    const isFolder = stats.isDirectory();
    if (isFolder) mkdirSync(view);
    else writeFileSync(view, '');
    bindReadOnly(libc, path, view);
    const made = { path, view, dev, ino, isFolder };
    sources.set(path, made);
    return made;
  };

  const folderOf = (number: number, name: 'task' | 'opt'): string => join(environmentsFolder, String(number), name);
  const attach = (number: number, { bundlePath, layersPath }: Code): void => {
    assert(!attached.has(number), `environment ${number} already has code`);
    const mounted: string[] = [];
    attached.set(number, mounted);
    const show = (path: string, target: string): void => {
      // One call of the C library's: the other walks the path itself, and this is in a cold start's way.
      const folder = realpathSync.native(path);
      bind(libc, join(viewOf(dirname(folder)).view, basename(folder)), target);
      mounted.push(target);
    };
    show(bundlePath, folderOf(number, 'task'));
    if (layersPath !== undefined) show(layersPath, folderOf(number, 'opt'));
  };

  return {
    folder,
    environmentsFolder,
    root: ['--ro-bind', rootFolder, '/'],
    attachesCode: true,
    source(from, to) {
      const { view, isFolder } = viewOf(realpathSync(from));
      makeMountPoint(rootFolder, to, isFolder);
      return view;
    },
    code(number, { bundlePath, layersPath }) {
      const sources = { task: folderOf(number, 'task'), opt: folderOf(number, 'opt') };
      makeFolder(sources.task, 0o755);
      makeFolder(sources.opt, 0o755);
      if (bundlePath !== undefined) attach(number, { bundlePath, layersPath });
      return sources;
    },
    attach,
    free(number) {
      for (const target of attached.get(number) ?? []) libc.detach(target);
      attached.delete(number);
    },
    entry(number, networkNamespace) {
      const id = String(firstUserId + number);
      return [
        nsenter,
        ...(networkNamespace === undefined ? [] : [`--net=${networkNamespace}`]),
        '-S',
        id,
        '-G',
        id,
        '--',
      ];
    },
    close() {
      libc.detach(folder);
      instance.release();
    },
  };
}

type Source = { path: string; view: string; dev: number; ino: number; isFolder: boolean };

function makeFolder(path: string, mode: number): string {
  mkdirSync(path);
  chmodSync(path, mode);
  return path;
}
