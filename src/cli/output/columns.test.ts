import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columns, widthOf, wrapped } from './columns.ts';

test('columns are as wide as what is seen in them', () => {
  assert.deepEqual(
    columns(
      [
        ['\u001B[1mab\u001B[22m', '1'],
        ['日本', '200'],
        ['x', ''],
      ],
      [1],
    ),
    ['\u001B[1mab\u001B[22m      1', '日本  200', 'x'],
  );
});

test('colours have no width, wide characters two columns, combined ones one', () => {
  assert.deepEqual(
    ['abc', '\u001B[31mabc\u001B[39m', '日本', '🙂', 'é', 'e\u0301', ''].map(widthOf),
    [3, 3, 4, 2, 1, 1, 0],
  );
});

test('rows may be of different lengths', () => assert.deepEqual(columns([['a'], ['bb', 'c']]), ['a', 'bb  c']));

test('words are wrapped, long ones stand alone', () => {
  assert.deepEqual(wrapped('one two three', 7), ['one two', 'three']);
  assert.deepEqual(wrapped('a verylongword b', 5), ['a', 'verylongword', 'b']);
  assert.deepEqual(wrapped('', 5), []);
});
