import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlatformError } from '../../util/errors.ts';
import { pageOf, pageLengthMax } from './page.ts';

const names = ['a', 'b', 'c', 'd', 'e'];
const itself = (name: string): string => name;

test('pages follow each other and end without a marker', () => {
  const first = pageOf(names, { MaxItems: 2 }, itself);
  const second = pageOf(names, { MaxItems: 2, Marker: first.NextMarker }, itself);
  const third = pageOf(names, { MaxItems: 2, Marker: second.NextMarker }, itself);
  assert.deepEqual([first.items, second.items, third.items], [['a', 'b'], ['c', 'd'], ['e']]);
  assert.equal(third.NextMarker, undefined);
  assert.equal(pageOf(names, { MaxItems: 5 }, itself).NextMarker, undefined);
  assert.deepEqual(pageOf([], {}, itself), { items: [] });
});

test('what is made or deleted between two pages neither repeats nor hides others', () => {
  const { NextMarker: Marker } = pageOf(names, { MaxItems: 2 }, itself);
  assert.deepEqual(pageOf(['0', ...names], { Marker }, itself).items, ['c', 'd', 'e']);
  assert.deepEqual(pageOf(['b', 'c', 'd', 'e'], { Marker }, itself).items, ['c', 'd', 'e']);
  assert.deepEqual(pageOf(['a', 'c', 'd', 'e'], { Marker }, itself).items, ['c', 'd', 'e']);
});

test('a page has no more than Lambda gives', () => {
  const many = Array.from({ length: pageLengthMax + 1 }, (_, index) => String(index));
  assert.equal(pageOf(many, { MaxItems: 10_000 }, itself).items.length, pageLengthMax);
});

test('a marker that is not ours is refused', () => {
  for (const Marker of [
    'nonsense',
    Buffer.from('{}').toString('base64url'),
    Buffer.from('["a",-1]').toString('base64'),
  ])
    assert.throws(
      () => pageOf(names, { Marker }, itself),
      (error: unknown) => error instanceof PlatformError && error.reason === 'InvalidParameterValueException',
    );
});
