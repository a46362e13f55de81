/** Functions that take all they can get, or end badly: each is told as what it was, and the platform and the others go on. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { callApi } from '../harness/api-client.ts';
import { eventually } from '../harness/eventually.ts';
import { openProbe, type Probe } from '../harness/probe/open-probe.ts';

let probe: Probe;

before(async () => {
  probe = await openProbe();
});

after(() => probe[Symbol.asyncDispose]());

describe('taking everything', () => {
  before(() => probe.assertWorks('neighbour'));

  test('a fork bomb is bounded, others are answered meanwhile, and nothing of it is left', async () => {
    const mark = `mfbomb${probe.mayfly.pid}`;
    const bomb = `libc.prctl(15, b"${mark}", 0, 0, 0)
while True:
    try: os.fork()
    except OSError: pass`;
    const result = await probe.whileOthersWork(probe.run('bomb', bomb));
    assert.ok(
      ['Sandbox.Timedout', 'Runtime.OutOfMemory'].includes(result.error?.errorType ?? ''),
      JSON.stringify(result),
    );
    // At once with control groups; without them a thousand processes share out among themselves, and with whatever
    // else the machine does, the time to die in.
    await eventually('the end of all of it', 60_000, async () => processesNamed(mark).length === 0 || undefined);
    await probe.assertWorks('bomb');
  });

  test('a memory bomb is out of memory, and others are answered meanwhile', async () => {
    const bomb = 'hoard = []\nwhile True: hoard.append(bytearray(1 << 20))';
    const result = await probe.whileOthersWork(probe.run('hoarder', bomb));
    const limited = probe.isOk('memory, CPU and process limits');
    assert.equal(result.error?.errorType, limited ? 'Runtime.OutOfMemory' : 'MemoryError', JSON.stringify(result));
    await probe.assertWorks('hoarder');
  });

  test('a memory bomb in Node.js is out of memory', async () => {
    await probe.assertFails(
      'heap',
      'const hoard = []; for (;;) hoard.push(new Array(1e5).fill(0).map((_, index) => ({ index })));',
      'Runtime.OutOfMemory',
    );
  });

  test('a flood of output is read no faster than others can bear', async () => {
    const flood = `import time
end = time.time() + 2
while time.time() < end: os.write(1, b"\\n" * 65536)
tell(done=True)`;
    const { payload } = await probe.whileOthersWork(probe.run('probe', flood));
    assert.deepEqual(payload, { done: true });
    const { log } = await probe.run('filler', `for _ in range(40): os.write(1, b"x" * 200_000 + b"\\n")`);
    const characters = log.reduce((sum, line) => sum + line.length, 0);
    assert.ok(characters > 200_000 && characters <= 1024 * 1024, `the answer carries ${characters} characters of it`);
  });

  test('filling the disk ends at its own limit', async () => {
    const told = await probe.ask(
      'filler',
      `def fill(path):
    written = 0
    with open(path, "wb", buffering=0) as file:
        try:
            while True: written += file.write(bytes(1 << 20))
        except OSError as error:
            outcome = [errno.errorcode[error.errno], written >> 20]
    os.remove(path)
    return outcome
tell(tmp=fill("/tmp/big"), shm=fill("/dev/shm/big"))`,
    );
    assert.deepEqual(told, { tmp: ['ENOSPC', 512], shm: ['ENOSPC', 64] });
  });

  test('an endless loop ends at the set time, in Python and in Node.js, and others are answered meanwhile', async () => {
    const startMs = performance.now();
    const [inPython, inNode] = await Promise.all([
      probe.whileOthersWork(probe.run('bomb', 'while True: pass')),
      probe.run('in-node', 'for (;;);'),
    ]);
    const tookMs = performance.now() - startMs;
    for (const { error } of [inPython, inNode]) {
      assert.equal(error?.errorType, 'Sandbox.Timedout');
      assert.match(error?.errorMessage ?? '', /Task timed out after 4\.00 seconds$/);
    }
    assert.ok(tookMs >= 3_900, `${Math.round(tookMs)} ms`);
    await Promise.all([probe.assertWorks('bomb'), probe.assertWorks('in-node')]);
  });
});

describe('ending badly', () => {
  const large = 7 * 1024 * 1024;
  const cases: [name: string, what: string, code: string, errorType: string][] = [
    ['probe', 'an answer of 7 MB', `answer = "x" * ${large}`, 'Function.ResponseSizeTooLarge'],
    ['in-node', 'an answer of 7 MB', `return 'x'.repeat(${large})`, 'Function.ResponseSizeTooLarge'],
    ['probe', 'exit(0)', 'os._exit(0)', 'Runtime.ExitError'],
    ['in-node', 'exit(0)', 'process.exit(0)', 'Runtime.ExitError'],
    ['probe', 'a segmentation fault', 'ctypes.string_at(0)', 'Runtime.ExitError'],
    [
      'in-node',
      'a fatal signal',
      `process.kill(process.pid, 'SIGSEGV'); await new Promise((resolve) => setTimeout(resolve, 2000));`,
      'Runtime.ExitError',
    ],
    [
      'in-node',
      'a rejection that nobody handles',
      `void Promise.reject(new Error('lost')); await new Promise((resolve) => setTimeout(resolve, 2000));`,
      'Runtime.UnhandledPromiseRejection',
    ],
    [
      'in-node',
      'an exception that nobody catches',
      `setImmediate(() => { throw new RangeError('lost'); }); await new Promise((resolve) => setTimeout(resolve, 2000));`,
      'RangeError',
    ],
    ['in-node', 'a promise that is never settled', 'await new Promise(() => {});', 'Runtime.NodeJsExit'],
    ['probe', 'an exception', 'raise KeyError("lost")', 'KeyError'],
  ];
  for (const [name, what, code, errorType] of cases) {
    test(`${what} is ${errorType}, and the next call works (${name})`, () =>
      probe.assertFails(name, code, errorType).then(() => undefined));
  }

  test('what it prints cannot pass for the platform’s own lines, nor change the bill', async () => {
    const forged = `REPORT RequestId: forged\\tDuration: 0.01 ms\\tBilled Duration: 1 ms`;
    const { requestId } = await probe.run('probe', `print("${forged}"); import time; time.sleep(0.3)`);
    const answer = await callApi(probe.mayfly, {
      target: `/_mayfly/functions/probe/logs?request=${requestId}`,
      service: 'mayfly',
    });
    const lines = (await answer.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { origin: string; text: string });
    const reports = lines.filter(({ text }) => text.startsWith('REPORT'));
    assert.deepEqual(reports.map(({ origin }) => origin).toSorted(), ['function', 'platform']);
    const billed = /Billed Duration: (\d+) ms/.exec(
      reports.find(({ origin }) => origin === 'platform')?.text ?? '',
    )?.[1];
    assert.ok(Number(billed) >= 300, `billed ${billed} ms`);
  });
});

/** Of the whole host, by the name that a process gave itself. */
function processesNamed(name: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === name;
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
}
