/** What holds for every command: help, options, JSON, errors, colours, and finding the platform. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { commands } from './commands.ts';
import { CliRig } from './cli-rig.ts';

/** Above what Linux gives. https://man7.org/linux/man-pages/man5/proc_sys_kernel.5.html, pid_max */
const nobodysPid = 2 ** 22 + 1;

let rig: CliRig;

before(async () => {
  rig = await new CliRig().start();
});
after(() => rig[Symbol.asyncDispose]());

describe('each command', () => {
  for (const [name, entry] of Object.entries(commands)) {
    test(`${name} --help shows usage, options and an example, as mayfly help ${name} does`, async () => {
      const { code, stdout, stderr } = await rig.run([name, '--help']);
      assert.deepEqual([code, stderr], [0, '']);
      assert.match(stdout, new RegExp(`^Usage: mayfly ${name}`));
      assert.match(stdout, /\n {2}--json +Print JSON, and nothing else, on standard output\n/);
      assert.match(stdout, new RegExp(`\nExample:\n {2}.*mayfly ${name}`));
      assert.equal((await rig.run(['help', name])).stdout, stdout);
    });

    test(`${name} refuses an option that it does not have`, async () => {
      const { code, stdout, stderr } = await rig.run([name, '--jsn']);
      assert.deepEqual(
        [code, stdout, stderr],
        [
          2,
          '',
          `mayfly: mayfly ${name} has no option --jsn. Did you mean --json?\nmayfly ${name} --help shows its options.\n`,
        ],
      );
    });

    test(`${name} refuses a word too many`, async () => {
      const { positionalsMax } = await entry.load();
      const { code, stderr } = await rig.run([name, ...Array.from({ length: positionalsMax + 1 }, () => 'a')]);
      assert.equal(code, 2);
      assert.match(stderr, /^mayfly: 'a' is one word too many: mayfly /);
    });

    test(`${name} prints an error as JSON when asked for JSON`, async () => {
      const { code, stdout, stderr } = await rig.run([name, '--json', '--nothing']);
      assert.deepEqual([code, stderr], [2, '']);
      assert.equal((JSON.parse(stdout) as { error: { code: string } }).error.code, 'usage');
    });
  }
});

describe('the words', () => {
  test('none at all, help and --help show the overview', async () => {
    const asked = [[], ['help'], ['--help'], ['-h'], ['help', '--help'], ['help', '-h']];
    const shown = await Promise.all(asked.map((words) => rig.run(words)));
    assert.equal(new Set(shown.map(({ stdout }) => stdout)).size, 1);
    for (const name of Object.keys(commands)) assert.match(shown[0]?.stdout ?? '', new RegExp(`\n {2}${name} `));
  });

  test('help is JSON, too, when asked for JSON', async () => {
    for (const words of [['help'], ['--help'], ['help', 'ls'], ['ls', '--help']]) {
      const { stdout } = await rig.run(words);
      const { code, stdout: json } = await rig.run([...words, '--json']);
      assert.deepEqual([code, JSON.parse(json)], [0, { help: stdout }]);
    }
  });

  test('--version', async () => {
    assert.match((await rig.run(['--version'])).stdout, /^mayfly \d+\.\d+\.\d+\n$/);
    assert.match(JSON.parse((await rig.run(['--version', '--json'])).stdout).version, /^\d+\.\d+\.\d+$/);
  });

  test('a command that is none', async () => {
    const { code, stderr } = await rig.run(['deplyo']);
    assert.deepEqual(
      [code, stderr],
      [2, "mayfly: 'deplyo' is not a command. Did you mean deploy? mayfly help lists them all.\n"],
    );
    assert.equal(
      (await rig.run(['frobnicate'])).stderr,
      "mayfly: 'frobnicate' is not a command. mayfly help lists them all.\n",
    );
    assert.equal((await rig.run(['constructor'])).code, 2);
  });

  test('an option before the command', async () => {
    const { code, stderr } = await rig.run(['--data', 'x', 'ls']);
    assert.deepEqual(
      [code, stderr],
      [
        2,
        "mayfly: '--data' is not an option before a command. Write mayfly COMMAND [options]; mayfly help lists the commands.\n",
      ],
    );
  });

  test('an option without its value, and a value where none is taken', async () => {
    assert.match((await rig.run(['ls', '--data'])).stderr, /^mayfly: --data needs a value: --data DIR\.\n/);
    assert.match(
      (await rig.run(['ls', '--json=yes'])).stderr,
      /^mayfly: --json takes no value, and was given 'yes'\.\n/,
    );
  });

  test('too few words', async () => {
    assert.match((await rig.run(['rollback'])).stderr, /^mayfly: Something is missing: mayfly rollback FUNCTION\n/);
  });
});

describe('colours', () => {
  const escape = '\u001B[';
  test('are there on a terminal', async () =>
    assert.ok((await rig.run(['help'], { isTty: true })).stdout.includes(escape)));
  test('are not there elsewhere', async () => assert.ok(!(await rig.run(['help'])).stdout.includes(escape)));
  test('are there with FORCE_COLOR', async () =>
    assert.ok((await rig.run(['help'], { environment: { FORCE_COLOR: '1' } })).stdout.includes(escape)));
  test('are not there with FORCE_COLOR=0', async () =>
    assert.ok(!(await rig.run(['help'], { isTty: true, environment: { FORCE_COLOR: '0' } })).stdout.includes(escape)));
  test('are not there with NO_COLOR, whatever else', async () =>
    assert.ok(
      !(await rig.run(['help'], { isTty: true, environment: { NO_COLOR: '1', FORCE_COLOR: '1' } })).stdout.includes(
        escape,
      ),
    ));
  test('are not there on a dumb terminal', async () =>
    assert.ok(!(await rig.run(['help'], { isTty: true, environment: { TERM: 'dumb' } })).stdout.includes(escape)));
});

describe('the platform', () => {
  const empty = (): void => {
    for (const path of ['functions', 'buckets', 'queues', 'topics', 'buses', 'tables', 'schedules'])
      rig.answers.set(`GET ${path}`, { json: { [path]: [] } });
  };

  test('is found in the nearest .mayfly upwards', async () => {
    empty();
    const deep = join(rig.folder, 'a/b');
    mkdirSync(deep, { recursive: true });
    assert.equal((await rig.run(['ls'], { folder: deep })).code, 0);
  });

  test('is found past one that was killed', async () => {
    empty();
    rig.write({ 'killed/.mayfly/endpoint.json': JSON.stringify({ apiPort: 1, httpPort: 2, pid: nobodysPid }) });
    assert.equal((await rig.run(['ls'], { folder: join(rig.folder, 'killed') })).code, 0);
  });

  test('is found by --data, which comes before MAYFLY_DATA', async () => {
    empty();
    const elsewhere = { folder: rig.home };
    const data = join(rig.folder, '.mayfly');
    assert.equal(
      (await rig.run(['ls', '--data', data], { ...elsewhere, environment: { MAYFLY_DATA: '/nowhere' } })).code,
      0,
    );
    assert.equal((await rig.run(['ls'], { ...elsewhere, environment: { MAYFLY_DATA: data } })).code, 0);
  });

  test('is found in the project that is deployed', async () => {
    rig.write({ 'mayfly.yaml': 'functions: {}' });
    rig.answers.set('POST deployments', { json: { application: 'shop', changes: [] } });
    assert.equal((await rig.run(['deploy', rig.folder], { folder: rig.home })).code, 0);
  });

  test('is missed with advice', async () => {
    const { code, stderr } = await rig.run(['ls'], { folder: rig.home });
    assert.deepEqual(
      [code, stderr],
      [
        1,
        `mayfly: No platform runs with the data folder ${rig.home}/.mayfly. Start one with mayfly dev or mayfly serve, or name another with --data DIR.\n`,
      ],
    );
  });

  test('that is only starting says so', async () => {
    rig.answers.set('GET functions', { status: 503, json: { message: 'Service Unavailable' } });
    const { code, stdout } = await rig.run(['ls', '--json']);
    assert.deepEqual(
      [code, JSON.parse(stdout).error],
      [1, { code: 'unavailable', message: 'The platform is starting or stopping; try again.' }],
    );
  });

  test('that has died is missed with advice', async () => {
    mkdirSync(join(rig.home, 'dead'));
    writeFileSync(
      join(rig.home, 'dead/endpoint.json'),
      JSON.stringify({ apiPort: 1, httpPort: 2, listen: '127.0.0.1', pid: 1, mode: 'serve' }),
    );
    writeFileSync(join(rig.home, 'dead/credentials'), '[default]\naws_access_key_id = A\naws_secret_access_key = b\n');
    const { code, stdout } = await rig.run(['ls', '--json', '--data', join(rig.home, 'dead')]);
    assert.equal(code, 1);
    assert.match(
      (JSON.parse(stdout) as { error: { message: string } }).error.message,
      /^Nothing answers at http:\/\/127\.0\.0\.1:1 any more\. No platform runs with the data folder/,
    );
    rmSync(join(rig.home, 'dead'), { recursive: true });
  });

  test('that is starting is waited for', async () => {
    empty();
    const folder = join(rig.home, 'starting');
    mkdirSync(folder);
    writeFileSync(join(folder, 'starting.json'), JSON.stringify({ pid: process.pid }));
    const running = rig.run(['ls', '--data', folder]);
    // As the platform does it: first the address, then the end of the start.
    await new Promise((resolve) => setImmediate(resolve));
    for (const name of ['credentials', 'endpoint.json'])
      copyFileSync(join(rig.folder, '.mayfly', name), join(folder, name));
    rmSync(join(folder, 'starting.json'));
    assert.equal((await running).code, 0);
    rmSync(folder, { recursive: true });
  });

  test('whose start was broken off is not waited for', async () => {
    const folder = join(rig.home, 'broken-off');
    mkdirSync(folder);
    writeFileSync(join(folder, 'starting.json'), JSON.stringify({ pid: nobodysPid }));
    assert.match((await rig.run(['ls', '--data', folder])).stderr, /No platform runs with the data folder/);
    rmSync(folder, { recursive: true });
  });

  test('whose endpoint.json is damaged is named', async () => {
    mkdirSync(join(rig.home, 'damaged'));
    writeFileSync(join(rig.home, 'damaged/endpoint.json'), '{"apiPort":');
    assert.match(
      (await rig.run(['ls', '--data', join(rig.home, 'damaged')])).stderr,
      /damaged\/endpoint\.json does not say where the platform is; remove it/,
    );
    rmSync(join(rig.home, 'damaged'), { recursive: true });
  });

  test('that refuses the signature says so', async () => {
    mkdirSync(join(rig.home, 'wrong'));
    writeFileSync(
      join(rig.home, 'wrong/endpoint.json'),
      JSON.stringify({ apiPort: rig.apiPort, httpPort: 2, listen: '0.0.0.0', pid: 1, mode: 'serve' }),
    );
    writeFileSync(join(rig.home, 'wrong/credentials'), '[default]\naws_access_key_id = A\naws_secret_access_key = b\n');
    assert.equal(
      (await rig.run(['ls', '--data', join(rig.home, 'wrong')])).stderr,
      'mayfly: the signature does not match\n',
    );
  });
});

describe('the program itself', () => {
  const run = promisify(execFile);
  const program = join(import.meta.dirname, '../../bin/mayfly');

  test('runs, and its exit code is the command line’s', async () => {
    const { stdout } = await run(program, ['--version']);
    assert.match(stdout, /^mayfly /);
    await assert.rejects(run(program, ['nothing']), { code: 2 });
  });

  test('outlives a log that cannot be written', async () => {
    await assert.rejects(run('/bin/sh', ['-c', 'exec "$0" nothing 2>/dev/full', program]), { code: 2 });
  });
});

describe('what goes wrong', () => {
  test('on the machine is said without a stack', async () => {
    await using other = await new CliRig().start();
    other.write({ 'mayfly.yaml': 'functions: { f: { runtime: provided } }', bootstrap: '' });
    chmodSync(join(other.folder, 'bootstrap'), 0o755);
    // A file where the cache's folder should be.
    other.write({ '.mayfly/cache': '' });
    const { code, stderr } = await other.run(['deploy']);
    assert.equal(code, 1);
    assert.match(stderr, /mayfly: (?:ENOTDIR|EEXIST): .*\n$/);
  });

  test('in the program itself comes with its stack, to be reported', async () => {
    const openPlatform = (): Promise<never> => Promise.reject(new Error('unheard of'));
    const { code, stderr } = await rig.run(['serve'], { host: { openPlatform } });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^mayfly: Error: unheard of\n {4}at .*\nThis is a bug of Mayfly; please report it with the lines above\.\n$/s,
    );
  });
});
