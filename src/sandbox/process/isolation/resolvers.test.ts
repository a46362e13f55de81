import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseResolvers } from './resolvers.ts';

test('name servers that can be reached from elsewhere are found', () => {
  assert.deepEqual(
    parseResolvers('# comment\nnameserver 10.0.0.2\nsearch example.org\n  nameserver\t1.1.1.1 \nnameserver fd00::1\n'),
    ['10.0.0.2', '1.1.1.1'],
  );
});

test('a stub on the loopback is none', () => {
  assert.deepEqual(parseResolvers('nameserver 127.0.0.53\nnameserver ::1\noptions edns0\n'), []);
});
