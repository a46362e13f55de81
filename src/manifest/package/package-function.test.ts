import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { FakeClock } from '../../util/fake-clock.ts';
import { complaintLine } from '../complaint.ts';
import { PackageCache } from './package-cache.ts';
import { packageFunction } from './package-function.ts';
import { contentsOf, functionOf, helloPy, later, node, packageRig, python } from '../../../test/harness/package-rig.ts';

const rig = packageRig();
const { write, pack, complaintsOf } = rig;

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
    chmodSync(join(rig.folder, 'bin/tool'), 0o700);
    chmodSync(join(rig.folder, 'hello.py'), 0o600);
    const contents = await contentsOf(await pack(...python));
    assert.deepEqual([contents['bin/tool']?.mode, contents['hello.py']?.mode], ['755', '644']);
  });

  test('links inside the project are followed', async () => {
    write({ 'hello.py': helloPy, 'shared/a.py': 'A = 1' });
    symlinkSync('shared', join(rig.folder, 'linked'));
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
    rig.anew();
    write({ 'a.txt': 'a', 'b.txt': 'b', 'hello.py': helloPy });
    utimesSync(join(rig.folder, 'a.txt'), 1, 1);
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
        ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program, join(rig.folder, 'a.txt')],
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

describe('packing again', () => {
  test('does nothing when nothing has changed', async () => {
    write({ 'hello.py': helloPy, 'index.ts': 'export const handler = () => 1;' });
    const [first, second] = [await pack(...python), await pack(...python)];
    assert.deepEqual([first.built, second.built, second.hash], [true, false, first.hash]);
  });

  test('notices a change of content, also one of the same length with the old time', async () => {
    write({ 'hello.py': helloPy, 'data.txt': 'one' });
    const first = await pack(...python);
    const file = join(rig.folder, 'data.txt');
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
    chmodSync(join(rig.folder, 'new.py'), 0o755);
    hashes.push((await pack(...python)).hash);
    rmSync(join(rig.folder, 'new.py'));
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
    const cache = new PackageCache(join(rig.folder, '.mayfly/cache/packages'));
    // To this clock the files are younger than the packing.
    const project = { folder: rig.folder, file: 'mayfly.yaml', cache, clock: new FakeClock(Date.now() - 3_600_000) };
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
    new PackageCache(join(rig.folder, '.mayfly/cache/packages')).prune(new Set(['hello']));
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
      assert.deepEqual(await complaintsOf(...settings), expected(rig.folder));
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
    () => symlinkSync('/etc/passwd', join(rig.folder, 'secret')),
  );
  refuses(
    'a link to nothing',
    { 'hello.py': helloPy },
    python,
    () => ["mayfly.yaml:4:14: functions.hello.code: gone is a link to nothing; remove it or leave it out with '!gone'"],
    () => symlinkSync('nowhere', join(rig.folder, 'gone')),
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
    symlinkSync('..', join(rig.folder, 'a/up'));
    const [line = ''] = await complaintsOf(...python);
    assert.match(line, /lies 64 folders deep: a link goes in circles/);
  });

  test('more than the limit, naming the largest files', async () => {
    write({ 'hello.py': helloPy, 'model.bin': '', 'small.bin': '' });
    truncateSync(join(rig.folder, 'model.bin'), 250 * 1024 * 1024);
    truncateSync(join(rig.folder, 'small.bin'), 1024 * 1024);
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
    const cache = new PackageCache(join(rig.folder, 'cache'));
    const result = await packageFunction(functionOf(...settings), {
      folder: rig.folder,
      file: 'mayfly.yaml',
      cache,
      clock: later,
    });
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
    rmSync(join(rig.folder, 'certs'), { recursive: true });
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
