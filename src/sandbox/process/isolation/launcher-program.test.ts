import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { PlatformError } from '../../../util/errors.ts';
import { becomeBlock, enterBlock, launcherProgram } from './launcher-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-launcher-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const program = join(folder, 'launcher');
writeFileSync(program, launcherProgram(), { mode: 0o700 });
/** In bwrap's place: tells what it is called with, and what it has. */
const stand = join(folder, 'stand-in');
writeFileSync(stand, '#!/bin/sh\necho "$@"; ulimit -n; ulimit -c; cat; cat <&5; cat <&6; pwd\n', { mode: 0o700 });
for (const name of ['filter', 'arguments', 'entrance']) writeFileSync(join(folder, name), `${name}\n`);
const launch = {
  filterFile: join(folder, 'filter'),
  argumentsFile: join(folder, 'arguments'),
  entrance: undefined,
  bubblewrap: stand,
};
const skip = process.arch === 'x64' ? false : 'it is for x86-64';

async function run(...blocks: readonly Buffer[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'] });
  const { stdin, stdout, stderr } = child;
  assert.ok(stdin !== null && stdout !== null && stderr !== null);
  // What it does not read is nobody's business.
  stdin.on('error', () => undefined);
  stdin.end(Buffer.concat(blocks));
  const [out, complaint, [code]] = await Promise.all([text(stdout), text(stderr), once(child, 'exit')]);
  return { code, stdout: out, stderr: complaint };
}

test('it becomes bwrap, with its command, limits and files, and nothing to read', { skip }, async () => {
  const outcome = await run(
    enterBlock([]),
    becomeBlock({ ...launch, command: ['what', 'it is'] }, 0),
    Buffer.from('x'),
  );
  assert.deepEqual(outcome, {
    code: 0,
    stdout: '--args 6 -- what it is\n1024\n0\nfilter\narguments\n/\n',
    stderr: '',
  });
});

test('where there is no command yet, what comes behind is for the shell inside', { skip }, async () => {
  const { code, stdout } = await run(enterBlock([]), becomeBlock(launch, 0), Buffer.from('more\n'));
  assert.equal(code, 0);
  assert.match(stdout, /read -r command/);
  assert.match(stdout, /^1024\n0\nmore\nfilter$/m);
});

test('it writes itself into control groups first', { skip }, async () => {
  const entrance = join(folder, 'entrance');
  const { stdout } = await run(enterBlock([entrance]), becomeBlock({ ...launch, bubblewrap: '/bin/echo' }, 1));
  assert.match(stdout, /^--args 6 --/);
  assert.equal(readFileSync(entrance, 'utf8')[0], '0');
});

test('what fails is said, and ends it', { skip }, async () => {
  const nowhere = join(folder, 'nowhere');
  const why = async (...blocks: readonly Buffer[]): Promise<string> => {
    const { code, stderr } = await run(...blocks);
    assert.equal(code, 125);
    return stderr.trim();
  };
  assert.equal(await why(enterBlock([nowhere])), 'mayfly: a control group failed');
  assert.equal(await why(enterBlock([])), 'mayfly: waiting failed');
  assert.equal(await why(), '');
  const become = (change: Partial<Parameters<typeof becomeBlock>[0]>): Promise<string> =>
    why(enterBlock([]), becomeBlock({ ...launch, ...change }, 0));
  assert.equal(await become({ filterFile: nowhere }), 'mayfly: the filter failed');
  assert.equal(await become({ bubblewrap: nowhere }), 'mayfly: bubblewrap failed');
  const entrance = { nsenter: '', mounts: nowhere, network: undefined, id: 1 };
  assert.equal(await become({ entrance }), 'mayfly: its mounts failed');
});

test('a command that is too long is refused', () => {
  assert.throws(
    () => becomeBlock({ ...launch, command: ['x'.repeat(8_192)] }, 0),
    (error: unknown) => error instanceof PlatformError && error.code === 'invalid_argument',
  );
});
