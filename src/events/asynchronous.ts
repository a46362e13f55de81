/**
 * Asynchronous invocation: accepted means on disk, and then the event is delivered until it succeeds or is given up.
 *
 * One topic and one delivery for each function: a backlog of one never holds up another
 * (docs/decisions/060-one-topic-per-function.md). A message's way:
 *
 *   accepted ─▶ attempt ─▶ ok ─▶ usage on disk ─▶ acknowledged
 *                 │ ▲          └─▶ back in the topic marked `succeeded` ─▶ told to its destination ─▶ acknowledged
 *                 │ └── back in the topic with `attempts` + 1, delayed (the function failed, attempts are left)
 *                 │ └── waits in memory, leased (throttled or unavailable: no attempt is used up, its age still counts)
 *                 └──▶ back in the topic marked `givenUp` ─▶ buried as a dead letter ─▶ acknowledged
 *
 * A crash at any point repeats the step that was under way, with the same request id and attempt number, by which the
 * usage row is kept once. The mark before the burial makes the decision to give up durable first: an event whose last
 * attempt failed is never run again, and so never both settled and dead. The mark before a success is told likewise: the
 * destination hears of the attempt that was settled, and of no other.
 */
import type { InvocationResult, Invoker } from '../invoke/invoke.ts';
import type { Registry } from '../registry/registry.ts';
import type { Queues } from '../resources/queue.ts';
import type { Depth, Log } from '../store/log.ts';
import type { LogMessage, Operation } from '../store/records.ts';
import type { DeliveryStep, Telemetry } from '../telemetry/telemetry.ts';
import { assert, never } from '../util/assert.ts';
import type { Cause } from '../util/cause.ts';
import type { Clock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import { latestVersion, type AccountId, type Ids, type RequestId } from '../util/ids.ts';
import { limits } from '../util/limits.ts';
import { deadLettersTopic } from './dead-letter.ts';
import { Delivery, done, type Handled, type Pace } from './deliver.ts';
import type { DestinationParts } from './destination.ts';
import type { GivenUp, InvocationRecord, Succeeded } from './invocation-record.ts';
import { isTooOld, lambdaRetryDelaysMs, nextRetry, type RetryPolicy } from './next-retry.ts';
import { setAside } from './set-aside.ts';
import { RecordPosts } from './record-posts.ts';
import { Settlements } from './settlements.ts';
import type { Report } from './source.ts';
import {
  canBeTold,
  placeName,
  tellFailure,
  tellSuccess,
  type DecidedEvent,
  type FailurePlaces,
  type OutcomePlace,
  type TellParts,
} from './tell-outcome.ts';

export type AsyncInvocation = {
  /** The same for all attempts; an event whose id is still held is dropped, so sources derive it from what happened. */
  requestId: RequestId;
  account: AccountId;
  functionName: string;
  qualifier?: string;
  /** JSON. */
  event: string;
  /** See `Invocation.source`. */
  source: string;
  cause: Cause;
  clientContext?: string;
  /** The id of what brought it about: of an object's change, a message, an event of a bus, a dead letter. */
  from?: string;
};

/** The log message's body, as JSON. */
type Accepted = DecidedEvent & {
  acceptedMs: number;
  /** That ran and failed. */
  attempts: number;
  givenUp?: GivenUp;
  succeeded?: Succeeded;
};

/** What the version and the configuration of the qualifier invoked say together. */
type Wishes = RetryPolicy & FailurePlaces & { onSuccess?: OutcomePlace; mayRun: boolean };

type Held = {
  receipt: string;
  event: Accepted;
  /** Known once the attempt is over: if only settling it fails, it is not run again for that. */
  result?: InvocationResult;
  /** What refused it last. */
  refusal?: string;
};

export type AsynchronousParts = {
  region: string;
  log: Log;
  queues: Queues;
  buckets: DestinationParts['buckets'];
  topics: DestinationParts['topics'];
  buses: DestinationParts['buses'];
  delivering?: DestinationParts['delivering'];
  keys?: DestinationParts['keys'];
  registry: Pick<Registry, 'resolve'>;
  invoker: Invoker;
  telemetry: Telemetry;
  clock: Clock;
  ids: Ids;
  report: Report;
  /** See `RetryPolicy`; development and tests shorten them. */
  retryDelaysMs?: readonly number[];
  /** Invocations of one function at once, at most; its own limit and the account's apply besides. */
  concurrencyMax?: number;
};

/** Where its leases are given back after a crash. */
const holder = 'asynchronous';
const topicPrefix = 'invoke/';
/** Waiting events that are read to see whom they call: 100 MiB at the very most, and mostly a few kilobytes. */
const lookedAtMax = 100;
/** Several times what a crash's restart takes; extended while the invocation runs. */
const leaseMs = 60_000;

const paceDefault: Pace = {
  /** More than one machine runs at once, so that environments, not this, are what is waited for. */
  concurrencyMax: 64,
  /** Half a window: at 1 MiB an event, a function's delivery holds less than 100 MiB at the very most. */
  aheadMax: 32,
  extendEveryMs: leaseMs / 3,
};

export class Asynchronous implements AsyncDisposable {
  readonly #parts: AsynchronousParts;
  readonly #pace: Pace;
  readonly #deliveries = new Map<string, Delivery<Held>>();
  readonly #posts: RecordPosts;
  #closed = false;

  private constructor(parts: AsynchronousParts, posts: RecordPosts) {
    this.#parts = parts;
    this.#posts = posts;
    this.#pace = { ...paceDefault, concurrencyMax: parts.concurrencyMax ?? paceDefault.concurrencyMax };
  }

  /** Goes on with everything that was accepted before. */
  static async open(parts: AsynchronousParts): Promise<Asynchronous> {
    const asynchronous = new Asynchronous(parts, await RecordPosts.open(parts));
    await parts.log.release(holder);
    for (const topic of await parts.log.topics(topicPrefix)) asynchronous.#deliver(topic);
    return asynchronous;
  }

  /** Durable once resolved; what comes while it closes is delivered after the next start. Throws `too_large`. */
  async enqueue(invocation: AsyncInvocation): Promise<void> {
    const { topic, message } = this.#accept(invocation);
    await this.#parts.log.append(topic, [message]);
  }

  /** Acceptance as part of a transaction of the caller's: durable when that is. */
  enqueueOperation(invocation: AsyncInvocation): Operation {
    return { kind: 'append', ...this.#accept(invocation) };
  }

  /** Events of the function that wait, are delayed for a retry, or run. */
  backlog(account: AccountId, functionName: string): Promise<Depth> {
    return this.#parts.log.depth(topicOf(account, functionName));
  }

  /** Whether an event of the function that is not settled yet calls this qualifier; true too where more wait than are looked at. */
  async mayWaitFor(account: AccountId, functionName: string, qualifier: string): Promise<boolean> {
    const { ready, delayed, leased } = await this.backlog(account, functionName);
    if (ready + delayed + leased > lookedAtMax) return true;
    const lying = await this.#parts.log.peek(topicOf(account, functionName), lookedAtMax);
    return lying.some(({ body }) => (JSON.parse(body) as Accepted).qualifier === qualifier);
  }

  /** Oldest first. */
  async deadLetters(account: AccountId, functionName: string, limit: number): Promise<InvocationRecord[]> {
    const messages = await this.#parts.log.peek(deadLettersTopic(account, functionName), limit);
    return messages.map(({ body }) => JSON.parse(body) as InvocationRecord);
  }

  async deadLetterCount(account: AccountId, functionName: string): Promise<number> {
    const { ready, delayed, leased } = await this.#parts.log.depth(deadLettersTopic(account, functionName));
    return ready + delayed + leased;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#deliveries.values()].map((delivery) => delivery[Symbol.asyncDispose]()));
    this.#deliveries.clear();
    await this.#posts[Symbol.asyncDispose]();
    await this.#parts.log.release(holder);
  }

  #accept(invocation: AsyncInvocation): { topic: string; message: LogMessage } {
    const bytes = Buffer.byteLength(invocation.event);
    if (bytes > limits.asyncPayloadBytesMax) {
      throw new PlatformError(
        'too_large',
        `The event for ${invocation.functionName} has ${bytes} bytes; at most ${limits.asyncPayloadBytesMax} are accepted for an asynchronous invocation.`,
        { field: 'Payload', reason: 'RequestTooLargeException' },
      );
    }
    const topic = topicOf(invocation.account, invocation.functionName);
    const accepted: Accepted = { ...invocation, acceptedMs: this.#parts.clock.now(), attempts: 0 };
    this.#tell(accepted, { kind: 'accepted' });
    this.#deliver(topic);
    return { topic, message: { id: invocation.requestId, body: JSON.stringify(accepted) } };
  }

  #deliver(topic: string): void {
    if (this.#closed || this.#deliveries.has(topic)) return;
    const { log, clock, ids, report } = this.#parts;
    const settlements = new Settlements(topic, this.#parts);
    const delivery = new Delivery<Held>(
      {
        name: `asynchronous events of ${topic.slice(topicPrefix.length)}`,
        watch: (ready) => log.watch(topic, ready),
        take: async (max) =>
          (await log.receive(topic, { max, leaseMs, holder })).map(({ receipt, body }) => ({
            receipt,
            event: JSON.parse(body) as Accepted,
          })),
        handle: (held) => this.#handle(topic, held, settlements),
        setAside: ({ receipt, event }) =>
          setAside(log, topic, [{ id: event.requestId, body: JSON.stringify(event), receipt }]),
        extend: ({ receipt }) => log.extend(topic, receipt, leaseMs),
      },
      this.#pace,
      { clock, ids, report },
    );
    this.#deliveries.set(topic, delivery);
  }

  async #handle(topic: string, held: Held, settlements: Settlements): Promise<Handled> {
    const { event, receipt } = held;
    const wishes = this.#wishesOf(event);
    if (event.givenUp !== undefined) {
      await tellFailure(event, event.givenUp, wishes, this.#tellParts);
      await settlements.settle(receipt, 'dead');
      return done;
    }
    if (event.succeeded !== undefined) {
      if (wishes.onSuccess !== undefined) await tellSuccess(event, event.succeeded, wishes.onSuccess, this.#tellParts);
      await settlements.settle(receipt, 'succeeded');
      this.#tell(event, {
        kind: 'ended',
        outcome: 'succeeded',
        ...(wishes.onSuccess !== undefined && { detail: `told to ${placeName(wishes.onSuccess)}` }),
      });
      return done;
    }
    if (held.result === undefined && isTooOld(wishes, event, this.#parts.clock.now())) {
      const waited = held.refusal === undefined ? '' : ` It was refused last because: ${held.refusal}`;
      const message = `It was older than the function allows (${wishes.eventAgeMaxMs} ms) before it could run.${waited}`;
      return this.#giveUp(topic, held, { condition: 'EventAgeExceeded', message, attempts: event.attempts });
    }
    if (held.result === undefined && !wishes.mayRun) {
      const message = 'The function has a reserved concurrency of 0: none of its invocations may run.';
      return this.#giveUp(topic, held, { condition: 'ZeroReservedConcurrency', message, attempts: event.attempts });
    }
    held.result ??= await this.#parts.invoker.invoke(invocationOf(event));
    if ('over' in held.result) await held.result.over;
    const { result } = held;
    switch (result.status) {
      case 'ok': {
        const { payload, version } = result;
        if (wishes.onSuccess !== undefined && canBeTold(payload, event, version, wishes.onSuccess, this.#tellParts)) {
          const answer = Buffer.from(payload).toString();
          return this.#mark(topic, held, { succeeded: { attempts: event.attempts + 1, version, payload: answer } });
        }
        await settlements.settle(receipt, 'succeeded');
        this.#tell(event, { kind: 'ended', outcome: 'succeeded' });
        return done;
      }
      case 'function_error':
        return this.#failed(topic, held, result, wishes);
      case 'throttled':
      case 'unavailable': {
        delete held.result;
        held.refusal = result.status === 'throttled' ? `throttled (${result.reason})` : result.message;
        return { status: 'later', retryAfterMs: result.status === 'throttled' ? result.retryAfterMs : 0 };
      }
      case 'recursion':
      case 'not_found': {
        const condition = result.status === 'recursion' ? 'RecursiveLoopDetected' : 'FunctionNotFound';
        return this.#giveUp(topic, held, { condition, message: result.message, attempts: event.attempts });
      }
      default:
        return never(result);
    }
  }

  async #failed(
    topic: string,
    held: Held,
    result: Extract<InvocationResult, { status: 'function_error' }>,
    policy: RetryPolicy,
  ): Promise<Handled> {
    const { log, telemetry, clock } = this.#parts;
    const attempts = held.event.attempts + 1;
    const next = nextRetry(policy, { attempts, acceptedMs: held.event.acceptedMs }, clock.now());
    if (next.kind === 'give_up') {
      const { errorType, errorMessage } = result.error;
      return this.#giveUp(topic, held, {
        condition: next.condition,
        message: `It failed ${attempts} time${attempts === 1 ? '' : 's'}, last with ${errorType}: ${errorMessage}`,
        attempts,
        response: { version: result.version, error: result.error },
      });
    }
    // This attempt's usage is on disk before the next one has a number.
    await telemetry.flush();
    const body = JSON.stringify({ ...held.event, attempts } satisfies Accepted);
    await log.redeliver(topic, held.receipt, { delayMs: next.delayMs, body });
    this.#tell(held.event, { kind: 'retry', delayMs: next.delayMs });
    return done;
  }

  #giveUp(topic: string, held: Held, givenUp: GivenUp): Promise<Handled> {
    return this.#mark(topic, held, { givenUp });
  }

  /** Makes the decision durable; what follows from it is done when the message comes back with its mark. */
  async #mark(topic: string, held: Held, mark: Pick<Accepted, 'givenUp' | 'succeeded'>): Promise<Handled> {
    await this.#parts.telemetry.flush();
    const body = JSON.stringify({
      ...held.event,
      ...mark,
      decidedMs: this.#parts.clock.now(),
    } satisfies Accepted);
    await this.#parts.log.redeliver(topic, held.receipt, { delayMs: 0, body });
    return done;
  }

  /** For who asks what became of it. */
  #tell({ account, functionName, requestId, source, from }: AsyncInvocation, step: DeliveryStep): void {
    const { telemetry, clock } = this.#parts;
    telemetry.emit({
      kind: 'delivery',
      timeMs: clock.now(),
      account,
      id: requestId,
      place: `function ${functionName}`,
      source,
      ...(from !== undefined && { from: [from] }),
      step,
    });
  }

  get #tellParts(): TellParts {
    return { ...this.#parts, posts: this.#posts, enqueue: (invocation) => this.enqueue(invocation) };
  }

  #wishesOf(event: Accepted): Wishes {
    const { account, functionName, qualifier, requestId } = event;
    const retryDelaysMs = this.#parts.retryDelaysMs ?? lambdaRetryDelaysMs;
    assert(retryDelaysMs.length > 0, 'there is at least one retry delay');
    const resolved = this.#parts.registry.resolve(account, functionName, qualifier, requestId);
    // Without its function an event must still reach the invoker, whose `not_found` says what is missing.
    if (resolved === undefined)
      return { attemptsMax: 1, eventAgeMaxMs: Number.MAX_SAFE_INTEGER, retryDelaysMs, mayRun: true };
    const { settings } = resolved.version;
    const { eventInvokes, reservedConcurrency } = resolved.function.extras;
    const key = qualifier ?? latestVersion;
    const configured = Object.hasOwn(eventInvokes, key) ? eventInvokes[key] : undefined;
    const onSuccess = configured?.onSuccess ?? settings.destinations?.onSuccess;
    const onFailure = configured?.onFailure ?? settings.destinations?.onFailure;
    return {
      attemptsMax: configured?.attemptsMax ?? settings.attemptsMax,
      eventAgeMaxMs: configured?.eventAgeMaxMs ?? settings.eventAgeMaxMs,
      retryDelaysMs,
      mayRun: reservedConcurrency !== 0,
      ...(settings.deadLetterQueue !== undefined && { deadLetterQueue: settings.deadLetterQueue }),
      ...(onSuccess !== undefined && { onSuccess }),
      ...(onFailure !== undefined && { onFailure }),
    };
  }
}

function invocationOf(event: Accepted) {
  const { requestId, account, functionName, qualifier, source, cause, clientContext, acceptedMs } = event;
  return {
    acceptedMs,
    requestId,
    account,
    functionName,
    source,
    cause,
    event: Buffer.from(event.event),
    attempt: event.attempts + 1,
    ...(qualifier !== undefined && { qualifier }),
    ...(clientContext !== undefined && { clientContext }),
  };
}

function topicOf(account: AccountId, functionName: string): string {
  return `${topicPrefix}${account}/${functionName}`;
}
