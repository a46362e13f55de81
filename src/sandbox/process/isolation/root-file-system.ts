/**
 * What an environment sees of a file system: programs and libraries of the host's /usr, read-only, a generated /etc,
 * and empty places for its code. Not /home, /root, /usr/local, /var, /run, /sys, nor anything else of the host.
 */
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { PlatformError } from '../../../util/errors.ts';
import { bindDevice, bindReadOnly } from './mounts.ts';
import type { Libc } from './libc.ts';

/** Who the function's process is, inside: what Lambda's own environments have. */
export const userInside = { name: 'sbx_user1051', uid: 993, group: 'sbx', gid: 990 } as const;

export const taskFolder = '/var/task';
/** Where a function's layers are, merged. */
export const layersFolder = '/opt';

/** One thing in the root. `host`: shown as it is on the host, at the same path. */
export type RootEntry =
  | { kind: 'host'; path: string; folder: boolean }
  | { kind: 'link'; path: string; to: string }
  | { kind: 'file'; path: string; text: string }
  | { kind: 'folder'; path: string };

/** Where old and new distributions keep programs and libraries. */
const programFolders = ['/usr/bin', '/usr/lib', '/usr/lib32', '/usr/lib64', '/usr/libx32'];
/** Links into /usr where the two are merged, real folders (of which /sbin is not shown) where they are not. */
const topFolders = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];
const programs = [
  // Python's ctypes.util.find_library asks it.
  '/usr/sbin/ldconfig',
  '/sbin/ldconfig',
];
const sharedData = ['zoneinfo', 'ca-certificates', 'mime', 'misc', 'python3', 'rubygems-integration'].map(
  (name) => `/usr/share/${name}`,
);
const settings = [
  'alternatives',
  'ssl/certs',
  'ssl/openssl.cnf',
  'pki/tls/certs',
  'pki/tls/cert.pem',
  'pki/tls/openssl.cnf',
  'pki/ca-trust/extracted',
  'crypto-policies',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'mime.types',
  'protocols',
  'services',
].map((name) => `/etc/${name}`);
/** Debian's Python reads its sitecustomize from here, and its Java all of its settings. */
const languageSettings = /^(python3(\.\d+)?|java-\d+-openjdk)$/;

export type NameService = { resolvers: readonly string[]; hostname: string };

/** The entries for this host, parents before children. `host` is '/' except in tests. */
export function rootEntries(names: NameService, host = '/'): RootEntry[] {
  const languages = listed(join(host, '/etc')).filter((name) => languageSettings.test(name));
  const wanted = [
    ...programFolders,
    ...programs,
    ...sharedData,
    ...settings,
    ...languages.map((name) => `/etc/${name}`),
  ];
  const links = topFolders.filter((path) => isLink(join(host, path)));
  const real = topFolders.filter((path) => !links.includes(path) && path !== '/sbin');
  const shown = [...real, ...wanted].filter(
    (path) => exists(join(host, path)) && !links.some((link) => path.startsWith(`${link}/`)),
  );
  return [
    ...links.map((path): RootEntry => ({ kind: 'link', path, to: readlinkSync(join(host, path)) })),
    ...shown.map((path): RootEntry => ({ kind: 'host', path, folder: isFolder(join(host, path)) })),
    ...generated(names),
    ...emptyFolders.map((path): RootEntry => ({ kind: 'folder', path })),
  ];
}

/** Of a root's top folders, those that programs and their libraries are in: names. */
export function programNames(entries: readonly RootEntry[]): string[] {
  return topFolders.filter((top) => entries.some(({ path }) => path === top)).map((path) => basename(path));
}

const emptyFolders = ['/dev', layersFolder, '/proc', '/tmp', '/var', taskFolder];

function generated({ resolvers, hostname }: NameService): RootEntry[] {
  const { name, uid, group, gid } = userInside;
  const files = {
    passwd: `root:x:0:0:root:/:/usr/sbin/nologin\n${name}:x:${uid}:${gid}::/tmp:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n`,
    group: `root:x:0:\n${group}:x:${gid}:\nnogroup:x:65534:\n`,
    // The last two are Lambda's names for it, by which extensions give their addresses.
    hosts: `127.0.0.1 localhost ${hostname} sandbox.localdomain sandbox\n::1 localhost\n`,
    hostname: `${hostname}\n`,
    'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\nprotocols: files\nservices: files\n',
    'resolv.conf': `${resolvers.map((address) => `nameserver ${address}\n`).join('')}options timeout:2 attempts:2\n`,
    timezone: 'Etc/UTC\n',
  };
  return [
    ...Object.entries(files).map(([file, text]): RootEntry => ({ kind: 'file', path: `/etc/${file}`, text })),
    // Lambda's clock is UTC.
    { kind: 'link', path: '/etc/localtime', to: '/usr/share/zoneinfo/Etc/UTC' },
  ];
}

/** Those that are in every environment: nothing is behind them that is anybody's. */
const devices = ['full', 'null', 'random', 'tty', 'urandom', 'zero'] as const;
const deviceLinks = { fd: '', stdin: '/0', stdout: '/1', stderr: '/2' } as const;

/**
 * Makes the whole root, once for all environments: files, links and places below `folder`, mounts below `view`, which is a read-only
 * view of that folder. Every part is its own read-only mount.
 */
export function buildRoot(
  libc: Libc,
  entries: readonly RootEntry[],
  { folder, view }: { folder: string; view: string },
): void {
  bindReadOnly(libc, folder, view);
  for (const entry of entries) {
    const target = join(folder, entry.path);
    makeFolder(dirname(target), folder);
    switch (entry.kind) {
      case 'host':
        if (entry.folder) {
          makeFolder(target, folder);
          bindReadOnly(libc, entry.path, join(view, entry.path));
        } else copyFileSync(entry.path, target);
        break;
      case 'link':
        symlinkSync(entry.to, target);
        break;
      case 'file':
        writeFileSync(target, entry.text, { mode: 0o644 });
        break;
      case 'folder':
        makeFolder(target, folder);
        break;
    }
  }
  for (const [name, stream] of Object.entries(deviceLinks))
    symlinkSync(`/proc/self/fd${stream}`, join(folder, 'dev', name));
  makeFolder(join(folder, 'dev/shm'), folder);
  for (const device of devices) {
    writeFileSync(join(folder, 'dev', device), '');
    bindDevice(libc, `/dev/${device}`, join(view, 'dev', device));
  }
}

/**
 * The same for those who may not mount: bubblewrap's own arguments. The generated files are written to `folder`.
 * `--remount-ro /` must follow once everything else is in place.
 */
export function rootArguments(entries: readonly RootEntry[], folder: string): string[] {
  return entries.flatMap((entry) => {
    switch (entry.kind) {
      case 'host':
        return ['--ro-bind', entry.path, entry.path];
      case 'link':
        return ['--symlink', entry.to, entry.path];
      case 'file': {
        const source = join(folder, entry.path);
        makeFolder(dirname(source), folder);
        writeFileSync(source, entry.text, { mode: 0o644 });
        return ['--ro-bind', source, entry.path];
      }
      case 'folder':
        return ['--dir', entry.path];
    }
  });
}

/** An empty file or folder in the root that `buildRoot` made, for something to be mounted on. */
export function makeMountPoint(root: string, path: string, folder: boolean): void {
  if (!posix.isAbsolute(path) || posix.normalize(path) !== path || path === '/') {
    throw new PlatformError(
      'invalid_argument',
      `mounts: cannot mount at '${path}' inside; accepted is an absolute path without '..'`,
      { field: 'mounts' },
    );
  }
  const target = join(root, path);
  if (exists(target)) return;
  makeFolder(folder ? target : dirname(target), root);
  if (!folder) writeFileSync(target, '', { mode: 0o444 });
}

/** 0755 whatever the umask is: the folders are for another user than the one who makes them. */
function makeFolder(path: string, below: string): void {
  if (exists(path)) return;
  if (path !== below) makeFolder(dirname(path), below);
  mkdirSync(path);
  chmodSync(path, 0o755);
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function listed(folder: string): string[] {
  return isFolder(folder) ? readdirSync(folder) : [];
}
