import assert from 'node:assert/strict';
import { test } from 'node:test';
import { privateRanges } from '../../../util/private-ranges.ts';
import { droppingChains, firewall } from './network-rules.ts';

test('chains that drop by default what is forwarded are found, and no others', () => {
  const chain = (name: string, hook: string | undefined, policy: string | undefined): object => ({
    chain: {
      family: 'ip',
      table: 'filter',
      name,
      ...(hook !== undefined && { hook }),
      ...(policy !== undefined && { policy }),
    },
  });
  const nftables = [
    { metainfo: { version: '1.0.6' } },
    chain('FORWARD', 'forward', 'drop'),
    chain('INPUT', 'input', 'drop'),
    chain('DOCKER', undefined, undefined),
    chain('forward2', 'forward', 'accept'),
  ];
  assert.deepEqual(droppingChains(JSON.stringify({ nftables })), ['ip filter FORWARD']);
  assert.deepEqual(droppingChains('{}'), []);
});

test('the firewall names every refused range, and only the links of its own platform', () => {
  const text = firewall(7, ['9.9.9.9', '10.0.0.53']);
  for (const range of privateRanges) assert.ok(text.includes(range), range);
  assert.match(text, /elements = \{ 9\.9\.9\.9, 10\.0\.0\.53 \}/);
  assert.deepEqual([...new Set(text.match(/"mf[^"]*"/g))], ['"mf7n*"']);
  assert.doesNotMatch(firewall(7, []), /elements = \{ {2}\}/);
});
