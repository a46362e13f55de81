/**
 * Where rules, schedules and pipes send: one kind of target for each service that takes something, known by the service
 * in its ARN. A new kind is a file in targets/ and one more line here.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
 */
import type { EventBuses } from '../resources/event-bus/event-buses.ts';
import type { HttpParameters } from '../resources/event-bus/rule.ts';
import type { Queues } from '../resources/queue.ts';
import type { Topics } from '../resources/topic.ts';
import type { TopicPermission } from './topic-permission.ts';
import { parseArn, type Arn } from '../util/arn.ts';
import type { Cause } from '../util/cause.ts';
import type { Clock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import type { Asynchronous } from './asynchronous.ts';
import type { BusPermission } from './bus-permission.ts';
import type { FunctionPermission, OnBehalf } from './function-permission.ts';
import type { QueuePermission } from './queue-permission.ts';
import type { Roles } from './role-permission.ts';
import type { MessagingKeys } from './keys-for.ts';
import type { ServiceCalls } from './service-calls.ts';
import { apiDestinationTarget } from './targets/api-destination-target.ts';
import { busTarget } from './targets/bus-target.ts';
import { functionTarget } from './targets/function-target.ts';
import { queueTarget } from './targets/queue-target.ts';
import { serviceTarget } from './targets/service-target.ts';
import { topicTarget } from './targets/topic-target.ts';
import type { ApiDestinationCaller } from './call-api-destination.ts';

/** One thing to be sent to one target. */
export type Sending = {
  /** With it, sending again after a crash is known for what it is. */
  id: string;
  arn: string;
  /** What it gets: mostly JSON. */
  text: string;
  /** On whose behalf: who is let in is for the target's policy to say. */
  behalf: OnBehalf;
  /** A role that it is sent with: it may what the role allows. */
  roleArn?: string;
  /** Of whatever it brings about. */
  cause: Cause;
  /** What the invocation's bill and `mayfly why` call its source. */
  source: 'rule' | 'schedule' | 'pipe';
  traceHeader?: string;
  /** In a FIFO queue. */
  groupId?: string;
  /** For another bus: an event's own source and kind, which a schedule says beside its text. */
  event?: { source: string; detailType: string };
  /** With paths already replaced by what the event has there. */
  http?: HttpParameters;
};

export type TargetParts = {
  asynchronous: Pick<Asynchronous, 'enqueue'>;
  queues: Queues;
  topics: Topics;
  buses: EventBuses;
  callDestination: ApiDestinationCaller;
  serviceCalls: Pick<ServiceCalls, 'call'>;
  mayInvoke: FunctionPermission;
  maySend: QueuePermission;
  mayPublish: TopicPermission;
  mayPut: BusPermission;
  roles: Roles;
  /** For queues and topics that are encrypted with keys; absent: none is. */
  keys?: MessagingKeys;
  region: string;
  clock: Clock;
};

export type TargetKind = {
  /** As in its ARN. */
  service: string;
  /** Who may send there; absent: everybody. */
  of?: readonly Sending['source'][];
  /** Whether this ARN of the service is one; absent: all of them. */
  takes?: (arn: Arn) => boolean;
  /**
   * What was sent is durable once resolved. Throws what the target says: a caller's fault (not there, not allowed, not
   * understood) is tried no second time.
   */
  send(target: Arn, sending: Sending, parts: TargetParts): Promise<void>;
};

const targetKinds: readonly TargetKind[] = [
  functionTarget,
  queueTarget,
  topicTarget,
  busTarget,
  apiDestinationTarget,
  serviceTarget,
];

const isOf = (source: Sending['source'], { of }: TargetKind): boolean => of === undefined || of.includes(source);

/** Undefined: nothing of this source can be sent there. */
export function targetKind(arn: string, source: Sending['source']): { kind: TargetKind; arn: Arn } | undefined {
  const parsed = parseArn(arn);
  const kind = targetKinds.find(
    (one) => one.service === parsed?.service && isOf(source, one) && (one.takes?.(parsed) ?? true),
  );
  return parsed === undefined || kind === undefined ? undefined : { kind, arn: parsed };
}

/** Names of the services that take what this source sends, for whoever named another. */
export function targetServices(source: Sending['source']): string {
  const services = targetKinds.filter((kind) => isOf(source, kind)).map(({ service }) => service);
  return [...new Set(services)].join(', ');
}

export async function sendToTarget(sending: Sending, parts: TargetParts): Promise<void> {
  const found = targetKind(sending.arn, sending.source);
  if (found === undefined) throw new PlatformError('invalid_argument', `'${sending.arn}' is no target that is built`);
  await found.kind.send(found.arn, sending, parts);
}
