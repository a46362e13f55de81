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
/** A function is compiled when it is called: this is how it is seen what of a bundle is in a template. */
const partly = `
  const called = () => 'a text of what was called';
  const uncalled = () => 'a text of what was not called';
  const late = require('./late.js');
  exports.handler = async () => [called(), late.called, typeof uncalled];
  called();`;
const late = `exports.called = (() => { const nested = () => 'a text of what a second file called'; return nested(); })();`;
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

  for (const runtime of ['nodejs22.x', 'nodejs24.x', 'nodejs26.x'] as const) {
    test(`has the functions that were called while the code was loaded, in ${runtime}`, async () => {
      const files = { 'index.js': partly, 'late.js': late };
      const making = await opened.start({ runtime, files, forTemplate: { imports: [] } });
      assert.deepEqual(making.init, { status: 'ready' });
      const template = await making.environment.becomeTemplate(bytesMax);
      assert.ok(template instanceof CompiledTemplate, JSON.stringify(template));
      const text = Buffer.from(template.code).toString('latin1');
      const has = (what: string): boolean => text.includes(`a text of what ${what}`);
      assert.deepEqual([has('was called'), has('a second file called'), has('was not called')], [true, true, false]);
      const going = await opened.start({ runtime, files: {}, bundle: making.bundle, template });
      const answer = ['a text of what was called', 'a text of what a second file called', 'function'];
      assert.deepEqual(answerOf(await going.invoke({})), answer);
    });
  }

  test('runs once where it is kept', async () => {
    const making = await opened.start({
      runtime: 'nodejs26.x',
      files: { 'index.js': `process.stdout.write('it ran\\n'); exports.handler = async () => {};` },
      forTemplate: { imports: [] },
    });
    assert.ok((await making.environment.becomeTemplate(bytesMax)) instanceof CompiledTemplate);
    await making.environment.ended;
    assert.deepEqual(
      making.lines.map(({ text }) => text),
      ['it ran'],
    );
  });

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
