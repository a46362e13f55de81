/**
 * Records of asynchronous events on their way to addresses, as CloudEvents: tried until they are taken, refused for good, or
 * too old.
 *
 *   told ─▶ posted ─▶ acknowledged
 *    ▲        └─▶ failed: back, delayed (time is left)
 *    └────────┘     └─▶ given up: of a failure, kept with the function's dead letters; the function's log ─▶ acknowledged
 *
 * One line for each function, so that an address which does not answer holds up nobody else. A crash repeats the step that
 * was under way: an event is posted at least once, with the same source and id.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md
 */
import { destinationName, type HttpDestination } from '../registry/http-destination.ts';
import type { Registry } from '../registry/registry.ts';
import type { Leased, Log } from '../store/log.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { never } from '../util/assert.ts';
import { backOffMs } from '../util/back-off.ts';
import type { Clock } from '../util/clock.ts';
import {
  functionArn,
  latestVersion,
  randomFraction,
  type AccountId,
  type EnvironmentId,
  type Ids,
  type RequestId,
} from '../util/ids.ts';
import { call, type Called } from './call.ts';
import type { CloudEvent } from './cloudevents/cloud-event.ts';
import { writeBatch, writeBinary, writeStructured, type WrittenCloudEvents } from './cloudevents/write-cloud-events.ts';
import { deadLettersTopic } from './dead-letter.ts';
import { Delivery, done, type Handled } from './deliver.ts';
import type { InvocationRecord } from './invocation-record.ts';
import { PostBatches } from './post-batches.ts';
import { setAside } from './set-aside.ts';
import type { Report } from './source.ts';

export type RecordPost = {
  account: AccountId;
  functionName: string;
  qualifier: string;
  requestId: RequestId;
  decidedMs: number;
  /** JSON. */
  record: string;
  destination: HttpDestination;
};

type Kept = RecordPost & { firstMs: number; attempts: number };
type Held = { receipt: string; kept: Kept };

export type RecordPostsParts = {
  region: string;
  log: Log;
  registry: Pick<Registry, 'resolve'>;
  telemetry: Telemetry;
  clock: Clock;
  ids: Ids;
  report: Report;
};

const holder = 'events/record';
const topicPrefix = 'record/';
const leaseMs = 60_000;
/** Of one function at once: with an event and an answer of 1 MiB each, 32 MiB at the very most. */
const concurrencyMax = 16;
/** An address has so long to answer, as SNS gives it. */
const timeoutMs = 15_000;
/** As long as EventBridge tries. */
const ageMsMax = 24 * 3_600_000;
const retryBounds = { firstMs: 1_000, maxMs: 600_000 };
/** Beside all from 500 on: what another try may find otherwise. */
const retriedStatuses: ReadonlySet<number> = new Set([401, 407, 408, 409, 425, 429]);

export class RecordPosts implements AsyncDisposable {
  readonly #parts: RecordPostsParts;
  readonly #deliveries = new Map<string, Delivery<Held>>();
  readonly #batches = new PostBatches((destination, events) => this.#post(destination, writeBatch(events)));
  #closed = false;

  private constructor(parts: RecordPostsParts) {
    this.#parts = parts;
  }

  /** Goes on with everything that was undertaken before. */
  static async open(parts: RecordPostsParts): Promise<RecordPosts> {
    const posts = new RecordPosts(parts);
    await parts.log.release(holder);
    for (const topic of await parts.log.topics(topicPrefix)) posts.#deliver(topic);
    return posts;
  }

  /** Durable once resolved. The same again is dropped while the first waits. */
  async enqueue(post: RecordPost): Promise<void> {
    const { account, functionName, requestId } = post;
    const topic = `${topicPrefix}${account}/${functionName}`;
    const kept: Kept = { ...post, firstMs: this.#parts.clock.now(), attempts: 0 };
    this.#deliver(topic);
    await this.#parts.log.append(topic, [{ id: requestId, body: JSON.stringify(kept) }]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#deliveries.values()].map((delivery) => delivery[Symbol.asyncDispose]()));
    this.#deliveries.clear();
    await this.#parts.log.release(holder);
  }

  #deliver(topic: string): void {
    if (this.#closed || this.#deliveries.has(topic)) return;
    const { log, clock, ids, report } = this.#parts;
    const delivery = new Delivery<Held>(
      {
        name: `records of ${topic.slice(topicPrefix.length)}`,
        watch: (ready) => log.watch(topic, ready),
        take: async (max) => (await log.receive(topic, { max, leaseMs, holder })).map(held),
        handle: (one) => this.#handle(topic, one),
        extend: ({ receipt }) => log.extend(topic, receipt, leaseMs),
        setAside: ({ receipt, kept }) =>
          setAside(log, topic, [{ id: kept.requestId, body: JSON.stringify(kept), receipt }]),
      },
      { concurrencyMax, aheadMax: 0, extendEveryMs: leaseMs / 3 },
      { clock, ids, report },
    );
    this.#deliveries.set(topic, delivery);
  }

  async #handle(topic: string, { receipt, kept }: Held): Promise<Handled> {
    const { log, clock, ids } = this.#parts;
    const called = await this.#send(kept);
    const failure = failureOf(called);
    if (failure === undefined) {
      await log.acknowledge(topic, [receipt], { as: 'succeeded' });
      return done;
    }
    const attempts = kept.attempts + 1;
    const asked = called.kind === 'answered' ? Number(called.retryAfter) * 1_000 : Number.NaN;
    const waitMs = backOffMs(attempts, randomFraction(ids), retryBounds);
    const delayMs = asked > waitMs ? Math.min(asked, retryBounds.maxMs) : waitMs;
    if (failure.mayRetry && clock.now() + delayMs - kept.firstMs <= ageMsMax) {
      await log.redeliver(topic, receipt, { delayMs, body: JSON.stringify({ ...kept, attempts } satisfies Kept) });
      return done;
    }
    await log.acknowledge(topic, [receipt], { as: await this.#giveUp(kept, `${failure.message}, ${attempts} tries`) });
    return done;
  }

  #send(kept: Kept): Promise<Called> {
    const event = this.#eventOf(kept);
    const destination = { ...kept.destination, ...this.#tokenOf(kept) };
    switch (destination.mode) {
      case 'structured':
        return this.#post(destination, writeStructured(event));
      case 'binary':
        return this.#post(destination, writeBinary(event));
      case 'batched':
        return this.#batches.send(destination, JSON.stringify(event));
      default:
        return never(destination.mode);
    }
  }

  /** The token itself, in place of its variable. */
  #tokenOf({ account, functionName, qualifier, requestId, destination }: Kept): { token?: string } {
    if (destination.token === undefined) return {};
    const resolved = this.#parts.registry.resolve(account, functionName, qualifier, requestId);
    const variables = resolved?.version.settings.environment ?? {};
    return { token: (Object.hasOwn(variables, destination.token) ? variables[destination.token] : undefined) ?? '' };
  }

  #eventOf({ account, functionName, requestId, decidedMs, record }: Kept): CloudEvent {
    const data = JSON.parse(record) as InvocationRecord;
    const outcome = data.requestContext.condition === 'Success' ? 'succeeded' : 'failed';
    return {
      specversion: '1.0',
      id: requestId,
      source: functionArn(this.#parts.region, account, functionName),
      type: `mayfly.invocation.${outcome}`,
      time: new Date(decidedMs).toISOString(),
      datacontenttype: 'application/json',
      data,
    };
  }

  #post(
    { url, token }: Pick<HttpDestination, 'url' | 'token'>,
    { headers, body }: WrittenCloudEvents,
  ): Promise<Called> {
    if (token === '') return Promise.resolve({ kind: 'refused', message: 'no variable of the function has its token' });
    return call({
      url: new URL(url),
      method: 'POST',
      headers: { ...headers, 'user-agent': 'Mayfly', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      body,
      timeoutMs,
      // Whoever deploys the function names it.
      isPublicOnly: false,
    });
  }

  async #giveUp(kept: Kept, why: string): Promise<'dead' | 'dropped'> {
    const { log, telemetry, clock } = this.#parts;
    const { account, functionName, requestId, record, destination } = kept;
    const { condition } = (JSON.parse(record) as InvocationRecord).requestContext;
    const isFailure = condition !== 'Success';
    if (isFailure) await log.append(deadLettersTopic(account, functionName), [{ id: requestId, body: record }]);
    const kind = isFailure ? 'failure' : 'success';
    const place = isFailure ? ` It now lies in the dead letters of ${functionName}.` : '';
    telemetry.emit({
      kind: 'log',
      timeMs: clock.now(),
      account,
      functionName,
      requestId,
      version: latestVersion,
      environmentId: 'platform' as EnvironmentId,
      origin: 'platform',
      text: `DESTINATION RequestId: ${requestId} ${destinationName(destination)} did not take the record of this ${kind}: ${why}.${place}`,
    });
    return isFailure ? 'dead' : 'dropped';
  }
}

const held = ({ receipt, body }: Leased): Held => ({ receipt, kept: JSON.parse(body) as Kept });

/** Undefined: it was taken. */
function failureOf(called: Called): { message: string; mayRetry: boolean } | undefined {
  if (called.kind !== 'answered') return { message: called.message, mayRetry: called.kind === 'unreachable' };
  const { status } = called;
  if (status >= 200 && status < 300) return undefined;
  return { message: `it answered with status ${status}`, mayRetry: status >= 500 || retriedStatuses.has(status) };
}
