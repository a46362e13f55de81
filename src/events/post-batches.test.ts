import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Called } from './call.ts';
import { PostBatches } from './post-batches.ts';

const destination = { url: 'https://example.com/', mode: 'batched' } as const;
const taken: Called = { kind: 'answered', status: 204, text: '', retryAfter: undefined };

test('who comes just when a batch is over is posted, too, at whatever moment that is', async () => {
  const batches = new PostBatches(() => Promise.resolve(taken));
  for (let steps = 0; steps < 20; steps += 1) {
    const first = batches.send(destination, '1');
    for (let step = 0; step < steps; step += 1) await Promise.resolve();
    assert.deepEqual(await Promise.all([first, batches.send(destination, '2')]), [taken, taken]);
  }
});

test('a batch has at most 100 events and 4 MiB, one address, and one answer for all', async () => {
  const posted: number[] = [];
  const batches = new PostBatches((_destination, events) => {
    posted.push(events.length);
    return posted.length === 2 ? Promise.reject(new Error('no')) : Promise.resolve(taken);
  });
  const sent = await Promise.allSettled(Array.from({ length: 150 }, (_, n) => batches.send(destination, String(n))));
  assert.deepEqual(posted, [100, 50]);
  assert.equal(sent.filter(({ status }) => status === 'rejected').length, 50);
  const large = 'x'.repeat(3 * 1024 * 1024);
  await Promise.all([
    batches.send(destination, large),
    batches.send(destination, large),
    batches.send({ ...destination, url: 'https://example.org/' }, '1'),
  ]);
  assert.deepEqual(posted.slice(2), [1, 1, 1]);
});
