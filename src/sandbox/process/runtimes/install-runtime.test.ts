import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { projectRoot } from '../../../../test/fakes/process-sandbox.ts';
import { runtimeFamilies } from '../../../util/runtime-names.ts';
import { installRuntime } from './install-runtime.ts';

test('a runtime that is there stays as it is', async () => {
  const lines: string[] = [];
  const options = { projectRoot, progress: (line: string) => void lines.push(line), isRoot: true };
  const outcome = await installRuntime('nodejs22.x', options);
  assert.equal(outcome.status, 'present');
  assert.match(outcome.status === 'present' ? outcome.version : '', /^22\./);
  assert.deepEqual(lines, []);
});

test('who is not root is told the command', async (t) => {
  const absent = runtimeFamilies.python.find((name) => !existsSync(`/usr/bin/${name}`) && name !== 'python');
  if (absent === undefined || !existsSync('/usr/bin/apt-get')) return t.skip('nothing to install, or no apt-get');
  assert.deepEqual(await installRuntime(absent, { projectRoot, progress: assert.fail, isRoot: false }), {
    status: 'by_hand',
    what: `as root, run: apt-get install --yes --no-install-recommends ${absent}`,
  });
});
