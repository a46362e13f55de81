import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CliRig } from './cli-rig.ts';

const padder = { ecosystem: 'npm', name: 'padder', version: '1.0.0', license: 'MIT' };
const view = {
  function: 'hello',
  version: '3',
  packages: [padder],
  advice: [{ id: 'TEST-1', package: padder, severity: 'high', summary: 'It pads.', fixed: '1.0.1' }],
  sbom: { bomFormat: 'CycloneDX' },
};

test('sbom lists packages and advisories for people, and is CycloneDX for programs', async () => {
  await using rig = await new CliRig().start();
  rig.answers.set('GET functions/hello/sbom', { json: view });
  const { stdout } = await rig.run(['sbom', 'hello', '--version', '3']);
  assert.deepEqual(rig.calls.at(-1)?.query, { version: '3' });
  assert.deepEqual(stdout.trimEnd().split('\n'), [
    'npm  padder  1.0.0  MIT',
    '',
    'hello, version 3: 1 package, 1 advisory',
    '  high TEST-1: padder 1.0.0; fixed in 1.0.1 It pads.',
  ]);
  assert.deepEqual(JSON.parse((await rig.run(['sbom', 'hello', '--json'])).stdout), view.sbom);
});

test('advisories are sent from a file or a folder, and what is none is refused by its name', async () => {
  await using rig = await new CliRig().start();
  rig.write({
    'osv/a.json': '{"id":"A"}',
    'osv/deep/b.json': '[{"id":"B"},{"id":"C"}]',
    'osv/c.txt': 'no',
    'bad.json': '{',
  });
  rig.answers.set('POST advisories', (call) => ({
    json: { taken: (JSON.parse(call.body.toString()) as { advisories: unknown[] }).advisories.length },
  }));
  rig.answers.set('GET advisories', { json: { count: 3 } });
  rig.answers.set('DELETE advisories', { json: { removed: 3 } });
  assert.match((await rig.run(['advisories', 'update', 'osv'])).stdout, /^3 advisories taken/);
  assert.match((await rig.run(['advisories'])).stdout, /^3 advisories known/);
  assert.match((await rig.run(['advisories', 'clear'])).stdout, /^3 advisories removed/);
  const bad = await rig.run(['advisories', 'update', 'bad.json']);
  assert.deepEqual([bad.code, /bad\.json is not JSON/.test(bad.stderr)], [1, true]);
  assert.equal((await rig.run(['advisories', 'update', 'nowhere'])).code, 1);
  assert.equal((await rig.run(['advisories', 'update'])).code, 2);
  assert.equal((await rig.run(['advisories', 'find'])).code, 2);
});
