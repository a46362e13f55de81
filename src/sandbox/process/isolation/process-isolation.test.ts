import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PlatformError } from '../../../util/errors.ts';
import { FakeClock } from '../../../util/fake-clock.ts';
import type { EnvironmentId } from '../../../util/ids.ts';
import { openChildCalls } from './child-calls.ts';
import { Children, type Child } from './children.ts';
import type { ControlGroupLayout } from './control-groups.ts';
import type { Ground } from './ground.ts';
import { launcherProgram } from './launcher-program.ts';
import { openLibc } from './libc.ts';
import { ProcessIsolation } from './process-isolation.ts';

test('where the control groups cannot be told to a process there is none', async (t) => {
  if (process.arch !== 'x64') return t.skip('it is for x86-64');
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-process-isolation-'));
  const started: Child[] = [];
  class Listed extends Children {
    override start(words: readonly string[]): Child {
      const child = super.start(words);
      started.push(child);
      return child;
    }
  }
  t.after(() => {
    for (const child of started) child.kill();
    rmSync(folder, { recursive: true });
  });
  // Three paths of more than a thousand bytes each.
  const deep = join(folder, ...Array.from({ length: 5 }, () => 'd'.repeat(250)));
  mkdirSync(deep, { recursive: true });
  const layout: ControlGroupLayout = {
    version: 1,
    missing: [],
    folders: (name) => ['memory', 'cpu', 'pids'].map((tree) => join(deep, `${tree}-${name}`)),
    parents: [deep],
    limitWrites: () => [],
    greedWrites: () => [],
    endWrites: () => [],
    freezeFile: () => undefined,
    memoryBytes: () => undefined,
    memoryBytesMax: () => undefined,
    cpuMs: () => undefined,
    outOfMemoryKills: () => 0,
  };
  const ground: Ground = {
    folder,
    environmentsFolder: folder,
    root: { begin: [], end: [] },
    attachesCode: true,
    source: ({ from }) => from,
    code: () => ({ task: undefined, opt: undefined }),
    sharedCode: () => undefined,
    bound: () => {},
    attach: () => {},
    free: () => {},
    entrance: () => undefined,
    close: () => {},
  };
  const parts = {
    clock: new FakeClock(),
    children: new Listed(openChildCalls()),
    bubblewrap: '/bin/true',
    filterFile: '/dev/null',
    ground,
    groups: { layout, prefix: 'group-' },
    libc: openLibc(),
    prlimit: undefined,
    launcher: launcherProgram(),
    network: undefined,
    privateServices: [],
    log: () => {},
  };
  await using isolation = new ProcessIsolation(parts);
  const starting = isolation.spawn({
    id: 'test' as EnvironmentId,
    command: ['/bin/true'],
    variables: {},
    mounts: [],
    network: 'none',
    ephemeralMb: 16,
    bundlePath: folder,
  });
  await assert.rejects(
    starting,
    (error: unknown) => error instanceof PlatformError && error.code === 'invalid_argument',
  );
  assert.deepEqual(started, []);
});
