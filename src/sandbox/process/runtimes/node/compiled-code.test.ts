import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answerOf, openTestSandbox, type TestSandbox } from '../../../../../test/fakes/process-sandbox.ts';
import { CompiledTemplate } from '../../environment/compiled-template.ts';

/** What a function sees of it while it is loaded, and afterwards. */
const source = `
  const { getCompileCacheDir } = require('node:module');
  const { existsSync, readdirSync, statSync } = require('node:fs');
  const folder = getCompileCacheDir();
  const isFile = (path) => statSync(folder + '/' + path).isFile();
  const files = folder === undefined || !existsSync(folder) ? [] : readdirSync(folder, { recursive: true }).filter(isFile);
  exports.handler = async () => ({ folder: folder ?? null, files, left: readdirSync('/dev/shm') });`;
type Seen = { folder: string | null; files: string[]; left: string[] };

const bytesMax = 1024 * 1024;

describe('compiled code', () => {
  let opened: TestSandbox;
  before(async () => (opened = await openTestSandbox()));
  after(() => opened.close());

  for (const runtime of ['nodejs22.x', 'nodejs24.x', 'nodejs26.x'] as const) {
    test(`of one process is used by others, in ${runtime}`, async () => {
      const files = { 'index.js': source };
      const first = await opened.start({ runtime, files });
      assert.deepEqual(first.environment.lateImports, []);
      assert.deepEqual(answerOf(await first.invoke({})), { folder: null, files: [], left: [] });

      const making = await opened.start({ runtime, files, forTemplate: { imports: [] } });
      assert.deepEqual(making.init, { status: 'ready' });
      const template = await making.environment.becomeTemplate(bytesMax);
      await making.environment.ended;
      assert.ok(template instanceof CompiledTemplate, JSON.stringify(template));

      const going = await opened.start({ runtime, files: {}, bundle: making.bundle, template });
      assert.deepEqual(going.init, { status: 'ready' });
      const seen = answerOf(await going.invoke({})) as Seen;
      assert.match(String(seen.folder), /^\/dev\/shm\/compiled\/v\d+/);
      assert.deepEqual([seen.files.length, seen.left], [1, []]);
      // Node.js names what it keeps by the path and kind of the module.
      assert.match(Buffer.from(template.code).toString('latin1'), new RegExp(`/${seen.files[0]}",\\d+\\]`));
    });
  }

  test('of another source, or none at all, is passed over', async () => {
    const runtime = 'nodejs26.x';
    const making = await opened.start({
      runtime,
      files: { 'index.js': source },
      forTemplate: { imports: [] },
    });
    const template = await making.environment.becomeTemplate(bytesMax);
    assert.ok(template instanceof CompiledTemplate);
    const files = { 'index.js': 'exports.handler = async () => "another";' };
    const other = await opened.start({ runtime, files, template });
    assert.equal(answerOf(await other.invoke({})), 'another');
    const garbled = Uint8Array.from(template.code);
    for (const from of [garbled.length >> 1, 4, 0]) {
      garbled.fill(7, from);
      const garbage = new CompiledTemplate(garbled);
      const third = await opened.start({ runtime, files: { 'index.js': source }, template: garbage });
      assert.deepEqual((answerOf(await third.invoke({})) as Seen).left, []);
    }
  });

  test('of which there is too much is not kept', async () => {
    const files = { 'index.js': source };
    const making = await opened.start({ runtime: 'nodejs26.x', files, forTemplate: { imports: [] } });
    const outcome = await making.environment.becomeTemplate(100);
    assert.match('refused' in outcome ? outcome.refused : '', /^has compiled \d+ bytes: at most 100 are kept$/);
  });

  test('that nobody asked for ends the environment', async () => {
    // It then waits, so that nothing else comes after.
    const code = `
      require('node:fs').writeSync(3, Buffer.from([0, 0, 0, 1, 29, 7]));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`;
    const { init, lines } = await opened.start({ runtime: 'nodejs26.x', files: { 'index.js': code } });
    assert.deepEqual(init, { status: 'exit', code: undefined, signal: 'SIGKILL' });
    assert.match(lines.map(({ text }) => text).join(), /carried compiled code that nobody waits for/);
  });
});
