import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { InstallOutcome } from '../sandbox/sandbox.ts';
import { CliRig } from './cli-rig.ts';

let rig: CliRig;
beforeEach(async () => {
  rig = await new CliRig().start();
});
afterEach(() => rig[Symbol.asyncDispose]());

const report = {
  capabilities: [],
  runtimes: [
    { name: 'python', version: '3.11.2', from: '/usr/bin/python3' },
    { name: 'ruby', missing: "/usr/bin/ruby cannot be run (it is not there); run 'mayfly runtimes install ruby'" },
  ],
};

test('lists what is ready, what is absent, and what provided does', async () => {
  rig.answers.set('GET doctor', { json: report });
  const { code, stdout } = await rig.run(['runtimes']);
  assert.equal(code, 0);
  assert.match(stdout, /^ {2}ready {2}python {2}3\.11\.2 {2}\/usr\/bin\/python3$/m);
  assert.match(stdout, /^ {2}absent {2}ruby {2}\/usr\/bin\/ruby cannot be run/m);
  for (const language of ['C#, F#', 'PowerShell', 'Go', 'Rust, C, C++'])
    assert.match(stdout, new RegExp(`^ {2}${RegExp.escape(language)}.*provided\\.al2023$`, 'm'));
});

test('--json says the same, with the command for each that is absent', async () => {
  rig.answers.set('GET doctor', { json: report });
  const { stdout } = await rig.run(['runtimes', '--json']);
  const { runtimes, byProvided } = JSON.parse(stdout);
  assert.deepEqual(runtimes, [
    { name: 'python', status: 'ready', version: '3.11.2', from: '/usr/bin/python3' },
    {
      name: 'ruby',
      status: 'absent',
      missing: report.runtimes[1]?.missing,
      install: 'mayfly runtimes install ruby',
    },
  ]);
  assert.ok(byProvided.every(({ use }: { use: string }) => use === 'provided.al2023'));
});

test('of runtimes that have had more than one release it says which is tried, and which has failed where', async () => {
  const release = { runtime: 'nodejs24.x', foundMs: 0, available: true, newest: false, triedBy: [], refusedBy: [] };
  const releases = [
    { ...release, id: 'a'.repeat(64), version: '24.1.0', available: false },
    { ...release, id: 'b'.repeat(64), version: '24.2.0' },
    {
      ...release,
      id: 'c'.repeat(64),
      version: '24.3.0',
      newest: true,
      triedBy: ['0/hello/1'],
      refusedBy: ['0/other/2'],
    },
    { ...release, runtime: 'python', id: 'd'.repeat(64), version: '3.11.2', newest: true },
  ];
  rig.answers.set('GET doctor', { json: { ...report, releases } });
  const { stdout } = await rig.run(['runtimes']);
  assert.match(stdout, /^ {2}gone {4}nodejs24\.x {2}24\.1\.0 {2}a{12}$/m);
  assert.match(stdout, /^ {2}kept {4}nodejs24\.x {2}24\.2\.0 {2}b{12}$/m);
  assert.match(
    stdout,
    /^ {2}newest {2}nodejs24\.x {2}24\.3\.0 {2}c{12} {2}tried by 0\/hello\/1; failed in 0\/other\/2$/m,
  );
  assert.ok(!stdout.includes('d'.repeat(12)), 'one alone says nothing');
  assert.deepEqual(JSON.parse((await rig.run(['runtimes', '--json'])).stdout).releases, releases);
});

const outcomes: Record<string, InstallOutcome> = {
  ruby: { status: 'installed', version: '3.1.2', from: '/usr/bin/ruby' },
  python: { status: 'present', version: '3.11.2', from: '/usr/bin/python3' },
  'python3.8': { status: 'by_hand', what: 'as root, run: apt-get install --yes python3.8' },
};
const host = {
  installRuntime: async (name: string, progress: (line: string) => void): Promise<InstallOutcome> => {
    progress('unpacking');
    return outcomes[name] ?? assert.fail(name);
  },
};

test('install brings what it can, says how it goes, and fails when something is left to do', async () => {
  const done = await rig.run(['runtimes', 'install', 'ruby', 'python'], { host });
  assert.equal(done.code, 0);
  assert.equal(
    done.stdout,
    'ruby  is installed: 3.1.2 (/usr/bin/ruby)\npython  is there already: 3.11.2 (/usr/bin/python3)\n',
  );
  assert.match(done.stderr, /^ruby: unpacking$/m);
  const left = await rig.run(['runtimes', 'install', 'python3.8'], { host });
  assert.equal(left.code, 1);
  assert.equal(left.stdout, 'python3.8  not installed: as root, run: apt-get install --yes python3.8\n');
  const json = await rig.run(['runtimes', 'install', 'ruby', 'python3.8', '--json'], { host });
  assert.equal(json.code, 1);
  assert.deepEqual(JSON.parse(json.stdout), {
    runtimes: ['ruby', 'python3.8'].map((name) => ({ name, ...outcomes[name] })),
  });
});

const wrong: [words: string[], code: number, message: RegExp][] = [
  [['install'], 2, /Say which: mayfly runtimes install python3\.11/],
  [['remove', 'ruby'], 2, /runtimes remove is not known/],
  [['install', 'cobol'], 1, /There is no runtime cobol to install: accepted: nodejs20\.x, .*python3\.14, /],
  [['install', 'dotnet8'], 1, /dotnet8.*self-contained.*provided\.al2023/],
  [['install', 'constructor'], 1, /There is no runtime constructor to install: accepted/],
];
for (const [words, code, message] of wrong) {
  test(`runtimes ${words.join(' ')} is refused`, async () => {
    const ran = await rig.run(['runtimes', ...words], { host });
    assert.equal(ran.code, code);
    assert.match(ran.stderr, message);
  });
}
