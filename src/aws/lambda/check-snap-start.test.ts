import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RuntimeName } from '../../util/runtime-names.ts';
import { checkSnapStart } from './check-snap-start.ts';

/** A machine that has these. */
const machine = (versions: Partial<Record<RuntimeName, string>>) => ({
  runtimes: async () => Object.entries(versions).map(([name, version]) => ({ name: name as RuntimeName, version })),
});

const refusalOf = (name: RuntimeName, versions: Partial<Record<RuntimeName, string>>): Promise<unknown> =>
  checkSnapStart(machine(versions), name).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : error),
  );

test('SnapStart is for Java from 11 and Python from 3.12 on, as on Lambda', async () => {
  for (const name of ['java11', 'java17', 'java21', 'java25', 'python3.12', 'python3.14'] as const)
    assert.equal(await refusalOf(name, {}), undefined, name);
  for (const name of ['java8.al2', 'python3.8', 'python3.11', 'nodejs24.x', 'ruby3.4', 'provided.al2023'] as const)
    assert.equal(await refusalOf(name, {}), `${name} is not supported for SnapStart enabled functions.`);
});

test('a name without a number is what this machine has of it', async () => {
  assert.equal(await refusalOf('python', { python: '3.13.5' }), undefined);
  assert.equal(await refusalOf('java', { java: '17.0.16' }), undefined);
  assert.equal(
    await refusalOf('python', { python: '3.11.2' }),
    'python, which is 3.11.2 on this machine, is not supported for SnapStart enabled functions.',
  );
  assert.equal(await refusalOf('java', {}), 'java is not supported for SnapStart enabled functions.');
});
