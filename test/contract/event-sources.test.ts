/** The sources that are there, and the one of the guide, held to what every source owes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { test } from 'node:test';
import { bucketSource } from '../../src/events/bucket.ts';
import { queueSource } from '../../src/events/queue.ts';
import type { EventSource } from '../../src/events/source.ts';
import { account } from '../../src/events/source-rig.ts';
import type { BindingSource } from '../../src/registry/binding.ts';
import { bucketEventsTopic, type BucketEvent } from '../../src/resources/bucket-event.ts';
import { newCause, type Cause } from '../../src/util/cause.ts';
import { eventSourceContract } from './event-source.ts';

const guide = readFileSync(new URL('../../docs/guides/adding-an-event-source.md', import.meta.url), 'utf8');
const block = /```ts\n([\s\S]*?)\n {3}```/.exec(guide)?.[1] ?? assert.fail('the guide has no block of code');

/** The block of code in the guide, with its imports pointing into `src/events/`. */
async function guidedSource(): Promise<EventSource> {
  const events = new URL('../../src/events/', import.meta.url);
  const code = stripTypeScriptTypes(block).replaceAll(
    /from '(\.[^']+)'/g,
    (_all, path: string) => `from '${new URL(path, events).href}'`,
  );
  const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as { pulseSource: EventSource };
  return module.pulseSource;
}

const causeOf = (n: number): Cause => newCause(0, String(n).padStart(24, '0'));
const traceOf = (n: number): string => causeOf(n).traceId;
const keyOf = (n: number): string => `${String(n).padStart(4, '0')}.jpg`;

test('a new source takes less than 50 lines', () => {
  assert.ok(block.split('\n').length < 50);
});

eventSourceContract('the source of the guide', {
  source: await guidedSource(),
  binding: { kind: 'pulse' } as unknown as BindingSource,
  happen: ({ store }, n) =>
    store.log.append('events/pulse', [{ id: `pulse-${n}`, body: JSON.stringify({ beat: n, cause: causeOf(n) }) }]),
  thingsIn: (event) => [(event as { beat: number }).beat],
  traceOf,
  unreadable: {
    happen: ({ store }) => store.log.append('events/pulse', [{ id: 'none', body: 'no JSON' }]),
    setAside: async ({ store }) => (await store.log.depth('unreadable/events/pulse')).ready,
  },
});

eventSourceContract('buckets', {
  source: bucketSource,
  binding: { kind: 'bucket', bucket: 'pics', events: ['ObjectCreated:*'], prefix: '', suffix: '' },
  happen({ store }, n) {
    const event: BucketEvent = {
      id: `change-${n}`,
      account,
      key: keyOf(n),
      bucket: 'pics',
      name: 'ObjectCreated:Put',
      bytes: 1,
      etag: 'e',
      sequencer: '1',
      timeMs: 0,
      sourceIp: '127.0.0.1',
      principalId: 'p',
      requestId: 'r',
      cause: causeOf(n),
    };
    return store.log.append(bucketEventsTopic, [{ id: event.id, body: JSON.stringify(event) }]);
  },
  thingsIn: (event) =>
    (event as { Records: { s3: { object: { key: string } } }[] }).Records.map(({ s3 }) =>
      Number(s3.object.key.slice(0, 4)),
    ),
  traceOf,
});

eventSourceContract('queues', {
  source: queueSource,
  binding: { kind: 'queue', queue: 'jobs', batchMax: 1, windowMs: 0, reportsFailures: false },
  isSynchronous: true,
  async prepare({ queues }) {
    await queues.create(account, 'dead');
    await queues.create(account, 'jobs', {
      visibilityMs: 30_000,
      // As in SQS, a message that could not be handed over was received, too.
      redrive: { deadLetterQueue: 'dead', receivesMax: 20 },
    });
  },
  happen: ({ queues }, n) => queues.send(account, 'jobs', [{ body: String(n), senderId: 'me', cause: causeOf(n) }]),
  thingsIn: (event) => (event as { Records: { body: string }[] }).Records.map(({ body }) => Number(body)),
  traceOf,
  deadCount: async ({ queues }) => (await queues.depth(account, 'dead')).ready,
});
