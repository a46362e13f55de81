import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeFindings, type Findings } from './capabilities.ts';

const allWell: Findings = {
  bubblewrap: { version: 'bubblewrap 0.8.0', trialMs: 12.3 },
  hasFilter: true,
  groups: { version: 2, missing: [], freezes: true },
  pulse: { isPossible: true },
  users: { first: 1000, last: 2023 },
  network: { range: '198.19.0.0/16', turnedForwardingOn: false, resolvers: ['9.9.9.9'], droppedBy: [] },
};

test('when all is well there is nothing to remedy', () => {
  const capabilities = describeFindings(allWell);
  assert.equal(capabilities.length, 8);
  for (const { status, remedy } of capabilities)
    assert.deepEqual({ status, remedy }, { status: 'ok', remedy: undefined });
});

test('whatever is missing or degraded comes with what to do', () => {
  const cases: Partial<Findings>[] = [
    { bubblewrap: { why: 'bubblewrap is not installed', remedy: 'install it' } },
    { hasFilter: false },
    { groups: { why: 'none mounted' } },
    { groups: { version: 1, missing: ['cpu'], freezes: true } },
    { groups: { version: 1, missing: [], freezes: false } },
    { pulse: { why: 'there is no program for it', remedy: 'use another machine' } },
    { users: { why: 'the platform does not run as root' } },
    { network: { why: 'nft is not installed' } },
    { network: { range: 'x', turnedForwardingOn: true, resolvers: [], droppedBy: [] } },
    { network: { range: 'x', turnedForwardingOn: false, resolvers: ['1.1.1.1'], droppedBy: ['ip filter FORWARD'] } },
  ];
  for (const findings of cases) {
    const changed = describeFindings({ ...allWell, ...findings }).filter(({ status }) => status !== 'ok');
    assert.ok(changed.length > 0);
    for (const { finding, remedy } of changed)
      assert.ok(finding !== '' && remedy !== undefined && remedy !== '', finding);
  }
});

test('turning forwarding on is told', () => {
  const [network] = describeFindings({
    ...allWell,
    network: { range: 'x', turnedForwardingOn: true, resolvers: ['1.1.1.1'], droppedBy: [] },
  }).slice(-1);
  assert.match(network?.finding ?? '', /ip_forward was turned on/);
});

test('that processes wait for their control groups is told with the limits', () => {
  const limits = describeFindings({ ...allWell, slowMoves: 'not here' }).find(({ name }) => name.startsWith('memory'));
  assert.match(limits?.finding ?? '', /wait some 10 ms to enter \(not here\)/);
});
