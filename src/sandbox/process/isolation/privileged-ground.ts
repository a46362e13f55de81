/**
 * For root. Below a private file system in memory, /run/mayfly/<instance>/:
 *   root/     the files and folders of the root file system of all environments, made once
 *   view/     a read-only view of that, and mounted there what the host has
 *   sources/  shared: read-only views of folders of the host that are shown to environments (runtimes, where bundles are, code that
 *             several environments have), so
 *             that the environments' users reach them wherever they are, also below a folder like /root
 *   envs/     shared: what is mounted at envs/<n>/task appears at /var/task of environment n while it runs, and what
 *             is mounted at envs/<n>/opt at its /opt
 * Environments begin in a mount namespace where this folder is / (mount-namespace.ts), or on the host where that cannot be.
 */
import { chmodSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { assert } from '../../../util/assert.ts';
import type { Code } from '../process.ts';
import type { Ground } from './ground.ts';
import type { Instance } from './instance.ts';
import type { Libc } from './libc.ts';
import type { MountNamespace } from './mount-namespace.ts';
import { bind, mountTemporary, share } from './mounts.ts';
import { buildRoot, makeMountPoint, type RootEntry } from './root-file-system.ts';
import { Views, type View } from './views.ts';

/** Copies of a few settings and empty folders: some 2 MB. */
const folderBytesMax = 64 * 1024 * 1024;
/** Empty files and folders. */
const sourcesBytesMax = 1024 * 1024;
/** An arguments file for each environment, of a few kilobytes. */
const environmentsBytesMax = 64 * 1024 * 1024;
/** Distinct folders shown to environments. A platform has a handful; each is copied whenever a mount namespace is made. */
const sourcesMax = 64;
/** Likewise versions of code that several environments have; each is a bundle, or a bundle and layers. */
const codesMax = 16;
const codeViewsMax = 2 * codesMax;

/** `beginIn`: where environments begin from now on, and whose it is to close; undefined: on the host. */
export type PrivilegedGround = Ground & { beginIn(namespace: MountNamespace | undefined): void };

export type PrivilegedOptions = {
  libc: Libc;
  instance: Instance;
  entries: readonly RootEntry[];
  /** Path of the `nsenter` program. */
  nsenter: string;
  /** Outside user and group id of environment number 0. */
  firstUserId: number;
};

export function privilegedGround({
  libc,
  instance,
  entries,
  nsenter,
  firstUserId,
}: PrivilegedOptions): PrivilegedGround {
  const { folder } = instance;
  mountTemporary(libc, folder, { bytesMax: folderBytesMax, mode: '711' });
  const rootFolder = makeFolder(join(folder, 'root'), 0o755);
  const sourcesFolder = makeFolder(join(folder, 'sources'), 0o711);
  const environmentsFolder = makeFolder(join(folder, 'envs'), 0o711);
  const asideFolder = makeFolder(join(folder, 'aside'), 0o711);
  mountTemporary(libc, sourcesFolder, { bytesMax: sourcesBytesMax, mode: '711' });
  mountTemporary(libc, environmentsFolder, { bytesMax: environmentsBytesMax, mode: '711' });
  for (const shared of [sourcesFolder, environmentsFolder]) share(libc, shared);
  const viewFolder = makeFolder(join(folder, 'view'), 0o755);
  buildRoot(libc, entries, { folder: rootFolder, view: viewFolder });

  let within: MountNamespace | undefined;
  const seen = (path: string): string => within?.seenFrom(path) ?? path;
  const places = { shared: sourcesFolder, aside: asideFolder };
  const sources = new Views(libc, places, 'source-', sourcesMax);
  const codes = new Views(libc, places, 'code-', codeViewsMax);
  /** Paths of code that environments have been shown: what was used last is last. */
  const shownLately = new Set<string>();
  /** Views of code that are to be there until each environment's bwrap has bound them. */
  const held = new Map<number, View[]>();
  /** What is mounted on the folders of each environment. */
  const attached = new Map<number, string[]>();

  /** Of one of many folders in the same: what is kept is the view of that one. */
  const placeOf = (path: string): string => {
    // One call of the C library's: the other walks the path itself, and this is in a cold start's way.
    const folder = realpathSync.native(path);
    return join(sources.of(dirname(folder)).view, basename(folder));
  };

  const folderOf = (number: number, name: 'task' | 'opt'): string => join(environmentsFolder, String(number), name);
  const attach = (number: number, { bundlePath, layersPath }: Code): void => {
    assert(!attached.has(number), `environment ${number} already has code`);
    const mounted: string[] = [];
    attached.set(number, mounted);
    const show = (path: string, target: string): void => {
      bind(libc, placeOf(path), target);
      mounted.push(target);
    };
    show(bundlePath, folderOf(number, 'task'));
    if (layersPath !== undefined) show(layersPath, folderOf(number, 'opt'));
    noteShown(bundlePath);
  };
  const noteShown = (bundlePath: string): void => {
    shownLately.delete(bundlePath);
    shownLately.add(bundlePath);
    const [oldest] = shownLately;
    if (oldest !== undefined && shownLately.size > codesMax) shownLately.delete(oldest);
  };
  const giveBackHeld = (number: number): void => {
    for (const view of held.get(number) ?? []) codes.giveBack(view);
    held.delete(number);
  };

  return {
    folder,
    environmentsFolder,
    get root() {
      // Not --ro-bind: it would take the devices away. All that is there is read-only, and what may be less is not made more.
      return { begin: ['--dev-bind', seen(viewFolder), '/'], end: [] };
    },
    attachesCode: true,
    source({ from, to, passing }) {
      if (passing !== undefined) {
        const place = placeOf(from);
        makeMountPoint(rootFolder, to, statSync(place).isDirectory());
        return seen(place);
      }
      const { view, isFolder } = sources.of(realpathSync.native(from));
      makeMountPoint(rootFolder, to, isFolder);
      return seen(view);
    },
    code(number, { bundlePath, layersPath }) {
      const [task, opt] = [folderOf(number, 'task'), folderOf(number, 'opt')];
      makeFolder(task, 0o755);
      makeFolder(opt, 0o755);
      if (bundlePath !== undefined) attach(number, { bundlePath, layersPath });
      return { task: seen(task), opt: seen(opt) };
    },
    sharedCode(number, { bundlePath, layersPath }) {
      if (!shownLately.has(bundlePath)) return undefined;
      assert(!held.has(number), `environment ${number} already has shared code`);
      const views: View[] = [];
      held.set(number, views);
      const hold = (path: string): string | undefined => {
        const view = codes.hold(realpathSync.native(path));
        if (view !== undefined) views.push(view);
        return view && seen(view.view);
      };
      const task = hold(bundlePath);
      const opt = task === undefined || layersPath === undefined ? undefined : hold(layersPath);
      if (task === undefined || (layersPath !== undefined && opt === undefined)) {
        giveBackHeld(number);
        return undefined;
      }
      noteShown(bundlePath);
      return { task, opt };
    },
    bound: giveBackHeld,
    attach,
    free(number) {
      giveBackHeld(number);
      for (const target of attached.get(number) ?? []) libc.detach(target);
      attached.delete(number);
    },
    entrance: (number, network) => ({ nsenter, mounts: within?.path, network, id: firstUserId + number }),
    beginIn(namespace) {
      within?.close();
      within = namespace;
    },
    close() {
      within?.close();
      libc.detach(folder);
      instance.release();
    },
  };
}

function makeFolder(path: string, mode: number): string {
  mkdirSync(path);
  chmodSync(path, mode);
  return path;
}
