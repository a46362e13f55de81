import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { loadProject, type LoadedProject } from './load-project.ts';

let folder: string;

beforeEach(() => {
  folder = join(realpathSync(mkdtempSync(join(tmpdir(), 'mayfly-load-'))), 'greeter');
  mkdirSync(folder);
});
afterEach(() => rmSync(dirname(folder), { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

const load = (path = '.'): LoadedProject =>
  loadProject(path, { account: '000000000000', region: 'us-east-1', workingFolder: folder });
const manifest = 'functions: { f: { runtime: provided } }';
const python = 'def lambda_handler(event, context):\n    return {}\n';

describe('with a manifest', () => {
  for (const name of ['mayfly.yaml', 'mayfly.yml', 'mayfly.json']) {
    test(`${name} is found in the folder, or named itself`, () => {
      write({ [name]: name.endsWith('json') ? '{"functions": {"f": {"runtime": "provided"}}}' : manifest });
      for (const path of ['.', name]) {
        const project = load(path);
        assert.deepEqual([project.folder, project.file, project.manifest.application], [folder, name, 'greeter']);
      }
    });
  }

  test('of another name can be named', () => {
    write({ 'production.yaml': manifest });
    assert.equal(load('production.yaml').file, 'production.yaml');
  });

  test('two are one too many', () => {
    write({ 'mayfly.yaml': manifest, 'mayfly.json': '{}' });
    assert.throws(() => load(), { message: 'mayfly.json:1:1: there is mayfly.yaml and mayfly.json; keep one' });
  });

  test('complaints name the file as one would open it', () => {
    write({ 'sub/mayfly.yaml': 'functions: 1' });
    assert.throws(() => load('sub'), {
      message: 'sub/mayfly.yaml:1:12: functions: found 1; a map of names and functions is accepted',
    });
  });
});

describe('without a manifest', () => {
  const detected: Readonly<Record<string, readonly [file: string, text: string, name: string, handler: string]>> = {
    'a Python file': ['hello.py', python, 'hello', 'hello.lambda_handler'],
    'a Python function by its parameters': [
      'resize.py',
      'def resize_image_handler(event, context):\n    pass\ndef other(a, b):\n    pass\n',
      'resize',
      'resize.resize_image_handler',
    ],
    'a Python function with types': [
      'hello.py',
      'async def handler(event: dict, context: object) -> dict:\n    return {}\n',
      'hello',
      'hello.handler',
    ],
    'a Ruby function': [
      'hello.rb',
      'class Other\n  def handler(event:, context:); end\nend\ndef greet(event:, context:)\nend\n',
      'hello',
      'hello.greet',
    ],
    'a TypeScript function': ['index.ts', 'export const handler = async () => 1;\n', 'greeter', 'index.handler'],
    'a web-standard handler': [
      'index.ts',
      'export default {\n  async fetch(request: Request) { return new Response(); },\n};\n',
      'greeter',
      'index.default',
    ],
    'a module': ['greet.mjs', 'export async function handler(event) {}\n', 'greet', 'greet.handler'],
    CommonJS: ['greet.js', 'exports.handler = async () => {};\n', 'greet', 'greet.handler'],
    'CommonJS at once': ['greet.cjs', 'module.exports = { handler };\n', 'greet', 'greet.handler'],
  };
  for (const [what, [file, text, name, handler]] of Object.entries(detected)) {
    test(what, () => {
      write({
        [file]: text,
        'README.md': '',
        'test_hello.py': python,
        'index.test.ts': 'export const handler = 1;',
        'lib/deep.py': python,
      });
      const project = load();
      const [fn] = project.manifest.functions;
      assert.deepEqual(
        [project.manifest.application, project.file, fn?.name, fn?.settings.handler, fn?.url],
        ['greeter', file, name, handler, true],
      );
      assert.deepEqual(fn?.sources, [{ kind: 'http', method: 'ANY', path: `/${name}` }]);
      assert.deepEqual(fn?.code, { paths: '.' });
    });
  }

  test('an executable bootstrap', () => {
    write({ bootstrap: '#!/bin/sh\n' });
    chmodSync(join(folder, 'bootstrap'), 0o755);
    assert.equal(load().manifest.functions[0]?.settings.runtime, 'provided');
  });

  test('a file that is named alone goes alone', () => {
    write({ 'a.py': python, 'b.py': python });
    const project = load('b.py');
    assert.deepEqual(
      [project.manifest.functions[0]?.name, project.manifest.functions[0]?.code],
      ['b', { paths: 'b.py' }],
    );
  });

  test('two handlers are one too many, and both are named', () => {
    write({ 'a.py': python, 'b.mjs': 'export const handler = 1;' });
    assert.throws(
      () => load(),
      (error: Error) => {
        assert.match(
          error.message,
          /more than one function in it:\n {2}a\.py \(handler: a\.lambda_handler\)\n {2}b\.mjs \(handler: b\.handler\)\nWrite mayfly\.yaml .* or name one: mayfly deploy a\.py$/,
        );
        return true;
      },
    );
  });

  test('no handler at all says what would be one', () => {
    write({ 'README.md': '', 'lib.py': 'def f(x): pass\n' });
    assert.throws(
      () => load(),
      /no file in it looks like a function: a Python file with def lambda_handler\(event, context\), a Ruby file with def handler\(event:, context:\), an index\.ts/,
    );
  });

  test('a file without a handler says what would be one', () => {
    write({ 'lib.py': 'def f(x): pass\n' });
    assert.throws(() => load('lib.py'), /, and lib\.py does not look like a function: a Python file with/);
  });

  test('a bootstrap that cannot be run', () => {
    write({ bootstrap: '#!/bin/sh\n' });
    for (const path of ['.', 'bootstrap'])
      assert.throws(() => load(path), /its bootstrap is not executable: chmod \+x/);
  });

  test('a path to nothing', () => {
    assert.throws(() => load('nowhere'), {
      message:
        'There is no nowhere; a folder with mayfly.yaml or with one handler, or one of these files, is accepted.',
    });
  });
});
