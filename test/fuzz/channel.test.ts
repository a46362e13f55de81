/** What comes out of an environment: frames on its channel, and the lines with which it hands sockets over. All of it is hostile. */
import assert from 'node:assert/strict';
import { duplexPair, PassThrough } from 'node:stream';
import { test } from 'node:test';
import { FrameReader } from '../../src/sandbox/process/channel/frame-reader.ts';
import { bytesMaxOf, fromRuntime, headerBytes, numbered } from '../../src/sandbox/process/channel/frame.ts';
import type { IsolatedProcess } from '../../src/sandbox/process/process.ts';
import { FramedConversation } from '../../src/sandbox/process/runtimes/framed-conversation.ts';
import { parseFunctionError } from '../../src/sandbox/process/runtimes/function-error.ts';
import type { Heard } from '../../src/sandbox/process/runtimes/runtime.ts';
import type { RequestId } from '../../src/util/ids.ts';
import { fuzz, inPieces } from './fuzz.ts';

const frame = (type: number, payload: string | Buffer = ''): Buffer => {
  const bytes = Buffer.from(payload);
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32BE(bytes.length);
  header.writeUInt8(type, 4);
  return Buffer.concat([header, bytes]);
};

const error = '{"errorType":"E","errorMessage":"m","stackTrace":["a"]}';
const zero = Buffer.alloc(4);
const corpus = [
  Buffer.concat([frame(fromRuntime.booted, Buffer.of(numbered)), frame(fromRuntime.ready)]),
  frame(fromRuntime.response, Buffer.concat([zero, zero, Buffer.from('{"a":1}')])),
  frame(fromRuntime.error, Buffer.concat([zero, Buffer.from(error)])),
  frame(fromRuntime.fatal, error),
  frame(fromRuntime.initError, error),
  frame(fromRuntime.output, '\0a line'),
  frame(fromRuntime.output, '\x01half a line\nand \xff\xfe'),
  frame(fromRuntime.gaveBack, Buffer.from([0, 0, 0, 1])),
  frame(fromRuntime.streamBegan, Buffer.concat([zero, Buffer.from('text/plain')])),
  frame(fromRuntime.streamed, 'piece'),
  frame(fromRuntime.streamEnded),
  frame(fromRuntime.imported, '["json","os"]'),
  frame(fromRuntime.compiled, 'x'),
  frame(fromRuntime.ofSlot, Buffer.concat([zero, Buffer.of(fromRuntime.response), zero, Buffer.from('{}')])),
];
const words = [...bytesMaxOf.keys()].flatMap((type) => [
  frame(type).toString('latin1'),
  frame(type, zero).toString('latin1'),
]);

test('frames are the same in whatever pieces they come, and none is larger than its type may be', async () => {
  await fuzz({
    corpus,
    words,
    run(input, random) {
      const read = (pieces: readonly Buffer[]): { frames: string[]; breach: string | undefined } => {
        const frames: string[] = [];
        const reader = new FrameReader((type, payload) => {
          assert.ok(payload.length <= (bytesMaxOf.get(type) ?? -1), `${payload.length} bytes of type ${type}`);
          frames.push(`${type} ${Buffer.from(payload).toString('hex')}`);
          return undefined;
        });
        let breach: string | undefined;
        for (const piece of pieces) breach = reader.push(piece);
        return { frames, breach };
      };
      const whole = read([input]);
      assert.deepEqual(read(inPieces(input, random)), whole);
      return `${whole.frames.length > 3} ${whole.breach?.replaceAll(/\d+/g, '0')}`;
    },
  });
});

test('a conversation answers no invocation that was not made, and breaks off at what it may not be told', async () => {
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const { outcomes } = await fuzz({
    corpus,
    words,
    async run(input, random) {
      const [channel, inside] = duplexPair();
      const atOnceMax = 1 + 3 * random(2);
      let [asked, answered, gaveBack] = [0, 0, 0];
      const breaches: string[] = [];
      const nothing = (): void => undefined;
      const heard: Heard = {
        booted: nothing,
        ready: nothing,
        initFailed: ({ errorType }) => assert.equal(typeof errorType, 'string'),
        answered: (answer) => {
          answered += 1;
          if (answer.status === 'error') assert.equal(typeof answer.error.errorMessage, 'string');
        },
        streamBegan: nothing,
        streamed: nothing,
        streamEnded: nothing,
        gaveBack: (count) => void (gaveBack += count),
        imported: (names) => assert.ok(names.every((name) => typeof name === 'string')),
        output: (text) => assert.ok(!text.includes('\n') || text.length > 0),
        compiled: nothing,
        hasRead: nothing,
        breach: (how) => void breaches.push(how),
      };
      const process = { channel, stdout: new PassThrough(), stderr: new PassThrough() } as unknown as IsolatedProcess;
      const conversation = new FramedConversation(process, heard, { aheadMax: 4, atOnceMax });
      inside.resume();
      // Up, and speaking with numbers that it cannot guess.
      inside.write(frame(fromRuntime.booted, Buffer.of(numbered)));
      await turn();
      conversation.init('a.b', {}, { forTemplate: undefined, atOnce: atOnceMax });
      for (let n = random(3); n > 0; n -= 1) {
        const request = {
          requestId: 'r' as RequestId,
          invokedFunctionArn: 'arn',
          event: Buffer.from('{}'),
          deadlineMs: 1,
          timeoutMs: 1,
          traceId: 't',
        };
        if (atOnceMax > 1) conversation.invokeInSlot(request, n);
        else conversation.invoke(request, asked > 0);
        asked += 1;
      }
      for (const piece of inPieces(input, random)) {
        inside.write(piece);
        await turn();
      }
      await turn();
      conversation.flushOutput();
      conversation.close();
      // Numbers are 32 bits of chance: nobody hits one. What is fatal has none, and is the end of the process anyway.
      const isFatal = input.includes(Buffer.of(fromRuntime.fatal)) || input.includes(Buffer.of(fromRuntime.booted));
      if (!isFatal) assert.equal(answered, 0, 'it answered what it could not know');
      return `${answered > 0} ${gaveBack > 0} ${breaches[0]?.replaceAll(/\d+/g, '0')}`;
    },
  });
  assert.ok(outcomes > 5);
});

test('errors that a runtime tells of', async () => {
  await fuzz({
    corpus: [error, '{}', '[]', '{"errorType":1}', '{"errorType":"","errorMessage":"","stackTrace":[1],"trace":["x"]}'],
    words: ['"stackTrace":', '["a"]', 'null', '\\ud800', '__proto__', '\xff'],
    run(input) {
      const parsed = parseFunctionError(input);
      if (parsed === undefined) return 'none';
      assert.equal(typeof parsed.errorType, 'string');
      assert.equal(typeof parsed.errorMessage, 'string');
      assert.ok((parsed.stackTrace ?? []).every((line) => typeof line === 'string'));
      return 'error';
    },
  });
});
