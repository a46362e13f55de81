/** What each language finds of layers, without being told where. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { answerOf, openTestSandbox, type TestSandbox } from '../../../../test/fakes/process-sandbox.ts';
import { nodeRuntimeNames } from './node/node-runtime.ts';

const describePackage = (name: string, entry: object): string => JSON.stringify({ name, version: '1.0.0', ...entry });

describe('layers at /opt', () => {
  let opened: TestSandbox;
  before(async () => (opened = await openTestSandbox()));
  after(() => opened.close());

  for (const runtime of nodeRuntimeNames) {
    const major = /\d+/.exec(runtime)?.[0];
    const layers = {
      'nodejs/node_modules/plain/index.js': "module.exports = 'plain'",
      [`nodejs/node${major}/node_modules/numbered/index.js`]: "module.exports = 'numbered'",
      'nodejs/node_modules/both/index.js': "module.exports = 'for all'",
      [`nodejs/node${major}/node_modules/both/index.js`]: "module.exports = 'for this one'",
      'nodejs/node_modules/modern/package.json': describePackage('modern', {
        type: 'module',
        exports: { '.': { import: './main.js' }, './part': { import: './part.js' } },
      }),
      'nodejs/node_modules/modern/main.js': "import plain from 'plain'; export const modern = `modern with ${plain}`",
      'nodejs/node_modules/modern/part.js': "export const part = 'part'",
    };

    test(`${runtime}: require finds packages in nodejs/`, async () => {
      const source = `exports.handler = async () => ['plain', 'numbered', 'both'].map((name) => require(name))`;
      const { invoke } = await opened.start({ runtime, files: { 'index.js': source }, layers });
      assert.deepEqual(answerOf(await invoke({})), ['plain', 'numbered', 'for this one']);
    });

    test(`${runtime}: import finds them, too, and says which there is not`, async () => {
      const source = `
        import { modern } from 'modern';
        import { part } from 'modern/part';
        import both from 'both';
        const missing = await import('nothing-of-the-kind').catch((error) => error.code);
        export const handler = async () => [modern, part, both, missing];`;
      const { invoke } = await opened.start({ runtime, files: { 'index.mjs': source }, layers });
      assert.deepEqual(answerOf(await invoke({})), [
        'modern with plain',
        'part',
        'for this one',
        'ERR_MODULE_NOT_FOUND',
      ]);
    });
  }

  test('a package of the bundle comes before that of a layer', async () => {
    const { invoke } = await opened.start({
      runtime: 'nodejs26.x',
      files: {
        'index.mjs': "import own from 'shared'; export const handler = async () => own",
        'node_modules/shared/index.js': "module.exports = 'mine'",
      },
      layers: { 'nodejs/node_modules/shared/index.js': "module.exports = 'theirs'" },
    });
    assert.equal(answerOf(await invoke({})), 'mine');
  });

  test('python: import finds modules in python/ and in its site-packages, the bundle’s own first', async () => {
    const version = execFileSync('/usr/bin/python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
      encoding: 'utf8',
    }).trim();
    const source = 'import one, two, own\ndef handler(event, context):\n    return [one.name, two.name, own.name]\n';
    const { invoke } = await opened.start({
      runtime: 'python',
      files: { 'index.py': source, 'own.py': "name = 'mine'" },
      layers: {
        'python/one.py': "name = 'one'",
        [`python/lib/python${version}/site-packages/two.py`]: "name = 'two'",
        'python/own.py': "name = 'theirs'",
      },
    });
    assert.deepEqual(answerOf(await invoke({})), ['one', 'two', 'mine']);
  });

  test('programs in bin/ are on the PATH, and a runtime may come from a layer', async () => {
    const bootstrap = `#!/bin/sh
answer=$(greet)
while true; do
  id=$(curl -s -D - -o /tmp/event "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/next" |
    sed -n 's/^lambda-runtime-aws-request-id: *//Ip' | tr -d '\\r')
  curl -s "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/$id/response" -d "\\"$answer\\"" >/dev/null
done`;
    const { invoke, init } = await opened.start({
      runtime: 'provided',
      files: { 'nothing.txt': '' },
      layers: { bootstrap, 'bin/greet': '#!/bin/sh\necho hello from a layer' },
    });
    assert.deepEqual(init, { status: 'ready' });
    assert.equal(answerOf(await invoke({})), 'hello from a layer');
  });
});
