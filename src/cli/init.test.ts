import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { loadProject } from '../manifest/load-project.ts';
import { packageProject } from '../manifest/package-project.ts';
import { CliRig } from './cli-rig.ts';
import { templates } from './templates/templates.ts';

let rig: CliRig;

beforeEach(() => {
  rig = new CliRig();
});
afterEach(() => rig[Symbol.asyncDispose]());

const read = (path: string): string => readFileSync(join(rig.folder, path), 'utf8');
const python = 'import json\ndef lambda_handler(event, context):\n    return {}\n';
const load = (path = '.'): ReturnType<typeof loadProject> =>
  loadProject(path, { account: '000000000000', region: 'us-east-1', workingFolder: rig.folder });

describe('from a file', () => {
  test('writes a manifest with a route of its name, which can be deployed', async () => {
    rig.write({ 'hello.py': python });
    const { code, stdout } = await rig.run(['init', '--from-file', 'hello.py', '--handler', 'hello.lambda_handler']);
    assert.equal(code, 0);
    assert.match(stdout, /^Wrote mayfly\.yaml\.\n/);
    const project = load();
    const [fn] = project.manifest.functions;
    assert.deepEqual(
      [project.manifest.application, fn?.name, fn?.settings.handler, fn?.settings.runtime],
      ['shop', 'hello', 'hello.lambda_handler', 'python'],
    );
    assert.deepEqual(fn?.sources, [{ kind: 'http', method: 'ANY', path: '/hello' }]);
    assert.equal((await packageProject(project, { clock: rig.clock })).packed.get('hello')?.files, 1);
  });

  test('finds the handler itself when there is one', async () => {
    rig.write({ 'src/index.ts': 'export const handler = async () => 1;\n' });
    await rig.run(['init', '--from-file', 'src/index.ts']);
    const project = load();
    assert.deepEqual(
      [project.manifest.functions[0]?.name, project.manifest.functions[0]?.settings.handler],
      ['shop', 'src/index.handler'],
    );
    assert.ok((await packageProject(project, { clock: rig.clock })).packed.size === 1);
  });

  test('asks which of two handlers is meant, or which function when none looks like one', async () => {
    rig.write({
      'two.py': 'def a(event, context): pass\ndef b(event, context): pass\n',
      'none.py': 'def f(x): pass\n',
      'A.java': '',
      'notes.txt': '',
    });
    assert.match(
      (await rig.run(['init', '--from-file', 'two.py'])).stderr,
      /two\.py has more than one function that could be the handler \(two\.a, two\.b\); choose one with --handler\.\n$/,
    );
    assert.match(
      (await rig.run(['init', '--from-file', 'none.py'])).stderr,
      /say which function it is: --handler none\.FUNCTION\n$/,
    );
    for (const handler of [[], ['--handler', 'notes.f']]) {
      assert.match(
        (await rig.run(['init', '--from-file', 'notes.txt', ...handler])).stderr,
        /notes\.txt is none of the files that can be run/,
      );
    }
    assert.match((await rig.run(['init', '--from-file', 'A.java'])).stderr, /A\.java is of Java, .*runtime: java/);
    assert.match((await rig.run(['init', '--from-file', 'gone.py'])).stderr, /^mayfly: There is no gone\.py\.\n$/);
    assert.ok(!existsSync(join(rig.folder, 'mayfly.yaml')));
  });

  test('comments say what may come next, and hold when they are taken up', async () => {
    rig.write({ 'hello.py': python });
    await rig.run(['init', '--from-file', 'hello.py']);
    rig.write({ 'mayfly.yaml': read('mayfly.yaml').replaceAll('# - ', '- ') });
    assert.deepEqual(
      load().manifest.functions[0]?.sources.map(({ kind }) => kind),
      ['http', 'bucket', 'queue', 'schedule'],
    );
  });
});

describe('from a template', () => {
  for (const name of Object.keys(templates)) {
    test(`${name} is a project that can be packed`, async () => {
      const { code } = await rig.run(['init', 'my-app', '--template', name]);
      assert.equal(code, 0);
      const project = load('my-app');
      assert.equal(project.manifest.application, 'my-app');
      assert.equal((await packageProject(project, { clock: rig.clock })).packed.size, 1);
    });
  }

  test('says where the schema is, for editors, and keeps our folder out of version control', async () => {
    await rig.run(['init']);
    assert.equal(read('mayfly.yaml').split('\n')[0], '# yaml-language-server: $schema=.mayfly/mayfly.schema.json');
    assert.ok(JSON.parse(read('.mayfly/mayfly.schema.json')));
    assert.equal(read('.mayfly/.gitignore'), '*\n');
  });

  test('a script is executable', async () => {
    await rig.run(['init', '--template', 'provided']);
    assert.notEqual(statSync(join(rig.folder, 'bootstrap')).mode & 0o100, 0);
  });

  test('an unknown one is refused, with the nearest', async () => {
    const { code, stderr } = await rig.run(['init', '--template', 'pyton']);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^mayfly: --template is 'pyton'; typescript, node, python, provided are accepted\. Did you mean python\?\n/,
    );
  });
});

describe('what is there', () => {
  test('is never overwritten without --force', async () => {
    rig.write({ 'mayfly.yml': 'mine', 'src/hello.ts': 'mine too' });
    const { code, stderr } = await rig.run(['init']);
    assert.deepEqual(
      [code, stderr],
      [1, 'mayfly: mayfly.yml, src/hello.ts are there already, and nothing was written. --force overwrites.\n'],
    );
    assert.deepEqual([read('src/hello.ts'), existsSync(join(rig.folder, 'mayfly.yaml'))], ['mine too', false]);
  });

  test('is overwritten with --force', async () => {
    rig.write({ 'mayfly.yaml': 'mine' });
    assert.equal((await rig.run(['init', '--force', '--json'])).code, 0);
    assert.match(read('mayfly.yaml'), /^# yaml-language-server/);
  });
});

test('--handler needs a file, and a file comes without a template', async () => {
  mkdirSync(join(rig.folder, 'x'));
  assert.equal((await rig.run(['init', '--handler', 'a.b'])).code, 2);
  assert.equal((await rig.run(['init', '--template', 'node', '--from-file', 'a.py'])).code, 2);
});
