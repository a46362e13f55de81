import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Deployment } from '../manifest/deployment.ts';
import { systemClock } from '../util/clock.ts';
import { CliRig } from './cli-rig.ts';
import { isUninteresting, ProjectWatch } from './watch-project.ts';

let rig: CliRig;

beforeEach(async () => {
  rig = await new CliRig().start();
  rig.write({ 'mayfly.yaml': manifest, 'hello.py': 'def lambda_handler(event, context):\n    return {}\n' });
  rig.answers.set('POST deployments', ({ body }) => {
    const { application, functions } = JSON.parse(body.toString()) as Deployment;
    return {
      json: {
        application,
        changes: functions.map(({ name }) => ({ what: 'function', name, action: 'updated', detail: 'version 1 → 2' })),
      },
    };
  });
  rig.answers.set('GET functions/*/logs', {
    lines: [
      {
        timeMs: 0,
        requestId: 'abcdef012345',
        origin: 'platform',
        text: 'START RequestId: abcdef',
        version: '1',
        environmentId: 'e',
        functionName: 'hello',
      },
      {
        timeMs: 0,
        requestId: 'abcdef012345',
        origin: 'function',
        text: 'hello there',
        version: '1',
        environmentId: 'e',
        functionName: 'hello',
      },
    ],
    isOpen: true,
  });
  rig.otherwise = ({ method }) => (method === 'PUT' ? {} : undefined);
});
afterEach(() => rig[Symbol.asyncDispose]());

const manifest = 'functions:\n  hello:\n    runtime: python\n    handler: hello.lambda_handler\n';

/** What `dev --json` prints, one value at a time, each answered by the next step of the test. */
async function dev(
  steps: Readonly<Record<string, (stop: () => void) => void>>,
  words: readonly string[] = ['--json'],
): Promise<{ code: number; stdout: string; closed: number }> {
  let stop: () => void = () => undefined;
  let closed = 0;
  const host = {
    openPlatform: () =>
      Promise.resolve({ apiPort: rig.apiPort, httpPort: 8080, close: () => Promise.resolve(void closed++) }),
  };
  const counts = new Map<string, number>();
  const { code, stdout } = await rig.run(['dev', ...words], {
    host,
    onStart: (ask) => (stop = ask),
    onWrite: (text) => {
      for (const line of text.split('\n').filter((part) => part.startsWith('{'))) {
        const { event } = JSON.parse(line) as { event: string };
        counts.set(event, (counts.get(event) ?? 0) + 1);
        const step = steps[`${event} ${counts.get(event)}`];
        if (step !== undefined) setImmediate(() => step(stop));
      }
    },
  });
  return { code, stdout, closed };
}

describe('dev', () => {
  test('deploys, follows the logs, deploys again after a change, survives a mistake, and stops', async () => {
    const ticking = setInterval(() => void rig.clock.advance(20), 5);
    try {
      const { code, stdout, closed } = await dev({
        'deployed 1': () =>
          rig.write({ 'hello.py': 'def lambda_handler(event, context):\n    return {"changed": True}\n' }),
        'deployed 2': () => rig.write({ 'mayfly.yaml': manifest.replace('python', 'pyton') }),
        'refused 1': () => rig.write({ 'mayfly.yaml': manifest }),
        'deployed 3': (stop) => stop(),
      });
      assert.deepEqual([code, closed], [0, 1]);
      const events = stdout
        .trim()
        .split('\n')
        .map(
          (line) => JSON.parse(line) as { event: string; error?: { complaints: { line: number; field: string }[] } },
        );
      assert.deepEqual(
        events.filter(({ event }) => event !== 'log').map(({ event }) => event),
        ['ready', 'deployed', 'deployed', 'refused', 'deployed', 'stopping'],
      );
      assert.deepEqual(
        events.find(({ event }) => event === 'refused')?.error?.complaints.map(({ line, field }) => [line, field]),
        [[3, 'functions.hello.runtime']],
      );
      assert.equal(events.filter(({ event }) => event === 'log').length, 2);
      const bundles = rig
        .called('POST', 'deployments')
        .map(({ body }) => (JSON.parse(body.toString()) as Deployment).functions[0]?.settings.bundle);
      assert.equal(new Set(bundles).size, 2);
    } finally {
      clearInterval(ticking);
    }
  });

  test('TypeScript with type errors runs, and its errors are said beside, and that they are gone', async () => {
    const typed = (value: string): Record<string, string> => ({
      'mayfly.yaml': 'functions:\n  typed: { runtime: nodejs, handler: typed.handler }\n',
      'typed.ts': `const n: number = ${value};\nexport const handler = async () => n;\n`,
    });
    rig.write(typed("'four'"));
    const ticking = setInterval(() => void rig.clock.advance(20), 5);
    try {
      const { code, stdout } = await dev({
        'types 1': () => rig.write(typed('4')),
        'types 2': (stop) => stop(),
      });
      assert.equal(code, 0);
      const events = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { event: string; complaints?: { line: number; field: string }[] });
      assert.deepEqual(
        events.filter(({ event }) => event !== 'log').map(({ event }) => event),
        ['ready', 'deployed', 'types', 'deployed', 'types', 'stopping'],
      );
      const [wrong, right] = events.filter(({ event }) => event === 'types').map(({ complaints }) => complaints);
      assert.deepEqual(
        wrong?.map(({ line, field }) => [line, field]),
        [[1, 'TS2322']],
      );
      assert.deepEqual(right, []);
    } finally {
      clearInterval(ticking);
    }
  });

  test('on a terminal says where it answers and that any signature is accepted, and leaves START out', async () => {
    let stop: () => void = () => undefined;
    const host = {
      openPlatform: () => Promise.resolve({ apiPort: rig.apiPort, httpPort: 8080, close: () => Promise.resolve() }),
    };
    let seen = '';
    const { stdout } = await rig.run(['dev'], {
      host,
      onStart: (ask) => (stop = ask),
      onWrite: (text) => {
        seen += text;
        if (seen.includes('hello there') && seen.includes('✓ shop')) setImmediate(stop);
      },
    });
    assert.match(
      stdout,
      new RegExp(
        `^Mayfly ready: gateway http://127\\.0\\.0\\.1:8080, API http://127\\.0\\.0\\.1:${rig.apiPort}\nThe API accepts any signature from this machine \\(in dev only\\)\\. Ctrl-C stops\\.\n`,
      ),
    );
    assert.match(stdout, /✓ shop in .*: 1 updated\n {2}~ function {2}hello {2}version 1 → 2\n/);
    assert.match(stdout, / hello ef012345 hello there\n/);
    assert.ok(!stdout.includes('START'));
  });

  test('of a folder that is not there', async () => {
    const { code, stderr } = await rig.run(['dev', 'nowhere']);
    assert.deepEqual(
      [code, stderr],
      [1, 'mayfly: There is no nowhere; a folder with mayfly.yaml or with one handler is accepted.\n'],
    );
  });
});

describe('watching', () => {
  test('calls once for changes that come together, and again for those that come meanwhile', async () => {
    const calls: (() => void)[] = [];
    const next = (): Promise<() => void> => new Promise((resolve) => (waiting = resolve));
    let waiting: (finish: () => void) => void = () => undefined;
    const changed = (): Promise<void> =>
      new Promise((resolve) => {
        calls.push(resolve);
        waiting(resolve);
      });
    await using _watching = new ProjectWatch(rig.folder, systemClock, changed);
    const first = next();
    rig.write({ 'a.txt': '1', 'sub/b.txt': '1' });
    const finishFirst = await first;
    const second = next();
    rig.write({ 'sub/b.txt': '2' });
    // Seen while the first call runs: it waits its turn.
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.equal(calls.length, 1);
    finishFirst();
    (await second)();
    assert.equal(calls.length, 2);
  });

  test('leaves out what no bundle holds', () => {
    for (const path of [
      '.mayfly',
      '.mayfly/mayfly.db',
      'node_modules',
      'a/node_modules/x',
      '.git/HEAD',
      '__pycache__/a.pyc',
      'a.py~',
      '.env',
    ])
      assert.ok(isUninteresting(path), path);
    for (const path of ['mayfly.yaml', 'hello.py', 'src', 'src/index.ts', 'package-lock.json'])
      assert.ok(!isUninteresting(path), path);
  });

  test('passes on what fails', async () => {
    await using watching = new ProjectWatch(rig.folder, systemClock, () => Promise.reject(new Error('a bug')));
    rig.write({ 'a.txt': '1' });
    await assert.rejects(watching.failed, { message: 'a bug' });
  });
});
