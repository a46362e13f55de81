import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FrameReader } from './frame-reader.ts';
import { bytesMaxOf, errorBytesMax, fromRuntime, headerBytes } from './frame.ts';

function frame(type: number, payload: Uint8Array, bytes = payload.length): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32BE(bytes, 0);
  header.writeUInt8(type, 4);
  return Buffer.concat([header, payload]);
}

function read(chunks: Uint8Array[]): { frames: { type: number; payload: string }[]; breach: string | undefined } {
  const frames: { type: number; payload: string }[] = [];
  const reader = new FrameReader((type, payload) => {
    frames.push({ type, payload: Buffer.from(payload).toString('hex') });
    return undefined;
  });
  let breach: string | undefined;
  for (const chunk of chunks) breach = reader.push(chunk);
  return { frames, breach };
}

/** `whole` in pieces as long as `lengths` say, over and over. */
function cut(whole: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, turn = 0; at < whole.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    chunks.push(whole.subarray(at, at + length));
    at += length;
  }
  return chunks;
}

const frames = fc.array(
  fc.record({
    type: fc.constantFrom(fromRuntime.response, fromRuntime.error, fromRuntime.output, fromRuntime.initError),
    payload: fc.uint8Array({ maxLength: 300 }),
  }),
  { maxLength: 12 },
);
const lengths = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 });

test('frames come out as they went in, however the bytes are cut', () => {
  fc.assert(
    fc.property(frames, lengths, (sent, pieces) => {
      const whole = Buffer.concat(sent.map(({ type, payload }) => frame(type, payload)));
      const { frames: got, breach } = read(cut(whole, pieces));
      assert.equal(breach, undefined);
      assert.deepEqual(
        got,
        sent.map(({ type, payload }) => ({ type, payload: Buffer.from(payload).toString('hex') })),
      );
    }),
  );
});

test('no bytes whatever make it throw, pass a frame over its limit, or go on after a breach', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 30 }), (chunks) => {
      let broken = false;
      const reader = new FrameReader((type, payload) => {
        assert.equal(broken, false);
        assert.ok(payload.length <= (bytesMaxOf.get(type) ?? -1));
        return undefined;
      });
      for (const chunk of chunks) {
        const breach = reader.push(chunk);
        if (broken) assert.notEqual(breach, undefined);
        broken = breach !== undefined;
      }
    }),
  );
});

test('a length over the limit is refused from the header alone', () => {
  const { breach } = read([frame(fromRuntime.initError, Buffer.alloc(0), errorBytesMax + 1)]);
  assert.match(breach ?? '', /262145 bytes, where at most 262144 are accepted/);
});

test('an unknown type is a breach', () => {
  assert.match(read([frame(99, Buffer.alloc(0))]).breach ?? '', /unknown type 99/);
});

test('what the taker finds wrong ends it', () => {
  const seen: number[] = [];
  const reader = new FrameReader((type) => {
    seen.push(type);
    return 'not now';
  });
  const two = Buffer.concat([frame(fromRuntime.ready, Buffer.alloc(0)), frame(fromRuntime.ready, Buffer.alloc(0))]);
  assert.equal(reader.push(two), 'not now');
  assert.equal(reader.push(two), 'not now');
  assert.deepEqual(seen, [fromRuntime.ready]);
});
