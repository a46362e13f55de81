/** The first invocation, handed over while the code is loaded, in the real runtimes. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  answerOf,
  errorOf,
  openTestSandbox,
  type TestSandbox,
  type Tried,
} from '../../../../test/fakes/process-sandbox.ts';
import type { RequestId } from '../../../util/ids.ts';
import type { RuntimeName } from '../../../util/runtime-names.ts';
import type { Environment, InvokeOutcome } from '../../sandbox.ts';

const timeoutMs = 20_000;
const loadMs = 300;

/** `says`: code that answers its event, when it had been loaded, when it looked, and how much of its time was left then. */
type Source = { runtime: RuntimeName; file: string; says: string; fails: string; exits: string };

const node = {
  file: 'index.mjs',
  says: `console.log('loading');
for (const end = performance.now() + ${loadMs}; performance.now() < end;);
const loadedMs = Date.now();
export const handler = async (event, context) => {
  console.log('running');
  return { event, loadedMs, leftMs: context.getRemainingTimeInMillis(), lookedMs: Date.now() };
};`,
  fails: `console.log('loading');
export const handler = async () => console.log('running');
throw new TypeError('not today');`,
  exits: `export const handler = () => process.exit(7);`,
};

const sources: readonly Source[] = [
  { runtime: 'nodejs20.x', ...node },
  { runtime: 'nodejs26.x', ...node },
  {
    runtime: 'python',
    file: 'index.py',
    says: `import time
print("loading")
time.sleep(${loadMs / 1000})
loaded = time.time() * 1000
def handler(event, context):
    print("running")
    left = context.get_remaining_time_in_millis()
    return {"event": event, "loadedMs": loaded, "leftMs": left, "lookedMs": time.time() * 1000}
`,
    fails: `print("loading")
def handler(event, context):
    print("running")
raise TypeError("not today")
`,
    exits: `import os
def handler(event, context):
    os._exit(7)
`,
  },
];

let opened: TestSandbox;
before(async () => {
  opened = await openTestSandbox();
});
after(() => opened.close());

/** Starts one and hands it an invocation as soon as its initialisation has begun. */
async function startWith(
  event: unknown,
  source: Parameters<TestSandbox['start']>[0],
): Promise<Tried & { outcome: InvokeOutcome }> {
  let invoking: Promise<InvokeOutcome> | undefined;
  const booted = (environment: Environment): void => {
    assert.equal(environment.room, 1);
    invoking = environment.invoke({
      requestId: 'with-init' as RequestId,
      invokedFunctionArn: 'arn',
      event: Buffer.from(JSON.stringify(event)),
      deadlineMs: Date.now() + timeoutMs,
      timeoutMs,
      traceId: 'Root=1-5759e988-bd862e3fe1be46a994272793',
    });
  };
  const tried = await opened.start({ ...source, booted });
  assert.ok(invoking !== undefined);
  return { ...tried, outcome: await invoking };
}

for (const { runtime, file, says, fails, exits } of sources) {
  describe(runtime, () => {
    test('it begins once the code is loaded, has its whole time, and what it prints is its own', async () => {
      const { environment, init, outcome, lines, invoke } = await startWith(
        { n: 1 },
        { runtime, files: { [file]: says } },
      );
      assert.deepEqual(init, { status: 'ready' });
      assert.equal(environment.isOnlyOnChannel, true);
      const answer = answerOf(outcome) as Record<'loadedMs' | 'leftMs' | 'lookedMs', number> & { event: unknown };
      assert.deepEqual(answer.event, { n: 1 });
      const endsMs = answer.lookedMs + answer.leftMs;
      assert.ok(endsMs > answer.loadedMs + timeoutMs - loadMs / 2, `${endsMs - answer.loadedMs} ms from loading on`);
      const said = (): unknown[] => lines.map(({ text, requestId }) => [/loading|running/.exec(text)?.[0], requestId]);
      assert.deepEqual(said(), [
        ['loading', undefined],
        ['running', 'with-init'],
      ]);
      assert.deepEqual((answerOf(await invoke({ n: 2 })) as { event: unknown }).event, { n: 2 });
      await environment.stop();
    });

    test('where the code cannot be loaded, nothing of it runs', async () => {
      const { environment, init, outcome, lines } = await startWith({}, { runtime, files: { [file]: fails } });
      assert.equal(errorOf(init).errorMessage, 'not today');
      assert.deepEqual(outcome, { status: 'not_started' });
      await environment.ended;
      const [first, second, ...more] = lines.map(({ text }) => text);
      assert.match(first ?? '', /loading/);
      assert.match(second ?? '', /not today/);
      assert.ok(!more.some((text) => /running|ERROR|TypeError: 'NoneType'/.test(text)), more.join('\n'));
    });

    test('where the handler ends its process, it was the invocation and not the initialisation', async () => {
      const { init, outcome } = await startWith({}, { runtime, files: { [file]: exits } });
      assert.deepEqual(init, { status: 'ready' });
      assert.deepEqual(outcome, { status: 'exit', code: 7, signal: undefined });
    });
  });
}

test('a module that waits while it is loaded is waited for', async () => {
  const source = `console.log('loading');
await new Promise((resolve) => setTimeout(resolve, 200));
console.log('loaded');
export const handler = async () => console.log('running');`;
  const { environment, outcome, lines } = await startWith(
    {},
    { runtime: 'nodejs26.x', files: { 'index.mjs': source } },
  );
  assert.equal(outcome.status, 'response');
  assert.deepEqual(
    lines.map(({ text }) => /load\w+|running/.exec(text)?.[0]),
    ['loading', 'loaded', 'running'],
  );
  await environment.stop();
});

test('one whose code printed past its channel while it was loaded says so', async () => {
  const source = `import { writeSync } from 'node:fs';
writeSync(1, 'past it');
export const handler = async () => {};`;
  const { environment, init } = await opened.start({ runtime: 'nodejs26.x', files: { 'index.mjs': source } });
  assert.deepEqual(init, { status: 'ready' });
  assert.equal(environment.isOnlyOnChannel, false);
  await environment.stop();
});

test('where going on from a template fails, nothing runs of what came with it', async (t) => {
  const refused = opened.sandbox.templatesRefused('python');
  if (refused !== undefined) return t.skip(refused);
  const files = {
    'index.py': `import os
from snapshot_restore_py import register_after_restore
register_after_restore(lambda: 1 / 0)
def handler(event, context):
    os.write(1, b"running past the channel\\n")
    print("running")
`,
  };
  const first = await opened.start({ runtime: 'python', files, forTemplate: { imports: [] } });
  const template = await first.environment.becomeTemplate(512 * 1024 * 1024);
  assert.ok(!('refused' in template), JSON.stringify(template));
  const later = { runtime: 'python', files: {}, bundle: first.bundle, template } as const;
  const { environment, init, outcome, lines } = await startWith({}, later);
  assert.equal(errorOf(init).errorType, 'ZeroDivisionError');
  assert.deepEqual(outcome, { status: 'not_started' });
  await environment.ended;
  const texts = lines.map(({ text }) => text).join('\n');
  assert.match(texts, /ZeroDivisionError/);
  assert.doesNotMatch(texts, /running/);
  template.release();
});

test('one that goes on from a template begins when it has been told who it is', async (t) => {
  const refused = opened.sandbox.templatesRefused('python');
  if (refused !== undefined) return t.skip(refused);
  const files = {
    'index.py': `import os
print("loading")
def handler(event, context):
    print("running")
    return [event, os.environ["WHO"]]
`,
  };
  const of = { runtime: 'python', files } as const;
  const first = await opened.start({ ...of, variables: { WHO: 'the template' }, forTemplate: { imports: [] } });
  const template = await first.environment.becomeTemplate(512 * 1024 * 1024);
  assert.ok(!('refused' in template), JSON.stringify(template));
  const later = { ...of, bundle: first.bundle, template, variables: { WHO: 'the second' } };
  const { environment, init, outcome, lines, invoke } = await startWith({ n: 1 }, later);
  assert.deepEqual(init, { status: 'ready' });
  assert.deepEqual(answerOf(outcome), [{ n: 1 }, 'the second']);
  assert.deepEqual(
    lines.map(({ text, requestId }) => [text, requestId]),
    [['running', 'with-init']],
  );
  assert.deepEqual(answerOf(await invoke({ n: 2 })), [{ n: 2 }, 'the second']);
  await environment.stop();
  template.release();
});
