import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { PlatformError } from './errors.ts';
import { randomIds } from './ids.ts';
import { createSealer } from './sealer.ts';

const key = randomBytes(32);
const sealer = createSealer([key], randomIds);
const refusal = (error: unknown): boolean => error instanceof PlatformError && error.code === 'unavailable';

test('what is sealed opens again, looks different each time, and shows nothing of itself', () => {
  for (const text of ['', 'geheim', 'ß'.repeat(4_000)]) {
    const sealed = sealer.seal(text, 'a');
    assert.equal(sealer.open(sealed, 'a'), text);
    assert.notEqual(sealer.seal(text, 'a'), sealed);
    assert.ok(text === '' || !sealed.includes(text));
  }
});

test('it opens for nothing else than what it was sealed for, and not when any byte is another', () => {
  const sealed = sealer.seal('geheim', 'a');
  assert.throws(() => sealer.open(sealed, 'b'), refusal);
  const [format, name, wrapped = '', box = ''] = sealed.split('.');
  for (const parts of [
    [flipped(wrapped), box],
    [wrapped, flipped(box)],
    ['', box],
    [wrapped, ''],
    [box, wrapped],
  ]) {
    assert.throws(() => sealer.open([format, name, ...parts].join('.'), 'a'), refusal);
  }
  assert.throws(() => sealer.open('geheim', 'a'), refusal);
  assert.throws(() => createSealer([randomBytes(32)], randomIds).open(sealed, 'a'), refusal);
});

test('a new key seals from then on, and what the old one sealed still opens', () => {
  const old = sealer.seal('geheim', 'a');
  const later = randomBytes(32);
  const both = createSealer([later, key], randomIds);
  assert.equal(both.open(old, 'a'), 'geheim');
  assert.deepEqual([sealer.isCurrent(old), both.isCurrent(old)], [true, false]);
  const resealed = both.seal('geheim', 'a');
  assert.ok(both.isCurrent(resealed));
  assert.equal(createSealer([later], randomIds).open(resealed, 'a'), 'geheim');
  assert.throws(() => sealer.open(resealed, 'a'), refusal);
});

test('a text is brought under a new key without being opened, and the old key is of no use for it then', () => {
  const rotating = createSealer([key], randomIds);
  const old = rotating.seal('geheim', 'a');
  assert.equal(rotating.reseal(old), undefined, 'it is under the present key');
  const later = randomBytes(32);
  rotating.use([later, key]);
  const resealed = rotating.reseal(old);
  assert.ok(resealed !== undefined && rotating.isCurrent(resealed));
  assert.equal(createSealer([later], randomIds).open(resealed, 'a'), 'geheim');
  assert.throws(() => sealer.open(resealed, 'a'), refusal);
  assert.throws(() => rotating.open(resealed, 'b'), refusal);
  for (const none of [
    'geheim',
    `${old}.x`,
    old.replace('m2', 'm1'),
    sealer.seal('x', 'a').replace(/\.[\w-]{4}/, '.AAAA'),
  ])
    assert.equal(rotating.reseal(none), undefined, none);
});

function flipped(base64url: string): string {
  const bytes = Buffer.from(base64url, 'base64url');
  bytes.writeUInt8((bytes.at(-1) ?? 0) ^ 1, bytes.length - 1);
  return bytes.toString('base64url');
}
