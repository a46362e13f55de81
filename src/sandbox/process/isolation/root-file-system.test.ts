import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { PlatformError } from '../../../util/errors.ts';
import { makeMountPoint, rootArguments, rootEntries, type RootEntry } from './root-file-system.ts';

const names = { resolvers: ['9.9.9.9'], hostname: 'function' };
const paths = (entries: RootEntry[], kind: RootEntry['kind']): string[] =>
  entries.filter((entry) => entry.kind === kind).map(({ path }) => path);

test('a host with /usr merged: its top folders are links, and only what runtimes need is shown', (t) => {
  const host = fakeHost(t, [
    'usr/bin/python3',
    'usr/sbin/ldconfig',
    'usr/lib/x.so',
    'usr/lib64/ld.so',
    'usr/local/bin/secret',
    'usr/share/doc/x',
    'usr/share/zoneinfo/Etc/UTC',
    'etc/shadow',
    'etc/ssl/certs/ca.pem',
    'etc/ssl/private/key',
    'etc/python3.11/sitecustomize.py',
    'home/ada/x',
  ]);
  for (const [link, to] of [
    ['bin', 'usr/bin'],
    ['sbin', 'usr/sbin'],
    ['lib', 'usr/lib'],
    ['lib64', 'usr/lib64'],
  ] as const)
    symlinkSync(to, join(host, link));
  const entries = rootEntries(names, host);
  assert.deepEqual(paths(entries, 'link'), ['/bin', '/sbin', '/lib', '/lib64', '/etc/localtime']);
  assert.deepEqual(paths(entries, 'host'), [
    '/usr/bin',
    '/usr/lib',
    '/usr/lib64',
    '/usr/sbin/ldconfig',
    '/usr/share/zoneinfo',
    '/etc/ssl/certs',
    '/etc/python3.11',
  ]);
});

test('a host without merged /usr: its top folders are shown, of /sbin one program', (t) => {
  const entries = rootEntries(
    names,
    fakeHost(t, ['usr/bin/python3', 'bin/sh', 'sbin/ldconfig', 'sbin/reboot', 'lib/x.so']),
  );
  assert.deepEqual(paths(entries, 'host'), ['/bin', '/lib', '/usr/bin', '/sbin/ldconfig']);
});

test('a setting that is a link to nothing is left out', (t) => {
  const host = fakeHost(t, ['usr/bin/sh', 'etc/services']);
  symlinkSync('nowhere', join(host, 'etc/mime.types'));
  assert.deepEqual(paths(rootEntries(names, host), 'host'), ['/usr/bin', '/etc/services']);
});

test('the generated settings name the user inside and the resolvers', (t) => {
  const folder = fakeHost(t, []);
  const args = rootArguments(rootEntries(names, folder), join(folder, 'root'));
  const read = (path: string): string => readFileSync(join(folder, 'root', path), 'utf8');
  assert.match(read('/etc/passwd'), /^sbx_user1051:x:993:990::/m);
  assert.match(read('/etc/resolv.conf'), /^nameserver 9\.9\.9\.9$/m);
  assert.match(read('/etc/hosts'), /^127\.0\.0\.1 localhost function sandbox\.localdomain sandbox$/m);
  assert.deepEqual(args.slice(-2), ['--dir', '/var/task']);
});

test('a mount point is made as what is mounted on it, once', (t) => {
  const root = fakeHost(t, []);
  makeMountPoint(root, '/var/lang/bin', true);
  makeMountPoint(root, '/var/lang/bin', true);
  makeMountPoint(root, '/var/runtime/main', false);
  assert.equal(readFileSync(join(root, 'var/runtime/main'), 'utf8'), '');
  for (const path of ['../etc', '/a/../../b', '/', 'x', '/a//b'])
    assert.throws(() => makeMountPoint(root, path, true), PlatformError, path);
});

function fakeHost(t: TestContext, files: string[]): string {
  const host = mkdtempSync(join(tmpdir(), 'mayfly-root-'));
  t.after(() => rmSync(host, { recursive: true }));
  for (const file of files) {
    mkdirSync(dirname(join(host, file)), { recursive: true });
    writeFileSync(join(host, file), '');
  }
  return host;
}
