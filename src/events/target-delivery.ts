/**
 * Delivers to targets what was undertaken: tried until it succeeds, is refused for good, or is too old.
 *
 *   undertaken ─▶ sent ─▶ acknowledged
 *       ▲           └─▶ failed: back, delayed (attempts and time are left)
 *       └───────────────┘   └─▶ given up ─▶ the dead-letter queue, if there is one ─▶ acknowledged
 *
 * A crash repeats the step that was under way; what was sent derives its id from what was undertaken, so that a receiver
 * that still holds the first drops the second. What goes to an HTTP endpoint waits in a line of its own, at its own rate.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
 */
import type { ApiDestination } from '../resources/event-bus/api-destination.ts';
import { targetRetryDefault, type TargetRetry } from '../resources/event-bus/rule.ts';
import type { Leased, Log } from '../store/log.ts';
import type { Operation } from '../store/records.ts';
import type { DeliveryStep, Telemetry } from '../telemetry/telemetry.ts';
import { parseArn } from '../util/arn.ts';
import { backOffMs } from '../util/back-off.ts';
import { PlatformError } from '../util/errors.ts';
import { derivedUuid, randomFraction, type AccountId, type Ids } from '../util/ids.ts';
import { checkPermission } from './check-permission.ts';
import { Delivery, done, type Handled } from './deliver.ts';
import { noMessagingKeys } from './keys-for.ts';
import { createPacer, type Pacer } from './pacer.ts';
import { serviceActionOf } from './service-calls.ts';
import { setAside } from './set-aside.ts';
import type { Report } from './source.ts';
import { sendToTarget, type Sending, type TargetParts } from './target.ts';

/** What is to be sent, for how long, and where it goes when that fails. */
export type Undertaking = {
  sending: Sending;
  retry: Partial<TargetRetry>;
  /** The ARN of a queue. */
  deadLetterQueue?: string;
  /** What lies in the dead-letter queue; absent: what was sent. */
  letter?: string;
  /** Of the rule, as the dead letter says it. */
  ruleArn?: string;
  /** Nothing could be made of the event for the target: it is given up at once. */
  refusal?: { code: string; message: string };
};

type Kept = Undertaking & { firstMs: number; attempts: number };
type Held = { receipt: string; kept: Kept };

type GivenUp = { code: string; message: string; condition?: 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds' };

export type TargetDeliveryParts = TargetParts & { log: Log; ids: Ids; telemetry: Telemetry; report: Report };

export const targetHolder = 'events/target';
const leaseMs = 60_000;
const sentHereTopic = 'target/here';
/** Apart from the rest: what waits for a function's answer must hold up nothing else. */
const serviceCallsTopic = 'target/service';
/** Sendings at once; each is a write to the store. */
const concurrencyMax = 32;
/** Calls of one endpoint at once. */
const callsMax = 16;
/** After a failure: soon, then up to ten minutes, which makes 185 attempts of a day. */
const retryBounds = { firstMs: 1_000, maxMs: 600_000 };

const topicOf = ({ arn }: Pick<Sending, 'arn'>): string => {
  if (serviceActionOf(arn) !== undefined) return serviceCallsTopic;
  const [kind, name = ''] = parseArn(arn)?.resource.split('/') ?? [];
  return kind === 'api-destination' ? callsTopic(parseArn(arn)?.account ?? '', name) : sentHereTopic;
};

const callsTopic = (account: string, destination: string): string => `target/call/${account}/${destination}`;

/** Makes it durable as part of a transaction. Again with the same sending's id and target, it is dropped while the first is there. */
export function undertake(undertaking: Undertaking, nowMs: number): Operation {
  const kept: Kept = { ...undertaking, firstMs: nowMs, attempts: 0 };
  const id = derivedUuid('undertaking', undertaking.sending.id, undertaking.sending.arn);
  return { kind: 'append', topic: topicOf(undertaking.sending), message: { id, body: JSON.stringify(kept) } };
}

export class TargetDelivery implements AsyncDisposable {
  readonly #parts: TargetDeliveryParts;
  readonly #stopping = new AbortController();
  readonly #here: readonly AsyncDisposable[];
  readonly #calls = new Map<string, AsyncDisposable>();
  readonly #watch: { stop(): void };

  constructor(parts: TargetDeliveryParts) {
    this.#parts = parts;
    this.#here = [
      this.#deliver(sentHereTopic, 'what is sent to targets', concurrencyMax, async () => {}),
      this.#deliver(serviceCallsTopic, "schedules' calls of services", concurrencyMax, async () => {}),
    ];
    this.#watch = parts.buses.watch(() => this.#reconcile());
    this.#reconcile();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch.stop();
    this.#stopping.abort();
    await Promise.all([...this.#here, ...this.#calls.values()].map((delivery) => delivery[Symbol.asyncDispose]()));
  }

  /** One line for each endpoint. One that is gone is served on, so that what waits for it is given up. */
  #reconcile(): void {
    for (const destination of this.#parts.buses.apis.allDestinations()) {
      const topic = callsTopic(destination.account, destination.name);
      if (this.#calls.has(topic)) continue;
      const pacer = createPacer(this.#parts.clock, this.#stopping.signal);
      const what = `calls of the API destination ${destination.name}`;
      this.#calls.set(
        topic,
        this.#deliver(topic, what, callsMax, () => this.#turn(destination, pacer)),
      );
    }
  }

  /** As many a second as the endpoint takes. */
  async #turn({ account, name }: ApiDestination, pacer: Pacer): Promise<void> {
    const rate = this.#parts.buses.apis.destination(account, name)?.ratePerSecond;
    if (rate !== undefined) await pacer(rate);
  }

  #deliver(topic: string, name: string, atOnceMax: number, turn: () => Promise<void>): AsyncDisposable {
    const { log, clock, ids, report } = this.#parts;
    return new Delivery<Held>(
      {
        name,
        watch: (ready) => log.watch(topic, ready),
        take: async (max) => (await log.receive(topic, { max, leaseMs, holder: targetHolder })).map(held),
        handle: async (one) => {
          await turn();
          return this.#stopping.signal.aborted ? { status: 'later', retryAfterMs: 0 } : this.#handle(topic, one);
        },
        setAside: ({ receipt, kept }) =>
          setAside(log, topic, [{ id: kept.sending.id, body: JSON.stringify(kept), receipt }]),
        extend: ({ receipt }) => log.extend(topic, receipt, leaseMs),
      },
      { concurrencyMax: atOnceMax, aheadMax: atOnceMax, extendEveryMs: leaseMs / 3 },
      { clock, ids, report },
    );
  }

  async #handle(topic: string, { receipt, kept }: Held): Promise<Handled> {
    const { log, clock, ids } = this.#parts;
    const { sending, refusal } = kept;
    if (refusal !== undefined) return this.#end(topic, { receipt, kept }, refusal);
    const { attemptsMax, ageMaxMs } = { ...targetRetryDefault, ...kept.retry };
    const beganMs = clock.monotonicMs();
    try {
      await sendToTarget(sending, this.#parts);
      await log.acknowledge(topic, [receipt], { as: 'succeeded' });
      this.#tell(kept, {
        kind: 'attempt',
        number: kept.attempts + 1,
        isOk: true,
        tookMs: clock.monotonicMs() - beganMs,
      });
      this.#tell(kept, arrival(sending));
      return done;
    } catch (error) {
      const failure = failureOf(error);
      if (failure.isOurs) throw error;
      this.#tell(kept, {
        kind: 'attempt',
        number: kept.attempts + 1,
        isOk: false,
        tookMs: clock.monotonicMs() - beganMs,
        detail: `${failure.code}: ${failure.message}`,
      });
      const delayMs = backOffMs(kept.attempts + 1, randomFraction(ids), retryBounds);
      const isTooOld = clock.now() + delayMs - kept.firstMs > ageMaxMs;
      if (failure.mayRetry && kept.attempts < attemptsMax && !isTooOld) {
        const body = JSON.stringify({ ...kept, attempts: kept.attempts + 1 } satisfies Kept);
        await log.redeliver(topic, receipt, { delayMs, body });
        this.#tell(kept, { kind: 'retry', delayMs });
        return done;
      }
      const condition = isTooOld ? 'MaximumEventAgeInSeconds' : 'MaximumRetryAttempts';
      return this.#end(topic, { receipt, kept }, { ...failure, ...(failure.mayRetry && { condition }) });
    }
  }

  async #end(topic: string, { receipt, kept }: Held, why: GivenUp): Promise<Handled> {
    const as = await this.#giveUp(kept, why);
    await this.#parts.log.acknowledge(topic, [receipt], { as });
    this.#tell(kept, {
      kind: 'ended',
      outcome: as,
      ...(as === 'dead' && kept.deadLetterQueue !== undefined && { detail: `it lies in ${kept.deadLetterQueue}` }),
    });
    return done;
  }

  /** For who asks what became of it. */
  #tell({ sending: { id, arn, behalf, source } }: Kept, step: DeliveryStep): void {
    const { telemetry, clock } = this.#parts;
    const account = behalf.sourceAccount;
    telemetry.emit({ kind: 'delivery', timeMs: clock.now(), account, id, place: arn, source, step });
  }

  /** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
  async #giveUp(kept: Kept, { code, message, condition }: GivenUp): Promise<'dead' | 'dropped'> {
    const { queues, maySend, roles, keys = noMessagingKeys, report } = this.#parts;
    const { sending, deadLetterQueue, ruleArn, attempts } = kept;
    const what = `what ${ruleArn ?? sending.behalf.sourceArn} sent to ${sending.arn} was given up`;
    if (deadLetterQueue === undefined) {
      report(`${what} and dropped, for it has no dead-letter queue`, message);
      return 'dropped';
    }
    const queue = parseArn(deadLetterQueue);
    const account = (queue?.account ?? '') as AccountId;
    const name = queue?.resource ?? '';
    try {
      const letter = { ...sending, arn: deadLetterQueue };
      const asked = { action: 'sqs:SendMessage', roles };
      checkPermission(maySend(account, name, sending.behalf), 'its dead-letter queue', letter, asked);
    } catch (error) {
      report(`${what} (${message}) and dropped`, error);
      return 'dropped';
    }
    const told = {
      ...(ruleArn !== undefined && { RULE_ARN: ruleArn }),
      TARGET_ARN: sending.arn,
      ERROR_CODE: code,
      ERROR_MESSAGE: message.slice(0, 1_000) || code,
      ...(condition !== undefined && { EXHAUSTED_RETRY_CONDITION: condition }),
    };
    const id = derivedUuid('target dead letter', sending.id, sending.arn);
    const attributes = Object.fromEntries([
      ...Object.entries(told).map(([key, text]) => [key, { type: 'String', text }] as const),
      ['RETRY_ATTEMPTS', { type: 'Number', text: String(attempts) }] as const,
    ]);
    const sent = {
      id,
      body: kept.letter ?? sending.text,
      senderId: sending.behalf.service,
      cause: sending.cause,
      attributes,
      ...(name.endsWith('.fifo') && { groupId: id, deduplicationId: id }),
    };
    try {
      await queues.send(account, name, [sent], keys.queues.service(sending.behalf, sending.roleArn));
    } catch (error) {
      if (!(error instanceof PlatformError) || error.code !== 'permission_denied') throw error;
      report(`${what} (${message}) and dropped, for its dead-letter queue cannot be encrypted`, error);
      return 'dropped';
    }
    return 'dead';
  }
}

/** Its end, or what it is from there on: targets derive their ids from what was sent (targets/). */
function arrival({ id, arn }: Sending): DeliveryStep {
  const target = parseArn(arn);
  if (target === undefined || !['lambda', 'sqs', 'sns'].includes(target.service))
    return { kind: 'ended', outcome: 'succeeded' };
  return { kind: 'handed_on', to: [{ place: arn, id: derivedUuid('target', id, target.resource) }] };
}

const held = ({ receipt, body }: Leased): Held => ({ receipt, kept: JSON.parse(body) as Kept });

/** `isOurs`: the store did not answer; nothing was tried. */
function failureOf(error: unknown): { code: string; message: string; mayRetry: boolean; isOurs: boolean } {
  if (!(error instanceof PlatformError))
    return { code: 'INTERNAL', message: String(error), mayRetry: false, isOurs: true };
  const { code, message, reason } = error;
  const isRefusal = error.fault === 'caller' && code !== 'throttled' && !isShut(reason);
  return {
    code: reason ?? codes[code] ?? 'SDK_CLIENT_ERROR',
    message,
    mayRetry: !isRefusal,
    isOurs: code === 'internal',
  };
}

/** A key that cannot be used now may be again. */
const isShut = (reason: string | undefined): boolean => /^KMS\.?(Disabled|InvalidState)/.test(reason ?? '');

const codes: Readonly<Partial<Record<PlatformError['code'], string>>> = {
  not_found: 'RESOURCE_NOT_FOUND',
  permission_denied: 'NO_PERMISSIONS',
  invalid_argument: 'INVALID_PARAMETER',
  too_large: 'INVALID_PARAMETER',
  throttled: 'THROTTLING',
  timeout: 'TIMEOUT',
  unavailable: 'THROTTLING',
};
