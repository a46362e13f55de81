/** For the tests of tables as a source: a table with a stream, a function that is bound to it, and what it was given. */
import assert from 'node:assert/strict';
import type { Invocation } from '../invoke/invoke.ts';
import type { TableSource } from '../registry/binding.ts';
import { newItem, type AttributeValue } from '../resources/table/attribute-value.ts';
import type { StreamView, Table } from '../resources/table/table.ts';
import { newCause } from '../util/cause.ts';
import type { FakeOutcome } from './fake-invoker.ts';
import { ProcessingResults } from './processing-results.ts';
import { account, rig, type SourceRig } from './source-rig.ts';
import { createTableSource } from './table.ts';

export const queueArn = `arn:aws:sqs:us-east-1:${account}:failures`;
export const source: TableSource = {
  kind: 'table',
  table: 'orders',
  startAt: 'oldest',
  batchMax: 100,
  windowMs: 0,
  parallel: 1,
  bisects: false,
  reportsFailures: false,
};

export type TableRecord = {
  eventID: string;
  eventName: string;
  userIdentity?: object;
  eventSourceARN: string;
  dynamodb: {
    Keys: { id: { S: string } };
    NewImage?: { n?: { N: string } };
    OldImage?: object;
    SequenceNumber: string;
    SizeBytes: number;
    StreamViewType: string;
    ApproximateCreationDateTime: number;
  };
};
export type Event = {
  Records: TableRecord[];
  window?: { start: string; end: string };
  state?: Record<string, number>;
  shardId?: string;
  isFinalInvokeForWindow?: boolean;
  isWindowTerminatedEarly?: boolean;
};

export const eventOf = ({ event }: Invocation): Event => JSON.parse(Buffer.from(event).toString()) as Event;
export const told = ({ dynamodb }: TableRecord): string => `${dynamodb.Keys.id.S}:${dynamodb.NewImage?.n?.N ?? '-'}`;
export const allTold = (invocations: readonly Invocation[]): string[] =>
  invocations.flatMap((one) => eventOf(one).Records.map(told));

export type World = SourceRig & {
  results: ProcessingResults;
  table: Table;
  put(id: string, n: number, more?: Record<string, AttributeValue>): Promise<void>;
  remove(id: string): Promise<void>;
};

export async function world({
  decide,
  binding = {},
  view = 'NEW_AND_OLD_IMAGES',
  isOnDemand = false,
  on = {},
}: {
  decide?: (invocation: Invocation) => FakeOutcome | Promise<FakeOutcome>;
  binding?: Partial<TableSource>;
  view?: StreamView;
  isOnDemand?: boolean;
  on?: Parameters<typeof rig>[1];
} = {}): Promise<World> {
  const results = new ProcessingResults();
  const one = await rig(
    ({ tableStreams, ...engines }) => [createTableSource({ tableStreams, destinations: engines, results })],
    { ...on, ...(decide !== undefined && { decide }) },
  );
  const table =
    one.tables.get(account, 'orders') ??
    (await one.tables.create({
      account,
      name: 'orders',
      key: { partition: { name: 'id', type: 'S' } },
      indexes: [],
      billing: isOnDemand ? { mode: 'on demand' } : { mode: 'provisioned', readUnits: 5, writeUnits: 5 },
      isProtected: false,
      tags: {},
      stream: { view },
    }));
  if (one.queues.get(account, 'failures') === undefined) await one.queues.create(account, 'failures');
  if (one.bindings.list(account).length === 0) await one.bind('listen', { ...source, ...binding });
  const cause = newCause(0, 'c'.repeat(24));
  return {
    ...one,
    results,
    table,
    async put(id, n, more = {}) {
      const item = newItem([['id', { S: id }], ['n', { N: String(n) }], ...Object.entries(more)]);
      const key = newItem([['id', { S: id }]]);
      const { status } = await one.tables.items.write([{ table, key, decide: () => ({ kind: 'put', item }) }], {
        cause,
      });
      assert.equal(status, 'written');
    },
    async remove(id) {
      const key = newItem([['id', { S: id }]]);
      await one.tables.items.write([{ table, key, decide: () => ({ kind: 'delete' }) }], { cause, byExpiry: true });
    },
  };
}

export async function letters(
  one: World,
): Promise<{ DDBStreamBatchInfo: { batchSize: number }; requestContext: object }[]> {
  const received = await one.queues.receive(account, 'failures', { max: 100, visibilityMs: 30_000, waitMs: 0 });
  return received.map(({ body }) => JSON.parse(body) as never);
}
