/** Queues, from the engine to those who may use them, wired to the rest of the house. */
import type { SideOf } from './aws/authorization.ts';
import type { AwsService } from './aws/service.ts';
import type { SqsParts } from './aws/sqs/sqs-parts.ts';
import { createSqsService } from './aws/sqs/sqs.ts';
import { resourceTagKeys } from './identity/condition-keys.ts';
import { createDocumentReader } from './identity/policy-document.ts';
import { QueueMoves } from './resources/queue/queue-moves.ts';
import { startRetention } from './resources/queue/retention.ts';
import { afterwardsMs, Queues } from './resources/queue.ts';
import type { Log } from './store/log.ts';
import type { Records } from './store/records.ts';
import { parseArn } from './util/arn.ts';
import type { Clock } from './util/clock.ts';
import type { AccountId, Ids } from './util/ids.ts';

export type QueuesParts = {
  mode: 'serve' | 'dev';
  records: Records;
  log: Log;
  clock: Clock;
  ids: Ids;
  keysFor: SqsParts['keysFor'];
  report: (message: string, cause: unknown) => void;
};

export type WiredQueues = AsyncDisposable & {
  queues: Queues;
  service: AwsService;
  /** What a queue says itself of who may use it. */
  side: SideOf;
};

/** What the account's administrator may always do, so that a policy which keeps everybody out can be changed. */
const keptByAccount: ReadonlySet<string> = new Set([
  'sqs:setqueueattributes',
  'sqs:getqueueattributes',
  'sqs:removepermission',
  'sqs:deletequeue',
]);

export async function wireQueues(parts: QueuesParts): Promise<WiredQueues> {
  await using opening = new AsyncDisposableStack();
  const queues = await Queues.open({ ...parts, afterwardsMs: parts.mode === 'dev' ? 0 : afterwardsMs });
  const moves = opening.use(await QueueMoves.open({ ...parts, queues }));
  opening.use(startRetention({ ...parts, queues }));
  const opened = opening.move();
  const documentOf = createDocumentReader();

  const side: SideOf = (who, { resource }) => {
    if (!resource.startsWith('arn:aws:sqs:')) return undefined;
    const arn = parseArn(resource);
    const found = arn && queues.get(arn.account as AccountId, arn.resource);
    // Of what is not there, the operation says so.
    if (found === undefined) return { account: who.account };
    return {
      account: found.account,
      document: documentOf(found.settings),
      keptByAccount,
      keys: resourceTagKeys(found.tags ?? {}),
    };
  };

  return {
    queues,
    service: createSqsService({ queues, moves, keysFor: parts.keysFor }),
    side,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
