/** Every state of a small queue; and every flaw that the model knows is found, with the story that shows it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explore } from './explore.ts';
import { queueModel, type Flaw, type QueueModelOptions } from './queue-model.ts';

const fifo: QueueModelOptions = {
  groups: ['a', 'a', 'b'],
  isOrdered: true,
  receivesMax: 2,
  crashesMax: 1,
  redrivesMax: 0,
};
const standard: QueueModelOptions = { ...fifo, groups: ['', ''], isOrdered: false, redrivesMax: 1 };

test('a FIFO queue loses nothing that it accepted, brings nothing back that it deleted, and keeps the order of its groups', (t) => {
  const explored = explore(queueModel(fifo));
  assert.equal(explored.outcome, 'holds', JSON.stringify(explored));
  t.diagnostic(`${explored.states} states`);
  assert(explored.states > 10_000);
});

test('so does one whose dead letters are moved back', (t) => {
  const explored = explore(queueModel({ ...fifo, groups: ['a', 'a'], redrivesMax: 1 }));
  assert.equal(explored.outcome, 'holds', JSON.stringify(explored));
  t.diagnostic(`${explored.states} states`);
  assert(explored.states > 5_000);
});

test('a standard queue loses nothing and brings nothing back, through two crashes', (t) => {
  const explored = explore(queueModel({ ...standard, crashesMax: 2 }));
  assert.equal(explored.outcome, 'holds', JSON.stringify(explored));
  t.diagnostic(`${explored.states} states`);
  assert(explored.states > 5_000);
});

const flaws: Readonly<Record<Flaw, RegExp>> = {
  'answers a send before it is on disk': /0 was accepted, and nobody deleted it, and it is gone/,
  'answers a delete before it is on disk': /0 is back after it was deleted/,
  'gives up in two steps, the first of which takes away': /0 was accepted.* and it is gone/,
  'moves back in two steps, the first of which adds': /0 is in both queues/,
  'gives out behind a hidden message of the group': /1 was received before 0 of its group/,
  'puts what comes back behind its group': /1 was received before 0 of its group/,
  'hides without counting': /no end/,
  'lets an old receipt hide again what somebody else has': /0 is hidden for a receipt that was void/,
};

for (const [flaw, why] of Object.entries(flaws) as [Flaw, RegExp][]) {
  if (flaw === 'hides without counting') continue;
  test(`a queue that ${flaw} is refuted`, (t) => {
    const explored = explore(queueModel({ ...fifo, redrivesMax: 1, flaw }));
    assert(explored.outcome === 'refuted', `${explored.states} states, and nothing wrong with any`);
    assert.match(explored.why, why);
    t.diagnostic(explored.story.join(', '));
  });
}

test('a queue that hides without counting never gives poison up', () => {
  const isDead = (options: QueueModelOptions): boolean => {
    const model = queueModel({ ...options, groups: ['a'], crashesMax: 0 });
    const reached = explore({ ...model, wrong: ({ now }) => (now.dead.length > 0 ? 'given up' : undefined) });
    return reached.outcome === 'refuted';
  };
  assert.equal(isDead(fifo), true);
  assert.equal(isDead({ ...fifo, flaw: 'hides without counting' }), false);
});
