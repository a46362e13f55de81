import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRoutePath, routeIdentity } from './route-path.ts';

test('two routes that answer the same requests have one identity', () => {
  assert.equal(routeIdentity('get', '/a/{x}'), routeIdentity('GET', '/a/{y}'));
  assert.notEqual(routeIdentity('GET', '/a/{x}'), routeIdentity('GET', '/a/{x+}'));
  assert.notEqual(routeIdentity('GET', '/a/{x}'), routeIdentity('GET', '/a/%7B%7D'));
  assert.equal(routeIdentity('GET', '/a'), routeIdentity('GET', '/%61'));
  assert.equal(routeIdentity('GET', 'a'), undefined);
});

test('a path that is none says why', () => {
  const faults: [string, RegExp][] = [
    ['hello', /starts with '\/'/],
    ['/a/{b', /neither a word/],
    ['/a/x{b}', /neither a word/],
    ['/{a+}/b', /must be the last/],
    ['/{a}/{a}', /stands twice/],
    ['/a?b=c', /no path can have/],
    ['/a b', /no path can have/],
  ];
  for (const [path, fault] of faults) {
    const parsed = parseRoutePath(path);
    assert.match(typeof parsed === 'string' ? parsed : 'no fault', fault);
  }
});
