import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { includesBytes, includesText } from './includes.ts';

/** More than JavaScript is trusted with, together with a part of a thousand. */
const filler = 'ab'.repeat(1_000);

test('a long part is found where JavaScript finds it, and nowhere else', () => {
  const piece = fc.string({ unit: fc.constantFrom('a', 'b', 'ä', '😀'), maxLength: 6 });
  fc.assert(
    fc.property(piece, piece, piece, fc.nat({ max: 3 }), (before, part, after, cut) => {
      const long = filler + part;
      const whole = before + filler.repeat(2).slice(cut) + part.slice(cut) + after;
      assert.equal(includesText(whole, long), whole.includes(long));
      const [bytes, wanted] = [Buffer.from(whole), Buffer.from(long)];
      assert.equal(includesBytes(bytes, wanted), bytes.includes(wanted));
    }),
  );
});

test('what compares each with each is not made to', () => {
  const [text, part] = ['a'.repeat(400_000), `${'a'.repeat(50_000)}b${'a'.repeat(50_000)}`];
  // With what JavaScript has for it these take two minutes.
  for (let round = 0; round < 5; round += 1) {
    assert.equal(includesText(text, part), false);
    assert.equal(includesBytes(Buffer.from(text), Buffer.from(part)), false);
  }
});
