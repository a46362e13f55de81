import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  answerOf,
  errorOf,
  openTestSandbox,
  type TestSandbox,
  type Tried,
} from '../../../../../test/fakes/process-sandbox.ts';
import { TakenAnswer } from '../../../../../test/fakes/taken-answer.ts';
import { inTime } from '../../../../../test/harness/in-time.ts';
import { streamWindow } from '../../channel/frame.ts';

describe('answers that a Node.js handler writes bit by bit', () => {
  let opened: TestSandbox;
  before(async () => (opened = await openTestSandbox()));
  after(() => opened.close());

  const streaming = (body: string, before = ''): Promise<Tried> =>
    opened.start({
      runtime: 'nodejs26.x',
      files: {
        'index.mjs': `import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
${before}
export const handler = awslambda.streamifyResponse(async (event, responseStream, context) => { ${body} });`,
      },
    });

  test('the first bytes are there before the last are written', async () => {
    const { invoke, environment } = await streaming(
      "responseStream.setContentType('text/plain'); responseStream.write('first '); await new Promise((go) => setTimeout(go, event.waitMs)); responseStream.end('last')",
    );
    await inTime(300, async (waitMs) => {
      const taken = new TakenAnswer();
      const outcome = invoke({ waitMs }, { taker: taken });
      await taken.until(() => taken.text !== '');
      const { text, contentType, hasEnded } = taken;
      assert.deepEqual(
        { ...(await outcome), tookUs: 0 },
        {
          status: 'response',
          payload: Buffer.alloc(0),
          tookUs: 0,
          streamed: { bytes: 10, contentType: 'text/plain' },
        },
      );
      assert.deepEqual([taken.text, taken.hasEnded], ['first last', true]);
      if (text === 'first last') return false;
      assert.deepEqual([text, contentType, hasEnded], ['first ', 'text/plain', false]);
      return true;
    });
    await environment.stop();
  });

  test('where nobody takes it, it is gathered', async () => {
    const { invoke, environment } = await streaming("await pipeline(Readable.from(['[1', ',2', ']']), responseStream)");
    assert.deepEqual(answerOf(await invoke({})), [1, 2]);
    assert.deepEqual(answerOf(await invoke({})), [1, 2], 'and again in the same environment');
    await environment.stop();
  });

  test('status and headers go before the body, also where there is none', async () => {
    const { invoke, environment } = await streaming(
      "const out = awslambda.HttpResponseStream.from(responseStream, { statusCode: 201, headers: { a: 'b' } }); if (event.body) out.write(event.body); out.end()",
    );
    for (const body of ['hello', '']) {
      const taken = new TakenAnswer();
      await invoke({ body }, { taker: taken });
      assert.equal(taken.text, `{"statusCode":201,"headers":{"a":"b"}}${'\0'.repeat(8)}${body}`);
      assert.equal(taken.contentType, 'application/vnd.awslambda.http-integration-response');
    }
    await environment.stop();
  });

  test('a reader that takes nothing stops the writer at the window', async () => {
    const { invoke, environment } = await streaming(
      `let written = 0; const chunk = Buffer.alloc(50_000, 'x');
       for (; written < 4_000_000; written += chunk.length) {
         if (!responseStream.write(chunk)) { console.log(written); await new Promise((drained) => responseStream.once('drain', drained)); }
       }
       responseStream.end();`,
    );
    const taken = new TakenAnswer({ holds: true });
    const outcome = invoke({}, { taker: taken });
    await taken.until(() => taken.bytesSeen > streamWindow - 100_000);
    // Whatever else it could have written has had time to come.
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.ok(taken.bytesSeen <= streamWindow, `${taken.bytesSeen} bytes came`);
    await taken.takeAll(outcome);
    assert.equal(taken.bytesSeen, 4_000_000);
    // A window that leaked would stop the next one.
    const next = new TakenAnswer();
    await invoke({}, { taker: next });
    assert.equal(next.bytesSeen, 4_000_000);
    await environment.stop();
  });

  test('an invocation that is over frees the window, taken or not', async () => {
    const { invoke, environment } = await streaming("responseStream.end(Buffer.alloc(200_000, 'x'))");
    for (let round = 0; round < 3; round++) {
      const taken = new TakenAnswer({ holds: true });
      assert.equal((await invoke({}, { taker: taken })).status, 'response');
      assert.equal(taken.bytesSeen, 200_000);
    }
    await environment.stop();
  });

  test('many small pieces are as bounded as few large ones', async () => {
    const { invoke, environment } = await streaming(
      "for (let n = 0; n < 5_000; n++) if (!responseStream.write('.')) await new Promise((drained) => responseStream.once('drain', drained)); responseStream.end()",
    );
    const taken = new TakenAnswer({ holds: true });
    const outcome = invoke({}, { taker: taken });
    await taken.until(() => taken.held.length >= 900);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(taken.held.length <= 1_024, `${taken.held.length} pieces`);
    await taken.takeAll(outcome);
    assert.equal(taken.bytesSeen, 5_000);
    await environment.stop();
  });

  const failures: [string, string, RegExp][] = [
    ['throws half-way', "responseStream.write('some'); throw new TypeError('no more')", /TypeError: no more/],
    [
      'has a source that breaks',
      "await pipeline(Readable.from((async function* () { yield 'some'; throw new RangeError('dry') })()), responseStream)",
      /RangeError: dry/,
    ],
    [
      'destroys its stream',
      "responseStream.write('some'); responseStream.destroy()",
      /Error: Response stream is not fin/,
    ],
    [
      'never returns',
      "responseStream.end('some'); await new Promise(() => {})",
      /NodeJsExit: a Promise that was never settled/,
    ],
    ['never ends it', "responseStream.write('some')", /Runtime.NodeJsExit: Response stream is not finished/],
  ];
  for (const [what, body, expected] of failures) {
    test(`a handler that ${what} has failed, and its environment lives on`, async () => {
      const { invoke, environment } = await streaming(`if (event.ok) return responseStream.end('"fine"'); ${body}`);
      const taken = new TakenAnswer();
      const error = errorOf(await invoke({}, { taker: taken }));
      assert.match(`${error.errorType}: ${error.errorMessage}`, expected);
      assert.equal(taken.text.startsWith('some'.slice(0, taken.text.length)), true);
      assert.equal(taken.hasEnded, what === 'never returns');
      assert.equal(answerOf(await invoke({ ok: true })), 'fine');
      await environment.stop();
    });
  }

  test('a time-out half-way ends it', async () => {
    await inTime(300, async (timeoutMs) => {
      const { invoke, environment } = await streaming(
        "responseStream.write('some'); await new Promise(() => setInterval(() => {}, 1000))",
      );
      const taken = new TakenAnswer();
      assert.deepEqual(await invoke({}, { taker: taken, timeoutMs }), { status: 'timeout' });
      assert.equal(taken.hasEnded, false);
      await environment.ended;
      return taken.text === 'some';
    });
  });

  test('what is handed over ahead of a streaming one answers in its turn', async () => {
    const { invoke, environment } = await streaming(
      "responseStream.write(event.n + ' '); responseStream.end(String(event.n))",
    );
    const takers = Array.from({ length: 8 }, () => new TakenAnswer());
    const outcomes = await Promise.all(takers.map((taker, n) => invoke({ n }, { taker })));
    const done = outcomes.filter(({ status }) => status === 'response').length;
    assert.ok(done >= 1);
    outcomes.forEach(({ status }, n) => assert.equal(takers[n]?.text, status === 'response' ? `${n} ${n}` : ''));
    await environment.stop();
  });

  test('the answer has ended for its reader while the handler goes on', async () => {
    const { invoke, environment } = await streaming(
      "responseStream.end('all'); await new Promise((resolve) => setTimeout(resolve, event.waitMs)); console.log('after')",
    );
    await inTime(200, async (waitMs) => {
      const taken = new TakenAnswer();
      let isOver = false;
      const outcome = invoke({ waitMs }, { taker: taken }).then((result) => ((isOver = true), result));
      await taken.until(() => taken.hasEnded);
      const wasOver = isOver;
      assert.equal((await outcome).status, 'response');
      return !wasOver;
    });
    await environment.stop();
  });

  test('a handler that writes more than a whole answer may have needs a taker', async () => {
    const { invoke, environment } = await streaming("responseStream.end(Buffer.alloc(7_000_000, 'x'))");
    assert.equal(errorOf(await invoke({})).errorType, 'Function.ResponseSizeTooLarge');
    const taken = new TakenAnswer();
    assert.equal((await invoke({}, { taker: taken })).status, 'response');
    assert.equal(taken.bytesSeen, 7_000_000);
    await environment.stop();
  });

  test('handlers that are not async, and content types that come too late, are told', async () => {
    const { invoke, environment } = await opened.start({
      runtime: 'nodejs26.x',
      files: {
        'index.mjs':
          "export const handler = awslambda.streamifyResponse((event, out) => { if (event.late) { out.write('x'); out.setContentType('a/b') } out.end() })",
      },
    });
    assert.equal(errorOf(await invoke({})).errorMessage, 'Streaming does not support non-async handlers.');
    assert.equal(errorOf(await invoke({ late: true })).errorMessage, 'Cannot set content-type, too late.');
    await environment.stop();
  });
});
