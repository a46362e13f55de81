import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answerOf, errorOf, openTestSandbox, type TestSandbox } from '../../../../../test/fakes/process-sandbox.ts';
import { TakenAnswer } from '../../../../../test/fakes/taken-answer.ts';
import { inTime } from '../../../../../test/harness/in-time.ts';
import { streamWindow } from '../../channel/frame.ts';

const program = join(import.meta.dirname, '../../../../../test/contract/programs/provided/bootstrap.c');

function hasCompiler(): boolean {
  try {
    execFileSync('gcc', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('the provided runtime', () => {
  let opened: TestSandbox;
  before(async () => (opened = await openTestSandbox()));
  after(() => opened.close());

  const start = (files: Record<string, string | Uint8Array>) => opened.start({ runtime: 'provided', files });

  test('runs a bootstrap in C', { skip: !hasCompiler() && 'gcc is not installed' }, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'mayfly-c-'));
    t.after(() => rm(folder, { recursive: true }));
    execFileSync('gcc', ['-O2', '-Wall', '-Werror', '-o', join(folder, 'bootstrap'), program]);
    const { init, invoke, environment } = await start({ bootstrap: await readFile(join(folder, 'bootstrap')) });
    assert.deepEqual(init, { status: 'ready' });
    for (const text of ['one', 'two', 'three'])
      assert.deepEqual(answerOf(await invoke({ text })), { length: text.length + 11 });
    await environment.stop();
  });

  const entrypoints: [what: string, files: Record<string, string | Uint8Array>, message: string][] = [
    ['no bootstrap', { other: '' }, "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"],
    [
      'an interpreter that is not there',
      { bootstrap: '#!/no/such/interpreter -x\n' },
      'fork/exec /var/task/bootstrap: no such file or directory',
    ],
    ['text without an interpreter', { bootstrap: 'echo hello\n' }, 'fork/exec /var/task/bootstrap: exec format error'],
    ['an empty file', { bootstrap: '' }, 'fork/exec /var/task/bootstrap: exec format error'],
  ];
  for (const [what, files, errorMessage] of entrypoints) {
    test(`${what} is an invalid entry point`, async () => {
      const { init, environment } = await start(files);
      assert.deepEqual(errorOf(init), { errorType: 'Runtime.InvalidEntrypoint', errorMessage });
      await environment.ended;
    });
  }

  test('a program of another machine says so, and is an exit', async () => {
    const elf = Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 1, 2, 1, 0]), Buffer.alloc(56)]);
    const { init, lines } = await start({ bootstrap: elf });
    assert.deepEqual(init, { status: 'exit', code: 1, signal: undefined });
    assert.match(lines[0]?.text ?? '', /^fork\/exec \/var\/task\/bootstrap: .*Exec format error/);
  });

  test('nothing of the launcher is left: no open file, no process, no variable', async () => {
    const { init, lines } = await start({
      bootstrap: '#!/bin/sh\ncat /proc/[0-9]*/comm\nls /proc/self/fd\nenv | grep NODE\n',
    });
    assert.deepEqual(init, { status: 'exit', code: 1, signal: undefined });
    // ls has the folder that it lists open as 3.
    assert.deepEqual(lines.map((line) => line.text).sort(), ['0', '1', '2', '3', 'bootstrap', 'bwrap']);
  });

  test('an answer to an invocation that is over does not become the next one’s', async () => {
    const { invoke, environment } = await start({
      bootstrap: `#!/bin/sh
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while :; do
  id=$(curl -sS -D - -o /dev/null "$api/next" | tr -d '\\r' | sed -n 's/^lambda-runtime-aws-request-id: //Ip')
  curl -sS -o /dev/null -X POST "$api/$id/response" -d "\\"$id\\""
  curl -sS -o /dev/null -X POST "$api/$id/response" -d '"late"'
done
`,
    });
    for (const id of ['r-1', 'r-2', 'r-3']) assert.equal(answerOf(await invoke({}, { requestId: id as never })), id);
    await environment.stop();
  });

  test('a bootstrap in shell writes its answer bit by bit', async () => {
    const { invoke, environment } = await start({
      bootstrap: `#!/bin/sh
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while :; do
  id=$(curl -sS -D - -o /tmp/event "$api/next" | tr -d '\\r' | sed -n 's/^lambda-runtime-aws-request-id: //Ip')
  if grep -q much /tmp/event; then head -c 3000000 /dev/zero; else echo first; sleep $(sed 's/[^0-9.]//g' /tmp/event); echo last; fi |
    curl -sS -o /dev/null -X POST -T - "$api/$id/response" -H 'Content-Type: text/plain' \\
      -H 'Lambda-Runtime-Function-Response-Mode: streaming' -H 'Transfer-Encoding: chunked'
done
`,
    });
    await inTime(300, async (waitMs) => {
      const taken = new TakenAnswer();
      const outcome = invoke({ seconds: waitMs / 1_000 }, { taker: taken });
      await taken.until(() => taken.text !== '');
      const { text, contentType, hasEnded } = taken;
      assert.equal((await outcome).status, 'response');
      assert.deepEqual([taken.text, taken.hasEnded], ['first\nlast\n', true]);
      if (text === 'first\nlast\n') return false;
      assert.deepEqual([text, contentType, hasEnded], ['first\n', 'text/plain', false]);
      return true;
    });

    const slow = new TakenAnswer({ holds: true });
    const much = invoke({ much: true }, { taker: slow });
    await slow.until(() => slow.bytesSeen > streamWindow / 2);
    // Whatever else it could have written has had time to come.
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.ok(slow.bytesSeen <= streamWindow, `${slow.bytesSeen} bytes came`);
    await slow.takeAll(much);
    assert.equal(slow.bytesSeen, 3_000_000);
    await environment.stop();
  });
});
