import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coversName, isPrivateRange, parseDestination } from './network-access.ts';

test('hosts, all below one, addresses and ranges are destinations, with a port or without', () => {
  const cases: [string, ReturnType<typeof parseDestination>][] = [
    ['API.Example.com', { kind: 'name', name: 'api.example.com', withSubdomainsOnly: false }],
    ['*.example.com:443', { kind: 'name', name: 'example.com', withSubdomainsOnly: true, port: 443 }],
    ['203.0.113.7', { kind: 'range', range: '203.0.113.7/32' }],
    ['203.0.113.0/24:5432', { kind: 'range', range: '203.0.113.0/24', port: 5432 }],
  ];
  for (const [written, parsed] of cases) assert.deepEqual(parseDestination(written), parsed);
  const none = [
    '',
    '*',
    '*.*.com',
    'a..b',
    'api.*.com',
    'https://a.com',
    'a.com:0',
    'a.com:65536',
    'a.com:x',
    '1.2.3.4/33',
    '1.2.3.4/8/8',
    '::1',
    '999.1.1.1',
    '1.2.3',
    'a.com; drop',
    '-a.com',
    'a.com\n',
    `${'a.'.repeat(130)}com`,
  ];
  for (const written of none) assert.equal(parseDestination(written), undefined, written);
});

test('a name is covered by itself or by a star above it, and by nothing that only ends alike', () => {
  const covers = (written: string, name: string): boolean => {
    const destination = parseDestination(written);
    return destination !== undefined && coversName(destination, name);
  };
  assert.ok(covers('example.com', 'example.com'));
  assert.ok(covers('*.example.com', 'a.b.example.com'));
  assert.ok(!covers('*.example.com', 'example.com'));
  assert.ok(!covers('*.example.com', 'badexample.com'));
  assert.ok(!covers('example.com', 'a.example.com'));
  assert.ok(!covers('0.0.0.0/0', 'example.com'));
});

test('private ranges are known as such', () => {
  for (const range of ['10.0.0.0/8', '192.168.1.0/24', '169.254.169.254/32']) assert.ok(isPrivateRange(range), range);
  for (const range of ['8.8.8.8/32', '203.0.113.0/24']) assert.ok(!isPrivateRange(range), range);
});
