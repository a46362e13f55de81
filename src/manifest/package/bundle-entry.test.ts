import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { contentsOf, node, packageRig } from '../../../test/harness/package-rig.ts';

const rig = packageRig();
const { write, pack, complaintsOf } = rig;

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
    const target = join(rig.folder, 'run/src/index.cjs');
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
    const { handler } = (await import(pathToFileURL(join(rig.folder, 'run/index.cjs')).href)) as {
      handler: () => unknown;
    };
    assert.deepEqual(handler(), ['function', '/a']);
  });

  test('may bundle CommonJS that asks for require and its paths', async () => {
    write({
      'index.ts': "import paths from './old.cjs';\nexport const handler = () => paths;\n",
      'old.cjs': "const name = 'node:path';\nmodule.exports = [__dirname, __filename, typeof require(name).join];\n",
    });
    const contents = await contentsOf(await pack(...node));
    write({ 'run/index.cjs': contents['index.cjs']?.text ?? '' });
    const { handler } = (await import(pathToFileURL(join(rig.folder, 'run/index.cjs')).href)) as {
      handler: () => unknown;
    };
    assert.deepEqual(handler(), [join(rig.folder, 'run'), join(rig.folder, 'run/index.cjs'), 'function']);
  });

  test('is strict, and knows where it is, although it has become CommonJS', async () => {
    write({
      'index.ts':
        'export const handler = () => [import.meta.url, import.meta.dirname, import.meta.filename, (function () { return this; })() ?? null];\n',
    });
    const contents = await contentsOf(await pack(...node));
    write({ 'run/index.cjs': contents['index.cjs']?.text ?? '' });
    const path = join(rig.folder, 'run/index.cjs');
    const { handler } = createRequire(import.meta.url)(path) as { handler: () => unknown };
    assert.deepEqual(handler(), [pathToFileURL(path).href, join(rig.folder, 'run'), path, null]);
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
      const module = (await import(pathToFileURL(join(rig.folder, 'run/index.mjs')).href)) as {
        handler: () => unknown;
      };
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
    const { handler } = createRequire(import.meta.url)(join(rig.folder, 'run/index.cjs')) as { handler: () => unknown };
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
    const path = join(rig.folder, 'run/index.cjs');
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
    const path = join(rig.folder, 'run/index.cjs');
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
          const say = `const { handler } = await import(${JSON.stringify(pathToFileURL(join(rig.folder, path)).href)}); console.log(JSON.stringify((await handler()).slice(-2)));`;
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
      const traced = execFileSync(process.execPath, ['--enable-source-maps', '-e', script], { cwd: rig.folder });
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
      `index.ts:1:15: functions.hello.handler: the package nowhere is not installed: npm install nowhere, in ${rig.folder}`,
    );
    write({ 'index.ts': "import x from '@a/b/c';\nimport y from './beside';\nexport const handler = () => x + y;\n" });
    assert.deepEqual(
      (await complaintsOf(...node)).map((each) => each.replace(/^.*?handler: /, '')),
      [`the package @a/b is not installed: npm install @a/b, in ${rig.folder}`, 'there is no ./beside to import'],
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
