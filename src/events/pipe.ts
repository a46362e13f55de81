/**
 * Pipes as a source: messages of a queue or changes of a table in batches, those that the filter wants, enriched by a
 * function or an HTTP endpoint, and sent to a target. Messages are removed once the target has them; what fails before that
 * comes back when its visibility is over, and after enough receives goes to the queue's dead-letter queue. Changes are tried
 * again in their order, as pipe-stream.ts says.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-concepts.html
 */
import type { Pipe } from '../resources/pipe/pipe.ts';
import type { Queue } from '../resources/queue.ts';
import type { Stream } from '../resources/stream/shard.ts';
import { parseArn } from '../util/arn.ts';
import type { AccountId } from '../util/ids.ts';
import { done, failed, type Handled } from './deliver.ts';
import { noMessagingKeys } from './keys-for.ts';
import { behalfOf, PipeCarrier, type PipeSourceParts } from './pipe-carrier.ts';
import { forgetPipes, pipeStreamConsumer, pollPipeStream } from './pipe-stream.ts';
import { causeOf, queueRecord } from './queue-notification.ts';
import { pollQueue, type Batch } from './queue-poll.ts';
import { streamActions } from './receive-permission.ts';
import { untilAborted, type EventSource, type SourceContext } from './source.ts';
import { StreamCheckpoints } from './stream-checkpoints.ts';
import { parseStreamArn } from './table-notification.ts';
import { UnderWay } from './under-way.ts';

const holder = 'events/pipe';

export function createPipeSource(parts: PipeSourceParts): EventSource {
  return {
    kind: 'pipe',
    async run(context, signal) {
      await context.log.release(holder);
      const checkpoints = new StreamCheckpoints(context.records, parts.tableStreams);
      /** Changes of a table that are under way for a pipe end before it takes others. */
      const ending = new Map<string, Promise<void>>();
      // Whatever was changed is another value.
      await using polls = new UnderWay<Served>(
        (one) => (one.kind === 'queue' ? poll(context, parts, one) : follow(one)),
        (before, now) =>
          before.pipe === now.pipe &&
          (before.kind === 'queue' ? now.kind === 'queue' && before.queue === now.queue : now.kind === 'stream'),
      );
      const follow = ({ pipe, stream }: Served & { kind: 'stream' }): AsyncDisposable => {
        const consumer = pipeStreamConsumer(pipe);
        const polling = pollPipeStream(context, parts, checkpoints, pipe, stream, ending.get(consumer));
        ending.set(consumer, polling.ended);
        return polling;
      };
      const told = new Map<string, string>();
      const reconcile = (): void => polls.want(served(context, parts, told));
      const watches = [
        parts.pipes.watch(reconcile),
        context.queues.watch(reconcile),
        parts.tableStreams.streams.watch(reconcile),
        parts.roles.watch(reconcile),
      ];
      forgetPipes(context, checkpoints, parts.pipes);
      reconcile();
      await untilAborted(signal);
      for (const watch of watches) watch.stop();
    },
  };
}

/** A pipe that is wanted, whose source exists, and whose role lets it have what is in there. */
type Served = { pipe: Pipe } & ({ kind: 'queue'; queue: Queue } | { kind: 'stream'; stream: Stream });

function served(
  context: SourceContext,
  parts: PipeSourceParts,
  told: Map<string, string>,
): ReadonlyMap<string, Served> {
  const { region, report } = context;
  const wanted = new Map<string, Served>();
  for (const pipe of parts.pipes.all()) {
    const source = sourceOf(context, parts, pipe);
    if (!pipe.settings.isWanted || source === undefined) continue;
    const whyNot = whyNotRead(pipe, region, parts);
    if (whyNot === undefined) wanted.set(pipe.life, source);
    // Once, though it is looked at after every change of anything.
    if (whyNot !== undefined && told.get(pipe.life) !== whyNot) report(`the pipe ${pipe.name} carries nothing`, whyNot);
    told.set(pipe.life, whyNot ?? '');
  }
  return wanted;
}

function sourceOf({ queues }: SourceContext, { tableStreams }: PipeSourceParts, pipe: Pipe): Served | undefined {
  const name = parseStreamArn(pipe.settings.source);
  if (name !== undefined) {
    const stream = tableStreams.streams.get(name.account, name.table, name.label);
    return stream === undefined ? undefined : { kind: 'stream', pipe, stream };
  }
  const arn = parseArn(pipe.settings.source);
  const queue = queues.get((arn?.account ?? '') as AccountId, arn?.resource ?? '');
  return queue === undefined ? undefined : { kind: 'queue', pipe, queue };
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-permissions.html */
const queueActions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'] as const;

function whyNotRead(pipe: Pipe, region: string, { roles }: PipeSourceParts): string | undefined {
  const { roleArn, source: resource } = pipe.settings;
  const behalf = behalfOf(pipe, region);
  for (const action of parseStreamArn(resource) === undefined ? queueActions : streamActions) {
    const whyNot = roles.whyNot({ roleArn, behalf, action, resource });
    if (whyNot !== undefined) return whyNot;
  }
  return undefined;
}

function poll(
  context: SourceContext,
  parts: PipeSourceParts,
  { pipe, queue }: Served & { kind: 'queue' },
): AsyncDisposable {
  const { batchMax, windowMs, filters } = pipe.settings;
  const { queues: keys } = context.keys ?? noMessagingKeys;
  const carrier = new PipeCarrier(context, parts, pipe);
  return pollQueue(context, queue, {
    name: `messages of the queue ${queue.name} for the pipe ${pipe.name}`,
    holder,
    keys: keys.service(behalfOf(pipe, context.region), pipe.settings.roleArn),
    watchKeys: keys.watch,
    batchMax,
    windowMs,
    ...(filters !== undefined && { filters }),
    take: (batch) => take(context, carrier, queue, batch),
  });
}

async function take(
  { clock, ids, region, queues }: SourceContext,
  carrier: PipeCarrier,
  queue: Queue,
  { messages }: Batch,
): Promise<Handled> {
  const cause = causeOf(messages, clock.now(), ids.hex(12));
  const records = messages.map((message) => queueRecord(queue, message, region));
  const carried = await carrier.carry(
    records,
    messages.map(({ id }) => id),
    cause,
  );
  if (carried.status === 'later') return carried;
  if (carried.status === 'failed') return failed;
  // What answers a batch may name the messages that failed.
  const receipts = messages.filter(({ id }) => !carried.left.has(id)).map(({ receipt }) => receipt);
  if (receipts.length > 0) await queues.remove(queue.account, queue.name, receipts);
  return carried.left.size === 0 ? done : failed;
}
