/** A platform that is killed with twenty environments busy leaves nothing on the machine once the next one runs. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { findProgram } from '../../src/sandbox/process/isolation/tools.ts';
import { eventually } from '../harness/eventually.ts';
import { startMayfly } from '../harness/start-mayfly.ts';

const busy = 20;
const manifest = `application: killed
functions:
  sleeper:
    runtime: python
    handler: sleeper.handler
    code: sleeper.py
    memory: 128
    timeout: 300s
    events: [{ http: GET /sleep }]
`;
const code = `import time
def handler(event, context):
    time.sleep(float(event.get("queryStringParameters", {}).get("seconds", 0)))
    return "slept"
`;

type Process = { pid: number; parent: number };

function processes(): Process[] {
  return readdirSync('/proc').flatMap((name): Process[] => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const text = readFileSync(`/proc/${name}/stat`, 'utf8');
      return [{ pid: Number(name), parent: Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]) }];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

function descendants(pid: number): number[] {
  const all = processes();
  const found = [pid];
  for (const one of found) found.push(...all.filter(({ parent }) => parent === one).map((child) => child.pid));
  return found.slice(1);
}

/** The control groups of a process that are ours: `<folder>-<instance>-<environment>`. */
function groupsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8')
      .split('\n')
      .filter((line) => line.includes('/mayfly/'))
      .map((line) => basename(line));
  } catch {
    return [];
  }
}

const groupFolders = (prefix: string): string[] =>
  globSync(['/sys/fs/cgroup/mayfly/*', '/sys/fs/cgroup/*/mayfly/*']).filter((path) =>
    basename(path).startsWith(prefix),
  );

const until = (what: string, waitMs: number, isSo: () => boolean | Promise<boolean>): Promise<true> =>
  eventually(what, waitMs, async () => ((await isSo()) ? true : undefined));

/** One is a folder in each tree. */
const groups = (prefix: string): number => new Set(groupFolders(prefix).map((path) => basename(path))).size;

/** Each with what tells it from one of the same name that somebody else has made since. */
const groupsThatAre = (prefix: string): string[] =>
  groupFolders(prefix).flatMap((path) => {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false });
    return found === undefined ? [] : [`${path} ${found.ino}`];
  });

/** Of code that is kept in this folder, where environments see it. */
const codeMounts = (data: string): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(`/${basename(data)}/`) && line.includes(' /run/mayfly/'));

/** All that an instance has on the machine outside of its processes. */
async function tracesOf(instance: string, prefix: string): Promise<string[]> {
  const nft = findProgram('nft');
  const tables = nft === undefined ? '' : (await promisify(execFile)(nft, ['list', 'tables'])).stdout;
  return [
    ...groupFolders(prefix),
    ...readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes(` /run/mayfly/${instance}/`) || line.includes(` /run/mayfly/${instance} `)),
    ...(existsSync(`/run/mayfly/${instance}`) ? [`/run/mayfly/${instance}`] : []),
    ...readdirSync('/sys/class/net').filter((link) => link.startsWith(`mf${instance}n`)),
    ...(existsSync('/run/netns')
      ? readdirSync('/run/netns').filter((name) => name.startsWith(`mayfly-${instance}-`))
      : []),
    ...tables.split('\n').filter((line) => line.endsWith(` mayfly_${instance}`)),
  ];
}

test(`kill -9 with ${busy} environments busy and one idle leaves nothing`, { timeout: 280_000 }, async (t) => {
  if (process.getuid?.() !== 0) return t.skip('needs root');
  const project = await mkdtemp(join(tmpdir(), 'mayfly-killed-'));
  await writeFile(join(project, 'mayfly.yaml'), manifest);
  await writeFile(join(project, 'sleeper.py'), code);
  const data = await mkdtemp(join(tmpdir(), 'mayfly-killed-data-'));
  const platform = await startMayfly({ data });
  let next: Awaited<ReturnType<typeof startMayfly>> | undefined;
  try {
    await platform.json('deploy', project);
    const calls = Array.from({ length: busy }, () =>
      fetch(`${platform.http}/sleep?seconds=280`).then(
        (response) => response.status,
        () => 'cut off',
      ),
    );
    // Of each, bwrap and what is in it. What the platform keeps ready is in groups of its own, and counts, too.
    const inside = (): number => descendants(platform.pid).filter((pid) => groupsOf(pid).length > 0).length;
    await until('all of them run', 120_000, () => inside() >= 3 * busy);
    await fetch(`${platform.http}/sleep?seconds=0`).catch(() => undefined);

    const before = descendants(platform.pid);
    const [group = assert.fail('an environment is in a control group')] = before.flatMap(groupsOf);
    const [, prefix = '', instance = ''] = /^(.*-(\d+)-)\d+$/.exec(group) ?? [];
    assert.ok(groups(prefix) >= busy, `${groups(prefix)} groups`);
    const dead = new Set(groupsThatAre(prefix));
    await platform.killed();
    assert.deepEqual(new Set(await Promise.all(calls)), new Set(['cut off']));
    await until('their processes have ended', 30_000, () => {
      const left = new Set(processes().map(({ pid }) => pid));
      return before.every((pid) => !left.has(pid));
    });
    assert.notDeepEqual(await tracesOf(instance, prefix), [], 'the dead cannot tidy up');

    next = await startMayfly({ data, flags: ['--prebooted', '0'] });
    // It has the number, or has looked at it, or somebody else's platform has: whoever has it next removes what is there.
    await until('the groups and the code of the dead are gone', 60_000, () => {
      const left = groupsThatAre(prefix).filter((group) => dead.has(group));
      return left.length === 0 && codeMounts(data).length === 0;
    });
    assert.equal((await fetch(`${next.http}/sleep?seconds=0`)).status, 200);
    await next[Symbol.asyncDispose]();
    next = undefined;
    // Unless somebody else's platform has taken the number since.
    const isGone = async (): Promise<boolean> => (await tracesOf(instance, prefix)).length === 0;
    await until('nothing is left', 60_000, async () => isHeld(instance) || (await isGone()));
    t.diagnostic(isHeld(instance) ? 'its number is in use again' : 'nothing is left');
  } finally {
    await platform.killed();
    await next?.[Symbol.asyncDispose]();
    await rm(data, { recursive: true, force: true });
    await rm(project, { recursive: true, force: true });
  }
});

/** Somebody has its name in the abstract namespace. */
const isHeld = (instance: string): boolean =>
  readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .some((line) => line.endsWith(` @mayfly-${instance}`));
