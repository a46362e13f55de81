import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { fromBufferPromise } from 'yauzl';
import { FakeClock } from '../../util/fake-clock.ts';
import { complaintLine } from '../complaint.ts';
import type { ManifestFunction } from '../manifest.ts';
import { readManifest } from '../read-manifest.ts';
import { PackageCache } from './package-cache.ts';
import { packageFunction, type PackedFunction } from './package-function.ts';

let folder: string;

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'mayfly-package-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** `settings` are lines of the function `hello`. */
function functionOf(...settings: string[]): ManifestFunction {
  const text = ['functions:', '  hello:', ...settings.map((line) => `    ${line}`)].join('\n');
  const result = readManifest(text, {
    file: 'mayfly.yaml',
    folderName: 'shop',
    account: '000000000000',
    region: 'us-east-1',
  });
  if (result.status === 'wrong') throw new Error(result.complaints.map(complaintLine).join('\n'));
  const [fn] = result.manifest.functions;
  assert.ok(fn);
  return fn;
}

/** Packing happens long after the files were written, unless a test says otherwise. */
const later = new FakeClock(Date.now() + 3_600_000);

async function pack(...settings: string[]): Promise<PackedFunction> {
  const cache = new PackageCache(join(folder, '.mayfly/cache/packages'));
  const result = await packageFunction(functionOf(...settings), { folder, file: 'mayfly.yaml', cache, clock: later });
  if (result.status === 'wrong') throw new Error(result.complaints.map(complaintLine).join('\n'));
  return result.packed;
}

async function complaintsOf(...settings: string[]): Promise<string[]> {
  const cache = new PackageCache(join(folder, '.mayfly/cache/packages'));
  const result = await packageFunction(functionOf(...settings), { folder, file: 'mayfly.yaml', cache, clock: later });
  assert.equal(result.status, 'wrong', 'it was accepted');
  return result.status === 'wrong' ? result.complaints.map(complaintLine) : [];
}

/** Path to mode and text. */
async function contentsOf(packed: PackedFunction): Promise<Record<string, { mode: string; text: string }>> {
  const zip = await fromBufferPromise(readFileSync(packed.zipPath));
  const contents: Record<string, { mode: string; text: string }> = {};
  for await (const entry of zip.eachEntry()) {
    const text = (await buffer(await zip.openReadStreamPromise(entry))).toString();
    contents[entry.fileName] = { mode: ((entry.externalFileAttributes >>> 16) & 0o777).toString(8), text };
  }
  return contents;
}

const python = ['runtime: python', 'handler: hello.lambda_handler'];
const node = ['runtime: nodejs', 'handler: index.handler'];
const helloPy = 'def lambda_handler(event, context):\n    return {}\n';

describe('which files go in', () => {
  test('a folder goes in whole, without history, caches, secrets and our own files', async () => {
    write({
      'hello.py': helloPy,
      'lib/a.py': '',
      '.git/HEAD': '',
      '__pycache__/a.pyc': '',
      'lib/b.pyc': '',
      '.env': 'S=1',
      '.env.local': '',
      'node_modules/x/index.js': '',
      'mayfly.yaml': '',
      'venv/pyvenv.cfg': '',
      'venv/lib/x.py': '',
      '.DS_Store': '',
    });
    assert.deepEqual(Object.keys(await contentsOf(await pack(...python))), ['hello.py', 'lib/a.py']);
  });

  test("another folder's paths begin in it", async () => {
    write({ 'functions/hello/hello.py': helloPy, 'other.py': '' });
    assert.deepEqual(Object.keys(await contentsOf(await pack(...python, 'code: functions/hello'))), ['hello.py']);
  });

  test('a file goes in alone', async () => {
    write({ 'src/hello.py': helloPy, 'src/other.py': '' });
    assert.deepEqual(Object.keys(await contentsOf(await pack(...python, 'code: src/hello.py'))), ['hello.py']);
  });

  test('of patterns the last one that matches decides', async () => {
    write({ 'hello.py': helloPy, 'lib/a.py': '', 'lib/a_test.py': '', 'data/x.json': '{}', 'README.md': '' });
    const packed = await pack(...python, "code: ['*.py', 'lib/**', '!**/*_test.py', data]");
    assert.deepEqual(Object.keys(await contentsOf(packed)), ['data/x.json', 'hello.py', 'lib/a.py']);
  });

  test('what is left out by default comes back by its own name, not by a wildcard', async () => {
    write({ 'hello.py': helloPy, '.env': 'A=1', '__pycache__/x.pyc': '' });
    assert.deepEqual(Object.keys(await contentsOf(await pack(...python, "code: ['**', '.env']"))), [
      '.env',
      'hello.py',
    ]);
  });

  test('what is executable stays so; other modes become one', async () => {
    write({ 'hello.py': helloPy, 'bin/tool': '#!/bin/sh\n' });
    chmodSync(join(folder, 'bin/tool'), 0o700);
    chmodSync(join(folder, 'hello.py'), 0o600);
    const contents = await contentsOf(await pack(...python));
    assert.deepEqual([contents['bin/tool']?.mode, contents['hello.py']?.mode], ['755', '644']);
  });

  test('links inside the project are followed', async () => {
    write({ 'hello.py': helloPy, 'shared/a.py': 'A = 1' });
    symlinkSync('shared', join(folder, 'linked'));
    assert.equal((await contentsOf(await pack(...python)))['linked/a.py']?.text, 'A = 1');
  });

  test('JavaScript takes the packages along that package.json needs, and what those need, and no others', async () => {
    write({
      'index.mjs': 'export const handler = () => 1;',
      'package.json': '{"type": "module", "dependencies": {"a": "1"}, "devDependencies": {"tool": "1"}}',
      'node_modules/a/package.json': '{"name": "a", "dependencies": {"b": "1"}}',
      'node_modules/a/index.js': '',
      'node_modules/a/node_modules/b/package.json': '{"name": "b"}',
      'node_modules/b/package.json': '{"name": "b", "version": "other"}',
      'node_modules/tool/package.json': '{"name": "tool"}',
      'node_modules/.bin/tool': '',
    });
    assert.deepEqual(Object.keys(await contentsOf(await pack(...node))), [
      'index.mjs',
      'node_modules/a/index.js',
      'node_modules/a/node_modules/b/package.json',
      'node_modules/a/package.json',
      'package.json',
    ]);
  });

  test('no packages where a pattern says so', async () => {
    write({ 'index.mjs': '', 'package.json': '{"dependencies": {"a": "1"}}' });
    assert.deepEqual(Object.keys(await contentsOf(await pack(...node, "code: ['*.mjs', '!node_modules']"))), [
      'index.mjs',
    ]);
  });
});

describe('the zip file', () => {
  test('is the same for the same contents, wherever, whenever and in whichever order they were written', async () => {
    write({ 'hello.py': helloPy, 'b.txt': 'b', 'a.txt': 'a' });
    const first = await pack(...python);
    const bytes = readFileSync(first.zipPath);
    rmSync(folder, { recursive: true });
    folder = mkdtempSync(join(tmpdir(), 'mayfly-package-'));
    write({ 'a.txt': 'a', 'b.txt': 'b', 'hello.py': helloPy });
    utimesSync(join(folder, 'a.txt'), 1, 1);
    const second = await pack(...python);
    assert.equal(second.hash, first.hash);
    assert.ok(bytes.equals(readFileSync(second.zipPath)));
  });

  test('is the same in every time zone', () => {
    write({ 'a.txt': 'a' });
    const program = `const { writeZip } = await import(${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'zip.ts')).href)});
      const { hash } = await writeZip([{ path: 'a.txt', executable: false, from: { file: process.argv[1] } }], process.argv[1] + '.zip'); console.log(hash);`;
    const hashes = ['UTC', 'Asia/Tokyo', 'America/Los_Angeles'].map((TZ) =>
      execFileSync(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program, join(folder, 'a.txt')],
        { env: { ...process.env, TZ }, encoding: 'utf8' },
      ),
    );
    assert.equal(new Set(hashes).size, 1);
  });

  test('has the hash and the size that are told', async () => {
    write({ 'hello.py': helloPy });
    const packed = await pack(...python);
    const digest = createHash('sha256').update(readFileSync(packed.zipPath)).digest('hex');
    assert.equal(packed.hash, digest);
    assert.equal(packed.bytes, statSync(packed.zipPath).size);
    assert.equal(packed.files, 1);
  });
});

describe('TypeScript', () => {
  test('becomes one file with a source map, packages inside', async () => {
    write({
      'src/index.ts':
        "import { greet } from './greet.ts';\nimport { shout } from 'loud';\nexport const handler = async (event: { name: string }) => shout(greet(event.name));\n",
      'src/greet.ts': 'export const greet = (name: string): string => `Hello, ${name}`;\n',
      'node_modules/loud/package.json': '{"name": "loud", "main": "index.js"}',
      'node_modules/loud/index.js': 'exports.shout = (text) => text.toUpperCase() + require("node:path").sep;',
    });
    const contents = await contentsOf(await pack('runtime: nodejs20.x', 'handler: src/index.handler'));
    assert.deepEqual(Object.keys(contents), ['src/index.cjs', 'src/index.cjs.map']);
    assert.match(contents['src/index.cjs']?.text ?? '', /sourceMappingURL=index\.cjs\.map/);
    const map = JSON.parse(contents['src/index.cjs.map']?.text ?? '') as {
      sources: string[];
      sourcesContent?: unknown;
    };
    assert.ok(map.sources.includes('index.ts') && map.sources.includes('greet.ts'));
    assert.equal(map.sourcesContent, undefined);
    const target = join(folder, 'run/src/index.cjs');
    write({ 'run/src/index.cjs': contents['src/index.cjs']?.text ?? '' });
    const { handler } = (await import(pathToFileURL(target).href)) as { handler: (event: object) => Promise<string> };
    assert.equal(await handler({ name: 'Ada' }), 'HELLO, ADA/');
  });

  test('written as CommonJS stays CommonJS, so that its exports keep their names', async () => {
    write({ 'index.ts': 'const handler = async () => 1;\nexport = { handler };\n' });
    const contents = await contentsOf(await pack(...node));
    assert.deepEqual(Object.keys(contents), ['index.cjs', 'index.cjs.map']);
  });

  test('may name its own require and __dirname', async () => {
    write({
      'index.ts':
        "import { createRequire } from 'node:module';\nimport { dirname } from 'node:path';\nconst require = createRequire(import.meta.url);\nconst __dirname = dirname('/a/b');\nexport const handler = () => [typeof require, __dirname];\n",
    });
    const contents = await contentsOf(await pack(...node));
    write({ 'run/index.cjs': contents['index.cjs']?.text ?? '' });
    const { handler } = (await import(pathToFileURL(join(folder, 'run/index.cjs')).href)) as { handler: () => unknown };
    assert.deepEqual(handler(), ['function', '/a']);
  });

  test('may bundle CommonJS that asks for require and its paths', async () => {
    write({
      'index.ts': "import paths from './old.cjs';\nexport const handler = () => paths;\n",
      'old.cjs': "const name = 'node:path';\nmodule.exports = [__dirname, __filename, typeof require(name).join];\n",
    });
    const contents = await contentsOf(await pack(...node));
    write({ 'run/index.cjs': contents['index.cjs']?.text ?? '' });
    const { handler } = (await import(pathToFileURL(join(folder, 'run/index.cjs')).href)) as { handler: () => unknown };
    assert.deepEqual(handler(), [join(folder, 'run'), join(folder, 'run/index.cjs'), 'function']);
  });

  test('is strict, and knows where it is, although it has become CommonJS', async () => {
    write({
      'index.ts':
        'export const handler = () => [import.meta.url, import.meta.dirname, import.meta.filename, (function () { return this; })() ?? null];\n',
    });
    const contents = await contentsOf(await pack(...node));
    write({ 'run/index.cjs': contents['index.cjs']?.text ?? '' });
    const path = join(folder, 'run/index.cjs');
    const { handler } = createRequire(import.meta.url)(path) as { handler: () => unknown };
    assert.deepEqual(handler(), [pathToFileURL(path).href, join(folder, 'run'), path, null]);
  });

  for (const [what, code] of [
    ['await outside of functions', 'const n = await Promise.resolve(7);\nexport const handler = () => n;\n'],
    ['what only modules have', "export const handler = () => typeof import.meta.resolve('node:fs');\n"],
  ] as const) {
    test(`stays a module where it needs ${what}`, async () => {
      write({ 'index.ts': code });
      const contents = await contentsOf(await pack(...node));
      assert.deepEqual(Object.keys(contents), ['index.mjs', 'index.mjs.map']);
      write({ 'run/index.mjs': contents['index.mjs']?.text ?? '' });
      const module = (await import(pathToFileURL(join(folder, 'run/index.mjs')).href)) as { handler: () => unknown };
      assert.match(String(module.handler()), /^(7|string)$/);
    });
  }

  test('takes AWS’s packages as modules, of which only what is used is kept, and others as Node.js does', async () => {
    const files = (name: string) => ({
      [`node_modules/${name}/package.json`]: JSON.stringify({
        name,
        main: 'main.js',
        module: 'module.js',
        sideEffects: false,
      }),
      [`node_modules/${name}/main.js`]: `exports.used = 'main ${name}'; exports.unused = 'too much';`,
      [`node_modules/${name}/module.js`]: `export const used = 'module ${name}';\nexport const unused = 'too much';\n`,
    });
    write({
      ...files('@aws-sdk/client-x'),
      ...files('@smithy/y'),
      ...files('other'),
      'index.ts':
        "import * as x from '@aws-sdk/client-x';\nimport { used as other } from 'other';\nexport const handler = () => [x.used, require('@smithy/y').used, other];\n",
    });
    const contents = await contentsOf(await pack(...node));
    const text = contents['index.cjs']?.text ?? '';
    write({ 'run/index.cjs': text });
    const { handler } = createRequire(import.meta.url)(join(folder, 'run/index.cjs')) as { handler: () => unknown };
    assert.deepEqual(handler(), ['module @aws-sdk/client-x', 'module @smithy/y', 'main other']);
    // Of the two that are asked for whole.
    assert.equal(text.match(/too much/g)?.length, 2);
  });

  /** A client that loads a provider by `import()`, which shares a module with it. */
  const clientOfAws = {
    'node_modules/@aws-sdk/client-x/package.json': JSON.stringify({
      name: '@aws-sdk/client-x',
      main: 'main.js',
      module: 'dist-es/index.js',
      sideEffects: false,
    }),
    'node_modules/@aws-sdk/client-x/main.js': '',
    'node_modules/@aws-sdk/client-x/dist-es/index.js':
      "export { Shared } from './shared.js';\nexport { Used$ } from './schemas/schemas_0.js';\nexport const provide = () => import('./provider.js');\n",
    'node_modules/@aws-sdk/client-x/dist-es/shared.js':
      "export class Shared {}\nexport const unused = () => 'too much of what both need';\n",
    'node_modules/@aws-sdk/client-x/dist-es/provider.js':
      "import { Shared } from './shared.js';\nexport const make = () => new Shared();\n",
    'node_modules/@aws-sdk/client-x/dist-es/schemas/schemas_0.js':
      'const _a = "used/key";\nconst _b = "too/much";\nexport var Used$ = [3, { [_a]: 1 }];\nexport var Unused$ = [3, { [_b]: \'too much of the shapes\' }];\n',
  };

  test('keeps of AWS’s packages only what is used, also where they load something later, which is the same for both', async () => {
    write({
      ...clientOfAws,
      'index.ts':
        "import { Shared, Used$, provide } from '@aws-sdk/client-x';\nexport const handler = async () => [Used$, (await provide()).make() instanceof Shared, import.meta.url, (function () { return this; })() ?? null];\n",
    });
    const contents = await contentsOf(await pack(...node));
    assert.deepEqual(Object.keys(contents), ['index.cjs', 'index.cjs.map']);
    const text = contents['index.cjs']?.text ?? '';
    assert.doesNotMatch(text, /too.much/);
    const path = join(folder, 'run/index.cjs');
    write({ 'run/index.cjs': text });
    const { handler } = createRequire(import.meta.url)(path) as { handler: () => Promise<unknown> };
    assert.deepEqual(await handler(), [[3, { 'used/key': 1 }], true, pathToFileURL(path).href, null]);
    const { sources } = JSON.parse(contents['index.cjs.map']?.text ?? '') as { sources: string[] };
    const shared = 'node_modules/@aws-sdk/client-x/dist-es/shared.js';
    assert.deepEqual([sources.includes('index.ts'), sources.includes(shared)], [true, true]);
  });

  test('is evaluated in its order where its own code loads something later', async () => {
    write({
      ...clientOfAws,
      'first.ts': "globalThis.order = ['first'];\n",
      'later.ts': "import './both.ts';\nexport const made = 1;\n",
      'both.ts': "globalThis.order.push('both');\n",
      'index.ts':
        "import './first.ts';\nimport './both.ts';\nimport { provide } from '@aws-sdk/client-x';\nexport const handler = async () => [globalThis.order, (await import('./later.ts')).made, typeof (await provide()).make];\n",
    });
    const contents = await contentsOf(await pack(...node));
    write({ 'run/index.cjs': contents['index.cjs']?.text ?? '' });
    const path = join(folder, 'run/index.cjs');
    const { handler } = createRequire(import.meta.url)(path) as { handler: () => Promise<unknown> };
    assert.deepEqual(await handler(), [['first', 'both'], 1, 'function']);
  });

  describe('is evaluated in the order that Node.js itself has, also where AWS’s packages are built apart', () => {
    const says = (name: string) => `(globalThis.order ??= []).push('${name}');\n`;
    /** Two clients which load a provider by `import()` that shares a module with both, and one with each. */
    const clients = Object.fromEntries(
      ['client-x', 'client-y'].flatMap((name) =>
        Object.entries({
          'package.json': JSON.stringify({
            name: `@aws-sdk/${name}`,
            type: 'module',
            main: 'index.js',
            sideEffects: false,
          }),
          'index.js': `import { core } from '../core/index.js';\nimport { Shared } from './shared.js';\n${says(name)}export class Client { shared = [Shared, core]; }\nexport const provide = () => import('./provider.js');\n`,
          'shared.js': `${says(`${name}/shared`)}export class Shared {}\n`,
          'provider.js': `import { core } from '../core/index.js';\nimport { Shared } from './shared.js';\n${says(`${name}/provider`)}export const make = () => [new Shared(), core];\n`,
        }).map(([file, text]) => [`node_modules/@aws-sdk/${name}/${file}`, text]),
      ),
    );
    const packages = {
      ...clients,
      'node_modules/@aws-sdk/core/package.json': JSON.stringify({
        name: '@aws-sdk/core',
        type: 'module',
        main: 'index.js',
      }),
      'node_modules/@aws-sdk/core/index.js': `${says('core')}export const core = 1;\n`,
      'package.json': '{"type":"module"}',
    };
    const x = "import { Client as X, provide } from '@aws-sdk/client-x';\n";
    const y = "import { Client as Y } from '@aws-sdk/client-y';\n";
    const end = (clientsUsed: string) =>
      `${says('index')}export const handler = async () => [${clientsUsed}, typeof (await provide()).make, globalThis.order];\n`;
    const alone = { 'setup.ts': says('setup'), 'between.ts': `export const between = 1;\n${says('between')}` };

    for (const [what, isApart, files] of [
      ['AWS’s package only', true, { 'index.ts': `${x}${end('X')}` }],
      ['a set-up first', true, { ...alone, 'index.ts': `import './setup.ts';\n${x}${end('X')}` }],
      [
        'an interpreter named before a set-up',
        true,
        { ...alone, 'index.ts': `#!/usr/bin/env node\nimport './setup.ts';\n${x}${end('X')}` },
      ],
      ['a set-up written last', true, { ...alone, 'index.ts': `${x}import './setup.ts';\n${end('X')}` }],
      [
        'a helper first, which has one of its own',
        true,
        {
          ...alone,
          'helper.ts': `import './setup.ts';\n${says('helper')}export const helper = () => 1;\n`,
          'index.ts': `import { helper } from './helper.ts';\n${x}${end('helper(), X')}`,
        },
      ],
      ['one between two packages', true, { ...alone, 'index.ts': `${x}import './between.ts';\n${y}${end('X, Y')}` }],
      [
        'some before, between and behind',
        true,
        {
          ...alone,
          'last.ts': says('last'),
          'index.ts': `import './setup.ts';\n${x}import { between } from './between.ts';\n${y}import './last.ts';\n${end('X, Y, between')}`,
        },
      ],
      [
        'modules that import AWS’s packages themselves',
        true,
        {
          ...alone,
          'a.ts': `import './setup.ts';\n${x}${says('a')}export const a = () => [X, provide];\n`,
          'b.ts': `import './between.ts';\n${y}${says('b')}export const b = () => Y;\n`,
          'index.ts': `import { a } from './a.ts';\nimport { b } from './b.ts';\n${x}${end('a, b, X')}`,
        },
      ],
      [
        'a cycle before it',
        true,
        {
          'a.ts': `import { b } from './b.ts';\n${says('a')}export const a = () => b;\n`,
          'b.ts': `import { a } from './a.ts';\n${says('b')}export const b = () => a;\n`,
          'index.ts': `import { a } from './a.ts';\n${x}${end('a, X')}`,
        },
      ],
      [
        'a cycle with the entry',
        false,
        {
          'a.ts': `import { handler } from './index.ts';\n${says('a')}export const a = () => handler;\n`,
          'index.ts': `import { a } from './a.ts';\n${x}${end('a, X')}`,
        },
      ],
      [
        'another’s package that AWS’s need as well',
        undefined,
        {
          'node_modules/other/package.json': '{"name":"other","type":"module","main":"index.js"}',
          'node_modules/other/index.js': says('other'),
          'node_modules/@aws-sdk/client-x/shared.js': `import 'other';\n${says('client-x/shared')}export class Shared {}\n`,
          ...alone,
          'index.ts': `import './setup.ts';\n${y}import 'other';\nimport './between.ts';\n${x}${end('X, Y')}`,
        },
      ],
      [
        'its own import()',
        false,
        {
          ...alone,
          'later.ts': `import './between.ts';\n${says('later')}`,
          'index.ts': `import './setup.ts';\nimport './between.ts';\n${x}${says('index')}export const handler = async () => [X, await import('./later.ts').then(() => 1), typeof (await provide()).make, globalThis.order];\n`,
        },
      ],
      [
        'CommonJS first, and modules behind it',
        true,
        {
          ...alone,
          'old.cjs': `require('./older.cjs');\n${says('old')}exports.old = 1;\n`,
          'older.cjs': says('older'),
          'index.ts': `import { old } from './old.cjs';\nimport './setup.ts';\n${x}import './between.ts';\n${end('X, old')}`,
        },
      ],
      [
        'CommonJS between two packages',
        true,
        {
          'old.cjs': `${says('old')}exports.old = 1;\n`,
          'index.ts': `${x}import { old } from './old.cjs';\n${y}${end('X, Y, old')}`,
        },
      ],
      [
        'CommonJS that requires AWS’s package',
        false,
        {
          'setup.cjs': `${says('setup')}exports.setup = 1;\n`,
          'old.cjs': `require('./setup.cjs');\nconst { Client } = require('@aws-sdk/client-y');\n${says('old')}exports.old = Client;\n`,
          'index.ts': `import { old } from './old.cjs';\n${x}${end('X, old')}`,
        },
      ],
    ] as const) {
      test(what, async () => {
        const all: Record<string, string> = { ...packages, ...files };
        write(all);
        const run = (path: string): unknown[] => {
          const say = `const { handler } = await import(${JSON.stringify(pathToFileURL(join(folder, path)).href)}); console.log(JSON.stringify((await handler()).slice(-2)));`;
          return JSON.parse(
            execFileSync(process.execPath, ['--input-type=module', '-e', say], { encoding: 'utf8' }),
          ) as unknown[];
        };
        const contents = await contentsOf(await pack(...node));
        const text = contents['index.cjs']?.text ?? '';
        write({ 'run/index.cjs': text });
        assert.deepEqual(run('run/index.cjs'), run('index.ts'));
        // Of what the provider shares with it, in one step everything is a function.
        if (isApart !== undefined) assert.equal(!text.includes('@aws-sdk/client-x/shared.js"()'), isApart);
      });
    }
  });

  test('goes without its white space where it is large, and its stack traces still lead to its lines', async () => {
    const small = 'export const fail = () => {\n  throw new Error(\n    "far down",\n  );\n};\n';
    const large = `${small}export const filling = [\n${"  'filling',\n".repeat(30_000)}];\n`;
    for (const [text, isLarge] of [
      [small, false],
      [large, true],
    ] as const) {
      write({
        'fail.ts': text,
        'index.ts': "import * as all from './fail.ts';\nexport const handler = () => [all][0].fail();\n",
      });
      const contents = await contentsOf(await pack(...node));
      const bundle = contents['index.cjs']?.text ?? '';
      assert.equal(bundle.split('\n').length < 20, isLarge);
      write({ 'run/index.cjs': bundle, 'run/index.cjs.map': contents['index.cjs.map']?.text ?? '' });
      const script = "try { require('./run/index.cjs').handler(); } catch (error) { console.log(error.stack); }";
      const traced = execFileSync(process.execPath, ['--enable-source-maps', '-e', script], { cwd: folder });
      assert.match(traced.toString(), /fail\.ts:2:9\)?\n/);
      assert.match(traced.toString(), /index\.ts:2:\d+\)?\n/);
    }
  });

  test('takes along what patterns name, but no sources', async () => {
    write({ 'src/index.ts': 'export const handler = () => 1;', 'templates/a.html': '', 'src/other.ts': '' });
    const packed = await pack('runtime: nodejs', 'handler: src/index.handler', "code: ['src/**', 'templates/**']");
    assert.deepEqual(Object.keys(await contentsOf(packed)), ['src/index.cjs', 'src/index.cjs.map', 'templates/a.html']);
  });

  test('that does not compile is a complaint at its line', async () => {
    write({ 'src/index.ts': "export const handler = () => {\n  return 'ä' + ;\n};\n" });
    assert.deepEqual(await complaintsOf('runtime: nodejs', 'handler: src/index.handler'), [
      'src/index.ts:2:16: functions.hello.handler: Unexpected ";"',
    ]);
  });

  test('that imports what is not there is a complaint at its line', async () => {
    write({ 'index.ts': "import x from 'nowhere';\nexport const handler = () => x;\n" });
    const [line = ''] = await complaintsOf(...node);
    assert.equal(
      line,
      `index.ts:1:15: functions.hello.handler: the package nowhere is not installed: npm install nowhere, in ${folder}`,
    );
    write({ 'index.ts': "import x from '@a/b/c';\nimport y from './beside';\nexport const handler = () => x + y;\n" });
    assert.deepEqual(
      (await complaintsOf(...node)).map((each) => each.replace(/^.*?handler: /, '')),
      [`the package @a/b is not installed: npm install @a/b, in ${folder}`, 'there is no ./beside to import'],
    );
  });

  test('without the handler says what it exports', async () => {
    write({ 'index.ts': 'export const handlr = () => 1;\nexport const other = 2;\n' });
    assert.deepEqual(await complaintsOf(...node), [
      "mayfly.yaml:4:14: functions.hello.handler: index.ts exports no 'handler' but handlr, other; did you mean handlr?",
    ]);
  });

  test('with a default fetch needs no named handler', async () => {
    write({ 'index.ts': 'export default { fetch: () => new Response("x") };\n' });
    assert.equal((await pack(...node)).files, 2);
  });
});

test('bundle: true makes one file of JavaScript too', async () => {
  write({ 'index.js': "const { a } = require('./a');\nexports.handler = () => a;", 'a.js': 'exports.a = 1;' });
  assert.deepEqual(Object.keys(await contentsOf(await pack(...node, 'bundle: true'))), ['index.cjs', 'index.cjs.map']);
});

describe('packing again', () => {
  test('does nothing when nothing has changed', async () => {
    write({ 'hello.py': helloPy, 'index.ts': 'export const handler = () => 1;' });
    const [first, second] = [await pack(...python), await pack(...python)];
    assert.deepEqual([first.built, second.built, second.hash], [true, false, first.hash]);
  });

  test('notices a change of content, also one of the same length with the old time', async () => {
    write({ 'hello.py': helloPy, 'data.txt': 'one' });
    const first = await pack(...python);
    const file = join(folder, 'data.txt');
    const { atime, mtime, ctimeMs } = statSync(file);
    writeFileSync(file, 'two');
    // Files have the time of the kernel's last tick, which may be the one of before.
    do utimesSync(file, atime, mtime);
    while (statSync(file).ctimeMs === ctimeMs);
    const second = await pack(...python);
    assert.equal(second.built, true);
    assert.notEqual(second.hash, first.hash);
  });

  test('notices new files, removed files and modes', async () => {
    write({ 'hello.py': helloPy });
    const hashes = [(await pack(...python)).hash];
    write({ 'new.py': '' });
    hashes.push((await pack(...python)).hash);
    chmodSync(join(folder, 'new.py'), 0o755);
    hashes.push((await pack(...python)).hash);
    rmSync(join(folder, 'new.py'));
    hashes.push((await pack(...python)).hash);
    assert.equal(new Set(hashes).size, 3);
    assert.equal(hashes[3], hashes[0]);
  });

  test('of TypeScript notices a change in what it imports, and in tsconfig.json', async () => {
    write({
      'index.ts': "import { a } from './a.ts';\nexport const handler = () => a;",
      'a.ts': 'export const a = 1;',
    });
    const first = await pack(...node);
    assert.equal((await pack(...node)).built, false);
    write({ 'a.ts': 'export const a = 2;' });
    const second = await pack(...node);
    assert.notEqual(second.hash, first.hash);
    write({ 'tsconfig.json': '{}' });
    assert.equal((await pack(...node)).built, true);
  });

  test('looks again at what was saved while it was read', async () => {
    write({ 'index.ts': 'export const handler = () => 1;' });
    const cache = new PackageCache(join(folder, '.mayfly/cache/packages'));
    // To this clock the files are younger than the packing.
    const project = { folder, file: 'mayfly.yaml', cache, clock: new FakeClock(Date.now() - 3_600_000) };
    const built = [
      await packageFunction(functionOf(...node), project),
      await packageFunction(functionOf(...node), project),
    ].map((result) => result.status === 'ok' && result.packed.built);
    assert.deepEqual(built, [true, true]);
  });

  test('packs again when the zip file is gone or cut short', async () => {
    write({ 'hello.py': helloPy });
    const first = await pack(...python);
    rmSync(first.zipPath);
    assert.equal((await pack(...python)).built, true);
    truncateSync(first.zipPath, 10);
    assert.equal((await pack(...python)).built, true);
  });

  test('forgets the zip files of before', async () => {
    write({ 'hello.py': helloPy });
    const first = await pack(...python);
    write({ 'hello.py': `${helloPy}# more\n` });
    const second = await pack(...python);
    new PackageCache(join(folder, '.mayfly/cache/packages')).prune(new Set(['hello']));
    assert.deepEqual(
      [statSync(first.zipPath, { throwIfNoEntry: false }), statSync(second.zipPath).isFile()],
      [undefined, true],
    );
  });
});

describe('Ruby and Java', () => {
  const packs: [what: string, files: Record<string, string>, settings: string[], packed: string[]][] = [
    [
      "a Ruby class's method, with what was bundled",
      { 'src/hello.rb': 'class A; end', 'vendor/bundle/ruby/3.1.0/x.rb': '' },
      ['runtime: ruby', 'handler: src/hello.A::B.handle'],
      ['src/hello.rb', 'vendor/bundle/ruby/3.1.0/x.rb'],
    ],
    [
      'Java classes, with jars beside them',
      { 'target/example/Hello.class': 'c', 'target/lib/gson.jar': 'j' },
      ['runtime: java17', 'handler: example.Hello::handle', 'code: target'],
      ['example/Hello.class', 'lib/gson.jar'],
    ],
    [
      'one jar of several',
      { 'target/hello.jar': 'j', 'target/a-sources.jar': 'j' },
      ['runtime: java', 'handler: example.Hello', 'code: target/hello.jar'],
      ['hello.jar'],
    ],
  ];
  for (const [what, files, settings, packed] of packs) {
    test(what, async () => {
      write(files);
      assert.deepEqual(Object.keys(await contentsOf(await pack(...settings))), packed);
    });
  }
});

describe('what cannot be packed', () => {
  const refuses = (
    name: string,
    files: Readonly<Record<string, string>>,
    settings: readonly string[],
    expected: (folder: string) => readonly string[],
    prepare?: () => void,
  ): void => {
    test(name, async () => {
      write(files);
      prepare?.();
      assert.deepEqual(await complaintsOf(...settings), expected(folder));
    });
  };

  refuses('no such file', { 'helo.py': helloPy }, python, () => [
    "mayfly.yaml:4:14: functions.hello.handler: no file for hello.lambda_handler: looked for hello.py, hello/__init__.py in the project's folder, where helo.py is",
  ]);
  refuses('no such folder', {}, [...python, 'code: src'], (at) => [
    `mayfly.yaml:5:11: functions.hello.code: there is no src in ${at}; a folder or a file of the project is accepted`,
  ]);
  refuses('a folder outside', {}, [...python, 'code: ../elsewhere'], (at) => [
    `mayfly.yaml:5:11: functions.hello.code: found '../elsewhere'; a place inside the project (${at}) is accepted`,
  ]);
  refuses('a handler without a function', {}, ['runtime: python', 'handler: hello'], () => [
    "mayfly.yaml:4:14: functions.hello.handler: found 'hello'; a file without its ending, a dot and a function in it is accepted. Write hello.lambda_handler",
  ]);
  refuses(
    'a function that is not there',
    { 'hello.py': 'def lambda_handlr(event, context):\n    pass\n' },
    python,
    () => [
      "mayfly.yaml:4:14: functions.hello.handler: hello.py defines no 'lambda_handler' but lambda_handlr; did you mean lambda_handlr?",
    ],
  );
  refuses('patterns without the handler', { 'hello.py': helloPy, 'a/b.py': '' }, [...python, 'code: [a]'], () => [
    "mayfly.yaml:5:11: functions.hello.code: hello.py, which the handler needs, is not among the files of these patterns; add 'hello.py'",
  ]);
  refuses('a Ruby handler without a method', { 'hello.rb': '' }, ['runtime: ruby', 'handler: hello'], () => [
    "mayfly.yaml:4:14: functions.hello.handler: found 'hello'; a file without its ending, a dot and a function in it (or a class, a dot and its method) is accepted. Write hello.lambda_handler",
  ]);
  refuses('a Java handler that is a file', {}, ['runtime: java', 'handler: src/Hello.java'], () => [
    "mayfly.yaml:4:14: functions.hello.handler: found 'src/Hello.java'; a class with its package, and two colons and a method unless it is handleRequest, is accepted. Write example.Hello::handleRequest",
  ]);
  refuses('a Java class that is nowhere', {}, ['runtime: java', 'handler: example.Hello'], () => [
    "mayfly.yaml:4:14: functions.hello.handler: no file for example.Hello: looked for example/Hello.class in the project's folder",
  ]);
  refuses('a bootstrap that is not executable', { bootstrap: '#!/bin/sh\n' }, ['runtime: provided'], () => [
    'mayfly.yaml:1:1: functions.hello.code: bootstrap is not executable; run chmod +x bootstrap',
  ]);
  refuses('no bootstrap', {}, ['runtime: provided'], () => [
    "mayfly.yaml:1:1: functions.hello.handler: provided runs an executable file named bootstrap: looked for bootstrap in the project's folder",
  ]);
  refuses(
    'a link out of the project',
    { 'hello.py': helloPy },
    python,
    () => [
      "mayfly.yaml:4:14: functions.hello.code: secret is a link to /etc/passwd, outside the project; copy the file into it, or leave it out with '!secret'",
    ],
    () => symlinkSync('/etc/passwd', join(folder, 'secret')),
  );
  refuses(
    'a link to nothing',
    { 'hello.py': helloPy },
    python,
    () => ["mayfly.yaml:4:14: functions.hello.code: gone is a link to nothing; remove it or leave it out with '!gone'"],
    () => symlinkSync('nowhere', join(folder, 'gone')),
  );
  refuses(
    'packages that are not installed',
    { 'index.mjs': '', 'package.json': '{"dependencies": {"a": "1"}}' },
    node,
    () => [
      'mayfly.yaml:4:14: functions.hello.code: package.json needs a, and there is no node_modules beside it; run npm ci',
    ],
  );
  refuses(
    "pnpm's packages",
    { 'index.mjs': '', 'package.json': '{"dependencies": {"a": "1"}}', 'node_modules/.pnpm/x': '' },
    node,
    () => [
      'mayfly.yaml:4:14: functions.hello.code: node_modules is one of pnpm, whose links a bundle cannot keep; write bundle: true beside handler',
    ],
  );

  test('a handler outside the folder that is packed', async () => {
    write({ 'inside/keep.txt': '', 'fn.py': 'def handler(event, context): ...', 'fn.mjs': 'export const handler = 1' });
    const handlers = ['../fn.handler', '/fn.handler', 'a/../../fn.handler'];
    for (const runtime of ['python', 'nodejs']) {
      for (const handler of handlers) {
        assert.deepEqual(await complaintsOf(`runtime: ${runtime}`, `handler: ${handler}`, 'code: inside'), [
          `mayfly.yaml:4:14: functions.hello.handler: found '${handler}', which lies outside the folder that is packed; a file in it is accepted`,
        ]);
      }
    }
  });

  test('a link in circles', async () => {
    write({ 'hello.py': helloPy, 'a/b.py': '' });
    symlinkSync('..', join(folder, 'a/up'));
    const [line = ''] = await complaintsOf(...python);
    assert.match(line, /lies 64 folders deep: a link goes in circles/);
  });

  test('more than the limit, naming the largest files', async () => {
    write({ 'hello.py': helloPy, 'model.bin': '', 'small.bin': '' });
    truncateSync(join(folder, 'model.bin'), 250 * 1024 * 1024);
    truncateSync(join(folder, 'small.bin'), 1024 * 1024);
    assert.deepEqual(await complaintsOf(...python), [
      "mayfly.yaml:4:14: functions.hello.code: the code has 251.0 MB; at most 250.0 MB are accepted. The largest files: model.bin (250.0 MB), small.bin (1.0 MB), hello.py (0.0 MB). Leave some out with patterns: ['**', '!…']",
    ]);
  });
});

test("Python's handler may stand in a folder, by slashes or dots", async () => {
  write({ 'src/app.py': helloPy });
  assert.equal((await pack('runtime: python', 'handler: src/app.lambda_handler')).files, 1);
  assert.equal((await pack('runtime: python', 'handler: src.app.lambda_handler')).files, 1);
});

test("Python's handler may be imported or assigned", async () => {
  for (const text of [
    'from lib import lambda_handler\n',
    'from lib import (\n    lambda_handler,\n)\n',
    'lambda_handler = make()\n',
    'from lib import *\n',
    'try:\n    import x\nexcept ImportError:\n    def lambda_handler(e, c): pass\n',
  ]) {
    write({ 'hello.py': text });
    assert.equal((await pack(...python)).files, 1, text);
  }
});

describe('keys in code', () => {
  const key = `AKIA${'Q3ZT7XKW2LMBVN5R'}`;
  const complaintsOf = async (...settings: string[]): Promise<string[]> => {
    const cache = new PackageCache(join(folder, 'cache'));
    const result = await packageFunction(functionOf(...settings), { folder, file: 'mayfly.yaml', cache, clock: later });
    return result.status === 'ok' ? [] : result.complaints.map(complaintLine);
  };

  test('are refused where they are, whether the code is bundled or not, and nothing of them is repeated', async () => {
    write({
      'hello.py': `def handler(event, context):\n    key = '${key}'\n`,
      'hello.ts': `import { key } from './key.ts';\nexport const handler = () => key;\n`,
      'key.ts': `export const key = '${key}';\n`,
    });
    const [python = ''] = await complaintsOf('runtime: python3.14', 'handler: hello.handler', "code: ['*.py']");
    assert.match(
      python,
      /^hello\.py:2:12: functions\.hello\.code: this looks like an access key of AWS’s; keep it in Secrets Manager .* allowSecrets: \['hello\.py'\]$/,
    );
    assert.ok(!python.includes(key));
    const [bundled = ''] = await complaintsOf('runtime: nodejs26.x', 'handler: hello.handler');
    assert.match(bundled, /^key\.ts:1:21: .*allowSecrets: \['key\.ts'\]$/);
  });

  test('are let be in files that are named, in published packages, and once they are gone', async () => {
    write({
      'hello.py': 'def handler(event, context):\n    pass\n',
      'certs/test.pem': key,
      'lib/known.py': `KEY = '${key}'`,
      'lib-1.0.dist-info/RECORD': 'lib/known.py,sha256=x,3\n',
    });
    const python = ['runtime: python3.14', 'handler: hello.handler'];
    assert.deepEqual((await complaintsOf(...python)).length, 1);
    assert.deepEqual(await complaintsOf(...python, "allowSecrets: ['certs/**']"), []);
    assert.deepEqual((await complaintsOf(...python)).length, 1, 'what was allowed before is refused again');
    rmSync(join(folder, 'certs'), { recursive: true });
    assert.deepEqual(await complaintsOf(...python), []);
  });

  test('are refused in variables, at their place in the manifest, unless they are allowed', () => {
    const variable = `environment: { AWS_SECRET: ${'wJalrk9Xw2QzLr7TbVn4Mc8JdHs6Yf3Pg5Ra1Ue0'} }`;
    const settings = ['runtime: python3.14', 'handler: hello.handler', variable];
    assert.throws(
      () => functionOf(...settings),
      /^Error: mayfly\.yaml:5:32: functions\.hello\.environment\.AWS_SECRET: this looks like a secret access key of AWS’s; /,
    );
    functionOf(...settings, 'allowSecrets: [AWS_SECRET]');
  });
});
