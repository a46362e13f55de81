import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Package } from './package.ts';
import { openMemoryStore } from '../../store/memory/open-memory-store.ts';
import { FakeClock } from '../../util/fake-clock.ts';
import { Advisories } from './advisories.ts';
import { compareDotted, comparePython, compareSemver, type Compare } from './compare-versions.ts';

function inOrder(compare: Compare, versions: readonly string[]): void {
  for (const [index, version] of versions.entries())
    for (const [other, another] of versions.entries())
      assert.equal(
        Math.sign(compare(version, another) ?? Number.NaN),
        Math.sign(index - other),
        `${version} ${another}`,
      );
}

test('versions are in the order that semver’s own page gives', () => {
  inOrder(compareSemver, [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.1',
    '1.2.0',
    '1.10.0',
    '2.0.0',
  ]);
  assert.equal(compareSemver('1.0.0+a', 'v1.0.0+b'), 0);
  assert.equal(compareSemver('latest', '1.0.0'), undefined);
});

test('versions are in the order that the Python packaging guide gives', () => {
  inOrder(comparePython, [
    '1.dev0',
    '1.0.dev456',
    '1.0a1',
    '1.0a2.dev456',
    '1.0a12.dev456',
    '1.0a12',
    '1.0b1.dev456',
    '1.0b2',
    '1.0b2.post345.dev456',
    '1.0b2.post345',
    '1.0rc1.dev456',
    '1.0rc1',
    '1.0',
    '1.0.post456.dev34',
    '1.0.post456',
    '1.0.15',
    '1.1.dev1',
    '1!0.1',
  ]);
  assert.equal(comparePython('1.0', '1.0.0'), 0);
  assert.equal(comparePython('1.0-RC.1', '1.0c1'), 0);
  assert.equal(comparePython('1.0+cu121', '1.0'), 0);
  assert.equal(comparePython('one', '1.0'), undefined);
});

test('dotted numbers are compared as numbers, and nothing else is', () => {
  inOrder(compareDotted, ['0.9', '1.0', '1.0.1', '1.2', '1.10']);
  assert.equal(compareDotted('1.0', '1.0.Final'), undefined);
});

const osv = (id: string, ecosystem: string, name: string, more: object): object => ({
  id,
  summary: `${name} is wrong`,
  affected: [{ package: { ecosystem, name }, ...more }],
  database_specific: { severity: 'HIGH' },
});
const range = (...events: object[]): object => ({ ranges: [{ type: 'SEMVER', events }] });

test('a package is matched by ranges and by lists of versions, in its own ecosystem', async () => {
  const { records } = openMemoryStore({ clock: new FakeClock() });
  const advisories = new Advisories({ records });
  const taken = await advisories.put([
    osv('GHSA-1', 'npm', 'lodash', range({ introduced: '0' }, { fixed: '4.17.21' })),
    osv('GHSA-2', 'npm', 'lodash', range({ introduced: '5.0.0' }, { last_affected: '5.1.0' }, { introduced: '6.0.0' })),
    osv('PYSEC-1', 'PyPI', 'Some_Thing', {
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '1.0rc1' }, { fixed: '1.0' }] }],
    }),
    osv('MVN-1', 'Maven', 'a:b', {
      versions: ['1.0.Final'],
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.1.Final' }] }],
    }),
    { ...osv('GONE', 'npm', 'lodash', range({ introduced: '0' })), withdrawn: '2026-01-01T00:00:00Z' },
    osv('OTHER', 'Debian', 'lodash', range({ introduced: '0' })),
    'no advisory',
  ]);
  assert.equal(taken, 4);
  assert.equal(await advisories.count(), 4);
  const found = async (ecosystem: Package['ecosystem'], name: string, version: string) =>
    (await advisories.match([{ ecosystem, name, version }])).map(({ id, fixed }) => [id, fixed].join(' '));
  assert.deepEqual(await found('npm', 'lodash', '4.17.20'), ['GHSA-1 4.17.21']);
  assert.deepEqual(await found('npm', 'lodash', '4.17.21'), []);
  assert.deepEqual(await found('npm', 'lodash', '5.1.0'), ['GHSA-2 ']);
  assert.deepEqual(await found('npm', 'lodash', '5.1.1'), []);
  assert.deepEqual(await found('npm', 'lodash', '7.0.0'), ['GHSA-2 ']);
  assert.deepEqual(await found('PyPI', 'lodash', '4.17.20'), []);
  assert.deepEqual(await found('PyPI', 'some-thing', '1.0rc2'), ['PYSEC-1 1.0']);
  assert.deepEqual(await found('PyPI', 'some-thing', '1.0'), []);
  assert.deepEqual(await found('Maven', 'a:b', '1.0.Final'), ['MVN-1 1.1.Final']);
  assert.deepEqual(await found('Maven', 'a:b', '1.2.Final'), []);
  assert.equal(await advisories.clear(), 4);
  assert.deepEqual(await found('npm', 'lodash', '4.17.20'), []);
});
