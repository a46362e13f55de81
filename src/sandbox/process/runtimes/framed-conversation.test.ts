/** What the platform says and takes on a channel whose other end is the test. */
import assert from 'node:assert/strict';
import { duplexPair, PassThrough, type Duplex } from 'node:stream';
import { test } from 'node:test';
import type { FunctionVersion } from '../../../registry/function.ts';
import type { RequestId } from '../../../util/ids.ts';
import type { InvokeRequest } from '../../sandbox.ts';
import { begins, fromRuntime, headerBytes, numbered, expects, reads, toRuntime } from '../channel/frame.ts';
import type { IsolatedProcess } from '../process.ts';
import { FramedConversation } from './framed-conversation.ts';
import { processVariables } from './variables.ts';
import type { Heard } from './runtime.ts';

type Rig = {
  conversation: FramedConversation;
  inside: Duplex;
  stdout: PassThrough;
  heard: string[];
  say(type: number, ...parts: (Uint8Array | string)[]): Promise<void>;
  /** What the platform has written since the last time. */
  said(): Promise<Buffer>;
};

/** `output`: what is done with a line, which may stop the conversation. */
function rig(output?: (line: string, conversation: FramedConversation) => void): Rig {
  const [channel, inside] = duplexPair();
  const heard: string[] = [];
  const named =
    (name: string) =>
    (...given: unknown[]): void =>
      void heard.push(
        [
          name,
          ...given.map((one) => (one instanceof Uint8Array ? Buffer.from(one).toString() : JSON.stringify(one))),
        ].join(' '),
      );
  const told: Partial<Heard> = {
    booted: named('booted'),
    hasRead: named('has read'),
    streamBegan: named('began'),
    streamed: named('piece'),
    gaveBack: named('gave back'),
    breach: named('breach'),
    output: (line) => {
      heard.push(`printed ${line}`);
      output?.(line, conversation);
    },
    answered: (answer, slot) =>
      void heard.push(
        `answered ${answer.status === 'response' ? Buffer.from(answer.payload).toString() : answer.error.errorMessage}${slot === undefined ? '' : ` of ${slot}`}`,
      ),
  };
  const stdout = new PassThrough();
  const process = { channel, stdout, stderr: new PassThrough() } as unknown as IsolatedProcess;
  const conversation = new FramedConversation(process, told as Heard, {
    aheadMax: 4,
    atOnceMax: 4,
    known: new WeakMap(),
  });
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    conversation,
    inside,
    stdout,
    heard,
    async say(type, ...parts) {
      const payload = Buffer.concat(parts.map((part) => Buffer.from(part)));
      const header = Buffer.alloc(headerBytes);
      header.writeUInt32BE(payload.length);
      header.writeUInt8(type, 4);
      inside.write(Buffer.concat([header, payload]));
      await turn();
      await turn();
    },
    async said() {
      await turn();
      await turn();
      const chunks: Buffer[] = [];
      for (let chunk = inside.read() as Buffer | null; chunk !== null; chunk = inside.read() as Buffer | null)
        chunks.push(chunk);
      return Buffer.concat(chunks);
    },
  };
}

const request = (n: number): InvokeRequest => ({
  requestId: `r-${n}` as RequestId,
  invokedFunctionArn: 'arn:f',
  event: Buffer.from(`{"n":${n}}`),
  deadlineMs: 1,
  timeoutMs: 1,
  traceId: 't',
});
const took = Buffer.alloc(4);
/** Of the first event in what was said. */
const numberIn = (said: Buffer): Buffer => said.subarray(headerBytes, headerBytes + 4);
const up = Buffer.of(numbered);

test('an answer has the number of its event, and nothing else answers it', async () => {
  const { conversation, heard, say, said } = rig();
  await say(fromRuntime.booted, up);
  conversation.invoke(request(1), false);
  const first = numberIn(await said());
  await say(fromRuntime.response, first, took, 'one');
  conversation.invoke(request(2), false);
  const second = numberIn(await said());
  assert.notDeepEqual(first, second);
  await say(fromRuntime.streamBegan, second, 'text/plain');
  await say(fromRuntime.error, second, '{"errorType":"E","errorMessage":"two"}');
  conversation.invoke(request(3), false);
  await said();
  // What the second one left behind says it again.
  await say(fromRuntime.response, second, took, 'late');
  assert.deepEqual(heard, [
    'booted',
    'answered one',
    'began "text/plain"',
    'answered two',
    'breach "an answer to something else than it was asked"',
  ]);
});

test('one that says so is given an event before its code is loaded, whose time begins when it does', async () => {
  const { conversation, heard, say, said } = rig();
  assert.equal(conversation.beginsOnceLoaded, false);
  await say(fromRuntime.booted, Buffer.of(numbered | begins));
  assert.equal(conversation.beginsOnceLoaded, true);
  conversation.invokeOnceLoaded({ ...request(1), timeoutMs: 4_321 });
  const frame = await said();
  assert.match(frame.toString(), /"timeoutMs":4321/);
  await say(fromRuntime.response, numberIn(frame), took, 'one');
  assert.deepEqual(heard, ['booted', 'answered one']);
  // A release from before.
  const older = rig();
  await older.say(fromRuntime.booted, up);
  assert.equal(older.conversation.beginsOnceLoaded, false);
});

test('one that says so is told of code ahead, and of its initialisation with the event, or at the end of the turn without', async () => {
  const code = { handler: 'a.b', variables: { ONE: '1', TWO: 'then' }, compiled: Buffer.from('compiled') };
  const types = (said: Buffer): number[] => {
    const found: number[] = [];
    for (let at = 0; at < said.length; at += headerBytes + said.readUInt32BE(at)) found.push(said[at + 4] ?? 0);
    return found;
  };
  for (const event of [undefined, request(1)]) {
    const { conversation, heard, say, said } = rig();
    await say(fromRuntime.booted, Buffer.of(numbered | begins | reads));
    assert.equal(conversation.readAhead(code), true);
    const told = await said();
    assert.deepEqual(types(told), [toRuntime.readAhead]);
    assert.ok(told.includes('{"handler":"a.b","variables":{"ONE":"1","TWO":"then"}}compiled'), told.toString());
    await say(fromRuntime.hasRead);
    conversation.init('a.b', { ONE: '1', TWO: 'now' }, { forTemplate: undefined, atOnce: 1 });
    if (event !== undefined) conversation.invokeOnceLoaded(event);
    const both = await said();
    assert.deepEqual(types(both), [toRuntime.init, ...(event === undefined ? [] : [toRuntime.invoke])]);
    assert.ok(both.includes('"variables":{"TWO":"now"}'), both.toString());
    assert.deepEqual(heard, ['booted', 'has read']);
  }
  // A release from before.
  const older = rig();
  await older.say(fromRuntime.booted, Buffer.of(numbered | begins));
  assert.equal(older.conversation.readAhead(code), false);
  assert.equal((await older.said()).length, 0);
});

test('neither a late error nor a late beginning meets the next, nor an answer without a number', async () => {
  for (const late of [
    [fromRuntime.error, took, '{"errorType":"E","errorMessage":"late"}'],
    [fromRuntime.streamBegan, took],
    [fromRuntime.response, Buffer.alloc(3)],
  ] as const) {
    const { conversation, heard, say, said } = rig();
    await say(fromRuntime.booted, up);
    conversation.invoke(request(1), false);
    await said();
    const [type, ...parts] = late;
    await say(type, ...parts);
    assert.deepEqual([heard.length, heard[1]?.startsWith('breach')], [2, true], JSON.stringify(heard));
  }
});

test('what was given back is not answered', async () => {
  const { conversation, heard, say, said } = rig();
  await say(fromRuntime.booted, up);
  conversation.invoke(request(1), false);
  const first = numberIn(await said());
  conversation.invoke(request(2), true);
  await said();
  await say(fromRuntime.gaveBack, Buffer.from([0, 0, 0, 1]));
  await say(fromRuntime.response, first, took, 'one');
  conversation.invoke(request(3), false);
  await say(fromRuntime.response, numberIn(await said()), took, 'three');
  assert.deepEqual(heard, ['booted', 'gave back 1', 'answered one', 'answered three']);
});

test('of several at once, what is late of one meets no other of its slot', async () => {
  const { conversation, heard, say, said } = rig();
  await say(fromRuntime.booted, up);
  const slotIn = (text: Buffer): Buffer => {
    const slot = Buffer.alloc(4);
    slot.writeUInt32BE(Number(/"slot":(\d+)/.exec(text.toString())?.[1]));
    return slot;
  };
  conversation.invokeInSlot(request(1), 3);
  const first = slotIn(await said());
  await say(fromRuntime.ofSlot, first, Buffer.of(fromRuntime.response), took, 'one');
  conversation.invokeInSlot(request(2), 3);
  await said();
  await say(fromRuntime.ofSlot, first, Buffer.of(fromRuntime.response), took, 'late');
  assert.deepEqual(heard, ['booted', 'answered one of 3', 'breach "an answer to something else than it was asked"']);
});

test('a release from before there were numbers is spoken to without them', async () => {
  const { conversation, heard, say, said } = rig();
  await say(fromRuntime.booted);
  conversation.invoke(request(1), false);
  const written = await said();
  const head = written.readUInt32BE(headerBytes);
  assert.equal(
    (JSON.parse(written.subarray(headerBytes + 4, headerBytes + 4 + head).toString()) as { requestId: string })
      .requestId,
    'r-1',
  );
  await say(fromRuntime.response, took, 'one');
  conversation.invoke(request(2), false);
  await say(fromRuntime.streamBegan);
  await say(fromRuntime.error, '{"errorType":"E","errorMessage":"two"}');
  assert.deepEqual(heard, ['booted', 'answered one', 'began ', 'answered two']);
});

/** Frames with JSON in them. */
function jsonFrames(bytes: Buffer): { type: number; content: unknown }[] {
  const frames = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + headerBytes + bytes.readUInt32BE(at);
    frames.push({
      type: bytes[at + 4] ?? 0,
      content: JSON.parse(bytes.toString('utf8', at + headerBytes, end)) as unknown,
    });
    at = end;
  }
  return frames;
}

const version = {
  name: 'hello',
  version: '1',
  settings: { handler: 'index.handler', memoryMb: 128, runtime: 'nodejs26.x' },
} as FunctionVersion;
const whole = { ...processVariables(version), PATH: '/own', AWS_REGION: 'us-east-1' };
const notForTemplate = { forTemplate: undefined, atOnce: 1 };

test('a runtime that can is told what follows from the version, and with init the rest and what is otherwise', async () => {
  const { conversation, say, said } = rig();
  await say(fromRuntime.booted, Buffer.of(numbered | begins | expects));
  conversation.expect(version);
  assert.deepEqual(jsonFrames(await said()), [{ type: toRuntime.expect, content: processVariables(version) }]);
  conversation.init('index.handler', whole, notForTemplate);
  assert.deepEqual(jsonFrames(await said()), [
    {
      type: toRuntime.init,
      content: { handler: 'index.handler', variables: { PATH: '/own', AWS_REGION: 'us-east-1' } },
    },
  ]);
});

test('one that does not say so gets all with init', async () => {
  const { conversation, say, said } = rig();
  await say(fromRuntime.booted, Buffer.of(numbered | begins));
  conversation.expect(version);
  conversation.init('index.handler', whole, notForTemplate);
  const content = { handler: 'index.handler', variables: whole };
  assert.deepEqual(jsonFrames(await said()), [{ type: toRuntime.init, content }]);
});

test('what is stopped at a line goes on with the next: of the same frame, of the same chunk, and then of the channel', async () => {
  const { conversation, heard, say, said, inside } = rig((line, one) => {
    if (line === 'stop') one.stopReading();
  });
  await say(fromRuntime.booted, up);
  conversation.invoke(request(1), false);
  const number = numberIn(await said());
  const printed = (text: string): Buffer => {
    const payload = Buffer.from(`\x01${text}`);
    const header = Buffer.alloc(headerBytes);
    header.writeUInt32BE(payload.length);
    header.writeUInt8(fromRuntime.output, 4);
    return Buffer.concat([header, payload]);
  };
  inside.write(Buffer.concat(['one\nstop\ntwo\nstop\nthr', 'ee\nstop\n', 'fo'].map(printed)));
  await say(fromRuntime.output, '\x01ur\n');
  await say(fromRuntime.response, number, took, 'answer');
  assert.deepEqual(heard.splice(0), ['booted', 'printed one', 'printed stop']);
  conversation.readOn();
  assert.deepEqual(heard.splice(0), ['printed two', 'printed stop']);
  conversation.flushOutput();
  assert.deepEqual(heard, [], 'what is not read yet is no line');
  conversation.readOn();
  assert.deepEqual(heard.splice(0), ['printed three', 'printed stop']);
  conversation.readOn();
  await said();
  assert.deepEqual(heard, ['printed four', 'answered answer']);
});

test('what subprocesses print is stopped at a line as well, and nothing of it is lost', async () => {
  const { conversation, heard, stdout } = rig((_line, one) => one.stopReading());
  stdout.end('one\ntwo\nthree');
  for (const line of ['one', 'two']) {
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(heard.splice(0), [`printed ${line}`]);
    conversation.readOn();
  }
  await new Promise((resolve) => setImmediate(resolve));
  conversation.flushOutput();
  assert.deepEqual(heard, ['printed three']);
});
