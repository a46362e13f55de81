import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineSplitter } from './line-splitter.ts';

function split(chunks: readonly Uint8Array[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.push(chunk);
  splitter.flush();
  return lines;
}

test('lines come out whole, however the bytes are cut', () => {
  const line = fc
    .string({ unit: 'grapheme', maxLength: 40 })
    .filter((text) => !/[\r\n]/.test(text) && text.isWellFormed());
  fc.assert(
    fc.property(
      fc.array(line),
      fc.integer({ min: 1, max: 50 }),
      fc.constantFrom('\n', '\r\n'),
      (lines, size, ending) => {
        const whole = Buffer.from(lines.map((text) => text + ending).join(''));
        const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, at) =>
          whole.subarray(at * size, (at + 1) * size),
        );
        assert.deepEqual(split(chunks), lines);
      },
    ),
  );
});

test('a line without an end is a line when it is flushed', () => {
  assert.deepEqual(split([Buffer.from('one\ntw'), Buffer.from('o')]), ['one', 'two']);
});

test('a line of a megabyte of three-byte characters is cut between characters, and nothing is lost', () => {
  const text = 'x' + '水'.repeat(350_000);
  const lines = split([Buffer.from(text)]);
  assert.equal(lines.join(''), text);
  assert.ok(lines.length >= 4 && lines.every((line) => Buffer.byteLength(line) <= 256 * 1024));
});
