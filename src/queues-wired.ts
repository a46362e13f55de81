/** Queues, from the engine to those who may use them, wired to the rest of the house. */
import type { AwsService } from './aws/service.ts';
import { createSqsService } from './aws/sqs/sqs.ts';
import { createDocumentReader, decide, type ConditionContext } from './identity/policy-document.ts';
import type { Decision } from './identity/policy-document.ts';
import type { Principal } from './identity/principal.ts';
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
  report: (message: string, cause: unknown) => void;
};

type Access = { action: string; resource: string };

export type WiredQueues = AsyncDisposable & {
  queues: Queues;
  service: AwsService;
  /** Whether a queue's own policy lets somebody, or keeps somebody out. */
  grantsAccess(principal: Principal, access: Access, context: ConditionContext): boolean;
  forbidsAccess(principal: Principal, access: Access, context: ConditionContext): boolean;
};

/** What the account's administrator may always do, so that a policy which keeps everybody out can be changed. */
const neverForbidden: ReadonlySet<string> = new Set([
  'sqs:SetQueueAttributes',
  'sqs:GetQueueAttributes',
  'sqs:RemovePermission',
  'sqs:DeleteQueue',
]);

export async function wireQueues(parts: QueuesParts): Promise<WiredQueues> {
  await using opening = new AsyncDisposableStack();
  const queues = await Queues.open({ ...parts, afterwardsMs: parts.mode === 'dev' ? 0 : afterwardsMs });
  const moves = opening.use(await QueueMoves.open({ ...parts, queues }));
  opening.use(startRetention({ ...parts, queues }));
  const opened = opening.move();
  const documentOf = createDocumentReader();

  function decisionOf(principal: Principal, { action, resource }: Access, context: ConditionContext): Decision {
    if (!resource.startsWith('arn:aws:sqs:')) return 'not_allowed';
    const arn = parseArn(resource);
    const settings = arn && queues.get(arn.account as AccountId, arn.resource)?.settings;
    const document = settings && documentOf(settings);
    if (document === undefined) return 'not_allowed';
    return decide(document, { action, resource, asker: { kind: 'principal', principal }, context });
  }

  return {
    queues,
    service: createSqsService({ queues, moves }),
    grantsAccess: (principal, access, context) => decisionOf(principal, access, context) === 'allowed',
    forbidsAccess: (principal, access, context) =>
      !(principal.kind === 'administrator' && neverForbidden.has(access.action)) &&
      decisionOf(principal, access, context) === 'denied',
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
