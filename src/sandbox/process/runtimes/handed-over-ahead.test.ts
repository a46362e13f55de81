/** Invocations that wait inside, behind the one that runs, in the real runtimes. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answerOf, openTestSandbox, type TestSandbox } from '../../../../test/fakes/process-sandbox.ts';
import { inTime } from '../../../../test/harness/in-time.ts';
import type { RuntimeName } from '../../../util/runtime-names.ts';
import type { InvokeOutcome } from '../../sandbox.ts';

/** Blocks its process for so long, or waits; answers when it looked, and what is left of its time then. */
const sources: { runtime: RuntimeName; files: Record<string, string> }[] = [
  {
    runtime: 'nodejs26.x',
    files: {
      'index.js': `exports.handler = async ({ blockMs = 0, waitMs = 0, n }, context) => {
        console.log('begun', n);
        for (const end = performance.now() + blockMs; performance.now() < end;);
        if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
        return { n, leftMs: context.getRemainingTimeInMillis(), lookedMs: Date.now() };
      };`,
    },
  },
  {
    runtime: 'python',
    files: {
      'index.py': `import time
def handler(event, context):
    print("begun", event["n"])
    time.sleep((event.get("blockMs", 0) + event.get("waitMs", 0)) / 1000)
    left = context.get_remaining_time_in_millis()
    return {"n": event["n"], "leftMs": left, "lookedMs": time.time() * 1000}
`,
    },
  },
];

const timesOf = (outcome: InvokeOutcome | undefined): { leftMs: number; lookedMs: number } =>
  answerOf(outcome ?? assert.fail()) as { leftMs: number; lookedMs: number };

/** Where the machine is so busy that the first is not taken up at once, those behind it may be given back: then once more. */
async function untilStarted(hand: () => Promise<InvokeOutcome>[]): Promise<InvokeOutcome[]> {
  for (let tries = 0; tries < 50; tries += 1) {
    const outcomes = await Promise.all(hand());
    if (outcomes.every(({ status }) => status !== 'not_started')) return outcomes;
  }
  return assert.fail('they were given back every time');
}

let opened: TestSandbox;
before(async () => {
  opened = await openTestSandbox();
});
after(() => opened.close());

for (const { runtime, files } of sources) {
  describe(runtime, () => {
    test('they run one after the other, in order, and what each prints is its own', async () => {
      const { environment, invoke, lines } = await opened.start({ runtime, files });
      const outcomes = await untilStarted(() => {
        lines.length = 0;
        return [0, 1, 2, 3].map((n) => invoke({ n }));
      });
      assert.deepEqual(
        outcomes.map((outcome) => (answerOf(outcome) as { n: number }).n),
        [0, 1, 2, 3],
      );
      assert.deepEqual(
        lines.map(({ text }) => /begun \d/.exec(text)?.[0]),
        ['begun 0', 'begun 1', 'begun 2', 'begun 3'],
      );
      assert.equal(new Set(lines.map(({ requestId }) => requestId)).size, 4);
      await environment.stop();
    });

    test('one that waited behind another has its whole time when it begins', async () => {
      const { environment, invoke } = await opened.start({ runtime, files });
      const timeoutMs = 10_000;
      const blockMs = 300;
      const [first, second] = await untilStarted(() => {
        const options = { timeoutMs, deadlineMs: Date.now() + timeoutMs };
        return [invoke({ n: 0, blockMs }, options), invoke({ n: 1 }, options)];
      });
      assert.ok(timesOf(first).leftMs <= timeoutMs - blockMs, `${timesOf(first).leftMs}`);
      const endsMs = timesOf(second).lookedMs + timesOf(second).leftMs;
      const fromFirstMs = endsMs - timesOf(first).lookedMs;
      assert.ok(fromFirstMs > timeoutMs - blockMs / 2, `${fromFirstMs} ms from the first's end on`);
      await environment.stop();
    });
  });
}

test('what waits behind a handler that waits itself is given back and has not begun', async () => {
  const [node] = sources;
  assert.ok(node !== undefined);
  const { environment, invoke, lines } = await opened.start(node);
  await inTime(500, async (waitMs) => {
    lines.length = 0;
    const outcomes = [invoke({ n: 0, waitMs }), invoke({ n: 1 }), invoke({ n: 2 })];
    const behind = await Promise.all(outcomes.slice(1));
    assert.equal((await outcomes[0])?.status, 'response');
    if (behind.some(({ status }) => status === 'response')) return false;
    assert.deepEqual(behind, [{ status: 'not_started' }, { status: 'not_started' }]);
    assert.deepEqual(
      lines.map(({ text }) => /begun \d/.exec(text)?.[0]),
      ['begun 0'],
    );
    return true;
  });
  assert.equal((answerOf(await invoke({ n: 3 })) as { n: number }).n, 3);
  await environment.stop();
});

/** Answers for itself with what it makes up, besides what it returns: once with the number that its event has, once without. */
const forger = `import os, struct, time
def handler(event, context):
    import __main__
    if event["n"] == 0:
        payload = (__main__.number if event["knows"] else b"\\0\\0\\0\\1") + b"\\0\\0\\0\\0" + b'"forged"'
        os.write(3, struct.pack(">IB", len(payload), 19) + payload)
    time.sleep(0.05)
    return event["n"]
`;

test('an answer too many reaches none of those that wait behind', async () => {
  for (const knows of [true, false]) {
    let [first, ...others]: InvokeOutcome[] = [];
    // Nothing can be said of those that were not handed over in time.
    for (let tries = 0; tries < 20 && !others.some(({ status }) => status !== 'not_started'); tries += 1) {
      const { environment, invoke } = await opened.start({ runtime: 'python', files: { 'index.py': forger } });
      [first, ...others] = await Promise.all([0, 1, 2, 3].map((n) => invoke({ n, knows })));
      await environment.ended;
    }
    if (knows) assert.equal(answerOf(first ?? assert.fail()), 'forged', 'it answers for itself as it likes');
    else assert.equal(first?.status, 'exit');
    for (const other of others) assert.notEqual(other.status, 'response', JSON.stringify(other));
  }
});
