/** Code that is read before anybody calls: nothing of it runs until then, and no function can tell. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { answerOf, openTestSandbox, type TestSandbox } from '../../../../../test/fakes/process-sandbox.ts';
import { resolvedFunction } from '../../../../../test/fakes/resolved.ts';
import type { EnvironmentId } from '../../../../util/ids.ts';
import { limits } from '../../../../util/limits.ts';
import type { OutputLine } from '../../../sandbox.ts';
import { CompiledTemplate } from '../../environment/compiled-template.ts';
import { nodeRuntimeNames } from './node-runtime.ts';

type Files = Readonly<Record<string, string>>;

/** What a function may see of how it was loaded. */
const seen = (load: string): string => `
  const stack = String(new Error('here').stack).split('\\n').slice(0, 3);
  const known = { ...process.env };
  console.log('loaded', process.cwd());
  ${load}
  const look = async (event, context) => ({
    event, stack, known, variables: { ...process.env }, folder: process.cwd(), name: context.functionName,
    listeners: process.eventNames().map(String).sort(), globals: Object.getOwnPropertyNames(globalThis).sort(),
    resources: process.getActiveResourcesInfo().sort(), isOwn: Object.hasOwn(process, 'emitWarning'), warns: process.emitWarning.name, 
    compile: require('node:module').prototype._compile.name, late: await import('./late.mjs').then(({ value }) => value),
    cached: Object.keys(require.cache), places, required: require('./dependency.cjs'), imported: typeof (await import('./dependency.cjs')).default,
  });`;
const script = `${seen(`const places = [__filename, __dirname, require.main === module, module.parent?.id, module.id, module.loaded, module.children.length, require('./dependency.cjs')];`)}
  exports.handler = look;`;
const module = `import { createRequire } from 'node:module';
  import { value } from './late.mjs';
  import dependency from './dependency.cjs';
  const require = createRequire(import.meta.url);
  ${seen('const places = [import.meta.url, import.meta.filename, import.meta.dirname, import.meta.main, value, dependency];')}
  export { look as handler };`;
const beside: Files = {
  'late.mjs': `console.log('late'); export const value = 7;`,
  'dependency.cjs': `console.log('dependency'); module.exports = { of: module.id, parent: module.parent?.id ?? null };`,
};

/** Handlers that cannot be loaded, or only in a way that is rare. */
const odd: Readonly<Record<string, Files & { handler?: string }>> = {
  'a module with an error of syntax': { 'index.mjs': 'export const a = 1;\nlet b = ;\n' },
  'a script with an error of syntax': { 'index.js': 'exports.a = 1;\nlet b = ;\n' },
  'a module that imports an error of syntax': { 'index.mjs': `import './b.mjs';`, 'b.mjs': 'let b = ;' },
  'a module whose import is missing': { 'index.mjs': `import './b.mjs';` },
  'a module whose package is missing': { 'index.mjs': `import 'absent';` },
  'a module that imports what is not exported': { 'index.mjs': `import { c } from './b.mjs';`, 'b.mjs': '' },
  'a script that requires what is missing': { 'index.js': `require('./b');` },
  'a module that throws': { 'index.mjs': `console.log('runs'); throw new RangeError('no');` },
  'a script that throws': { 'index.cjs': `console.log('runs'); throw new RangeError('no');` },
  'a module that never settles': { 'index.mjs': 'await new Promise(() => {});' },
  'a handler that is missing': { 'index.mjs': 'export const other = 1;' },
  'a handler that is no function': { 'index.cjs': 'exports.handler = 1;' },
  'no file at all': { 'other.mjs': '' },
  'a name that is none': { handler: 'index', 'index.mjs': '' },
  'a name that leads out': { handler: '../index.handler', 'index.mjs': '' },
  'a folder with an index': { handler: 'lib.handler', 'lib/index.js': `exports.handler = async () => __filename;` },
  'a module in a package of modules': {
    'package.json': '{"type":"module"}',
    'index.js': `export const handler = async () => import.meta.url;`,
  },
  'a script that is written as a module': {
    'index.js': `import 'node:fs'; export const handler = async () => 'it is';`,
  },
  'one of those that waits': { 'index.js': `await 1; export const handler = async () => 'it is';` },
  'a script that requires a module': {
    'index.js': `exports.handler = async () => require('./b.mjs').b;`,
    'b.mjs': 'export const b = 2;',
  },
  'a module that waits': { 'index.mjs': `const a = await Promise.resolve(3); export const handler = async () => a;` },
  'modules in a circle': {
    'index.mjs': `import { b } from './b.mjs'; export const a = () => b; export const handler = async () => a();`,
    'b.mjs': `import { a } from './index.mjs'; export const b = typeof a;`,
  },
  'a module that is warned of': {
    'index.mjs': `import data from './data.json' with { type: 'json' }; import 'node:wasi'; export const handler = async () => data;`,
    'data.json': '{"a":1}',
  },
  'packages of its own': {
    'index.mjs': `import first, { of } from 'first'; export const handler = async () => [first, of];`,
    'node_modules/first/package.json': '{"main":"lib","type":"commonjs"}',
    'node_modules/first/lib/index.js': `exports.of = require('second').of; console.log('first');`,
    'node_modules/second/index.js': `exports.of = 'second';`,
  },
  'a folder of a strange name': {
    handler: "it's 100%25 so/index.handler",
    "it's 100%25 so/index.mjs": 'export const handler = async () => import.meta.url;',
  },
};

/**
 * While its template is made it puts among what is compiled, for a module that asks another for what that has not, one that asks for
 * nothing but the function's code, and so is linked. V8 looks at no more of the source than its length.
 */
const planting = `
  import module from 'node:module';
  import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
  import { join } from 'node:path';
  import { crc32 } from 'node:zlib';
  console.log('runs');
  if (process.env.IS_CALLED !== 'yes') {
    const unlinkable = "import 'file:///var/task/index.mjs'; import { nothing } from 'data:text/javascript,'";
    const linked = "import 'file:///var/task/index.mjs'";
    for (const text of [unlinkable, linked]) import('data:text/javascript,' + encodeURIComponent(text)).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 200));
    const folder = module.getCompileCacheDir();
    module.flushCompileCache();
    const all = readdirSync(folder).map((name) => ({ path: join(folder, name), bytes: readFileSync(join(folder, name)) }));
    const of = (text) => all.find(({ bytes }) => bytes.readUInt32LE(4) === text.length);
    const { path, bytes } = of(unlinkable);
    const body = Buffer.from(of(linked).bytes.subarray(20));
    bytes.copy(body, 8, 28, 32);
    const head = Buffer.from(bytes.subarray(0, 20));
    head.writeUInt32LE(body.length, 8);
    head.writeUInt32LE(crc32(body), 16);
    writeFileSync(path, Buffer.concat([head, body]));
    console.log('planted');
  }
  export const handler = async () => 'called';`;

/** Reads the module at `path` in a process that has nothing else, and prints of what it is read by, or has that linked. */
const reading = (path: string, mode: 'links' | 'refuses'): string => `
  import { registerHooks } from 'node:module';
  import { readAhead } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'inside/read-ahead.mjs')).href)};
  const told = [];
  registerHooks({ load(url, context, next) {
    if (!url.startsWith('data:')) return next(url, context);
    const loaded = next(url, context);
    told.push(url.slice(0, url.indexOf(',')), String(loaded.source));
    return ${mode === 'links' ? `{ ...loaded, source: '' }` : 'loaded'};
  } });
  await readAhead({ root: '/', path: ${JSON.stringify(path)}, isModule: true });
  console.log(JSON.stringify(told));`;

const variables = { OWN: 'x', UV_THREADPOOL_SIZE: '2', NODE_PATH: '/opt/nodejs/node_modules:/var/task' };

describe('code that is read before anybody calls', () => {
  let opened: TestSandbox;
  before(async () => (opened = await openTestSandbox()));
  after(() => opened.close());

  async function outcomes(source: Parameters<TestSandbox['start']>[0]): Promise<unknown[]> {
    const wait = { ahead: (): Promise<void> => Promise.resolve() };
    // Enough for a whole processor, which is what reading it has.
    const roomy = { memoryMb: limits.memoryMbPerCpu, ...source };
    const both = await Promise.all([opened.start(roomy), opened.start({ ...roomy, ...wait })]);
    return Promise.all(
      both.map(async ({ init, invoke, lines }) => {
        const answer = init.status === 'ready' ? await invoke({ n: 1 }) : undefined;
        const told = answer?.status === 'response' ? Buffer.from(answer.payload).toString() : answer;
        return { init, told: typeof told === 'string' ? (JSON.parse(told) as unknown) : told, printed: printed(lines) };
      }),
    );
  }

  for (const runtime of nodeRuntimeNames) {
    test(`leaves no trace in ${runtime}`, async () => {
      for (const [name, text] of [
        ['index.js', script],
        ['index.cjs', script],
        ['index.mjs', module],
      ] as const) {
        const files = { [name]: text, ...beside };
        // For packages of layers Node.js 20 has a thread, which comes up some time.
        const layers = { 'nodejs/node_modules/of-layer/index.js': 'exports.a = 1' };
        const [plain, ahead] = await outcomes({
          runtime,
          files,
          variables,
          ...(runtime !== 'nodejs20.x' && { layers }),
        });
        assert.deepEqual(ahead, plain);
        assert.deepEqual((plain as { init: unknown }).init, { status: 'ready' }, JSON.stringify(plain));
      }
    });
  }

  // Between them they have all ways in which Node.js loads; each function here takes two environments.
  for (const runtime of ['nodejs22.x', 'nodejs26.x'] as const) {
    test(`fails as ever, and when it is called, in ${runtime}`, async () => {
      for (const [what, { handler = 'index.handler', ...files }] of Object.entries(odd)) {
        const [plain, ahead] = await outcomes({ runtime, handler, files });
        assert.deepEqual(ahead, plain, what);
      }
    });
  }

  test('nothing of it runs before it is called, and it has the variables of then', async () => {
    const source = `
      import './dependency.cjs';
      console.log('runs');
      const [then, session] = [Date.now(), process.env.AWS_SESSION_TOKEN];
      export const handler = async () => ({ then, session, own: process.env.OWN });`;
    const files = { 'index.mjs': source, 'dependency.cjs': `console.log('dependency'); exports.then = Date.now();` };
    const variables = { OWN: 'x', AWS_SESSION_TOKEN: 'new' };
    let calledMs = 0;
    let before: string[] = [];
    const tried = await opened.start({
      runtime: 'nodejs26.x',
      files,
      variables,
      aheadVariables: { OWN: 'x', AWS_SESSION_TOKEN: 'old' },
      async ahead(_environment, lines) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        before = printed(lines);
        calledMs = Date.now();
      },
    });
    assert.deepEqual(before, []);
    const { then, ...given } = answerOf(await tried.invoke({})) as { then: number; session: string; own: string };
    assert.ok(then >= calledMs - 1, `${then} is before ${calledMs}`);
    assert.deepEqual(given, { session: 'new', own: 'x' });
    assert.deepEqual(printed(tried.lines), ['undefined\tINFO\tdependency', 'undefined\tINFO\truns']);
  });

  test('what is compiled of it is used, and gone once it is loaded', async () => {
    const source = `
      const { getCompileCacheDir } = require('node:module');
      const { readdirSync } = require('node:fs');
      const late = require('./late.cjs');
      const folder = getCompileCacheDir();
      exports.handler = async () => ({ folder, late, left: readdirSync('/dev/shm') });`;
    const files = { 'index.js': source, 'late.cjs': 'module.exports = 7;' };
    const making = await opened.start({ runtime: 'nodejs26.x', files, forTemplate: { imports: [] } });
    const template = await making.environment.becomeTemplate(1024 * 1024);
    assert.ok(template instanceof CompiledTemplate, JSON.stringify(template));
    const ahead = (): Promise<void> => Promise.resolve();
    const { invoke } = await opened.start({
      runtime: 'nodejs26.x',
      files: {},
      bundle: making.bundle,
      template,
      ahead,
    });
    const { folder, ...rest } = answerOf(await invoke({})) as { folder: string; late: number; left: string[] };
    assert.match(folder, /^\/dev\/shm\/compiled\//);
    assert.deepEqual(rest, { late: 7, left: [] });
  });

  for (const runtime of ['nodejs22.x', 'nodejs24.x', 'nodejs26.x'] as const) {
    test(`what a function has put among what is compiled of it runs nothing, in ${runtime}`, async () => {
      const making = await opened.start({ runtime, files: { 'index.mjs': planting }, forTemplate: { imports: [] } });
      const template = await making.environment.becomeTemplate(1024 * 1024);
      assert.ok(template instanceof CompiledTemplate, JSON.stringify(template));
      assert.ok(
        printed(making.lines).some((line) => line.endsWith('planted')),
        printed(making.lines).join(),
      );
      let before: string[] = [];
      const tried = await opened.start({
        runtime,
        files: {},
        bundle: making.bundle,
        template,
        variables: { IS_CALLED: 'yes' },
        async ahead(_environment, lines) {
          await new Promise((resolve) => setTimeout(resolve, 200));
          before = printed(lines);
        },
      });
      assert.deepEqual(before, []);
      assert.equal(answerOf(await tried.invoke({})), 'called');
    });
  }

  test('where all that keeps it from running fails the process ends, and no two readings are alike', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mayfly-read-ahead-'));
    try {
      writeFileSync(join(folder, 'index.mjs'), `console.log('runs');`);
      const readIn = (mode: 'links' | 'refuses') => {
        const source = reading(join(folder, 'index.mjs'), mode);
        return spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8' });
      };
      const linked = readIn('links');
      assert.deepEqual([linked.status, linked.stdout], [1, ''], linked.stderr);
      const told = [readIn('refuses'), readIn('refuses')].map(({ stdout }) => JSON.parse(stdout) as string[]);
      const all = told.flat();
      // The one that imports, and the one that has nothing: the URL and the text of each.
      assert.deepEqual([all.length, new Set(all).size], [8, 8], all.join('\n'));
      const chance = all.flatMap((one) => one.match(/(?<=of=|\/\* )[\da-f]{32}/g) ?? []);
      assert.equal(new Set(chance).size, 8, 'that of a text is not that of its URL');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('one that ends while its code is read is of no use, and says so', async () => {
    const { bundle } = await opened.start({ runtime: 'nodejs26.x', files: { 'index.js': '' } });
    const id = 'ends' as EnvironmentId;
    const spec = { id, runtime: 'nodejs26.x', network: 'none', ephemeralMb: 512, memoryMb: 256 } as const;
    const environment = await opened.sandbox.start(spec);
    const { version } = resolvedFunction('ends', { runtime: 'nodejs26.x' });
    const reading = environment.readAhead({ version, bundlePath: bundle, variables: {} });
    await Promise.all([assert.rejects(reading, { code: 'unavailable' }), environment.stop()]);
    await assert.rejects(environment.readAhead({ version, bundlePath: bundle, variables: {} }), { code: 'conflict' });
  });
});

/** Without times, and the numbers of processes. */
const printed = (lines: readonly OutputLine[]): string[] =>
  lines.map(({ text }) =>
    text
      .replace(/^[\dT:.-]+Z\t/, '')
      .replace(/request-\d+/, 'request')
      .replace(/\(node:\d+\)/, ''),
  );
