/**
 * The Telemetry API of one environment, versions 2022-07-01 of the path and 2022-07-01, 2022-12-13 and 2025-01-29 of the
 * events: extensions subscribe, and get what is said of them, of the function and by the function, in batches. A
 * batch that nobody takes is tried again a few times; what does not fit the buffer meanwhile is dropped, and said so.
 * https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api-reference.html
 */
import type { Clock, Timer } from '../../../util/clock.ts';
import { logsDroppedRecord, platformJson } from '../../../telemetry/platform-record.ts';
import { isObject } from '../../../util/field.ts';
import type { Parcel } from './attendant.ts';
import { telemetryTypes, typeOf, type TelemetryRecord, type TelemetryType } from './telemetry-record.ts';

export const telemetryPath = '/2022-07-01/telemetry';
/** Replaced by the Telemetry API, and still there. */
export const logsPath = '/2020-08-15/logs';

const schemaVersions: readonly string[] = ['2022-07-01', '2022-12-13', '2025-01-29'];
/** Lowest, what is taken where nothing is said, highest. From the reference. */
const bufferingRanges = {
  maxItems: [1_000, 1_000, 10_000],
  maxBytes: [262_144, 262_144, 1_048_576],
  timeoutMs: [25, 1_000, 30_000],
} as const;
/** Names by which what listens inside is known there; what they say, the loopback address is meant. */
const hostsInside: readonly string[] = ['sandbox.localdomain', 'sandbox', 'localhost', '127.0.0.1'];
/** What is said before anybody subscribes is kept for those who do, as Lambda does: what the smallest buffer holds. */
const earlyBytesMax = 262_144;
/** What all of one environment's subscribers may have waiting or on its way, in the platform's memory. */
const heldBytesMax = 4 * 1_048_576;
/** Batches that wait while one is on its way. */
const batchesWaitingMax = 2;
const attemptsMax = 4;
const retryDelayMs = 100;

type Buffering = { maxItems: number; maxBytes: number; timeoutMs: number };
export type Subscription = {
  types: readonly TelemetryType[];
  buffering: Buffering;
  destination: { protocol: 'HTTP' | 'TCP'; port: number; path: string };
};

type Subscriber = {
  name: string;
  subscription: Subscription;
  items: string[];
  bytes: number;
  timer: Timer | undefined;
  dropped: { records: number; bytes: number };
  sending: Promise<void> | undefined;
};

export type SubscriptionsOptions = {
  clock: Clock;
  deliver(parcel: Parcel): Promise<boolean>;
};

/** What is wrong with the request, in AWS's words, or what it asks for. */
export function parseSubscription(value: unknown): Subscription | { wrong: string[] } {
  if (!isObject(value)) return { wrong: ['the request body is not a JSON object'] };
  const wrong: string[] = [];
  const { schemaVersion, types, buffering = {}, destination } = value;
  if (schemaVersion !== undefined && !schemaVersions.some((one) => one === schemaVersion))
    wrong.push(`schemaVersion accepts ${schemaVersions.join(', ')}`);
  const wanted = Array.isArray(types) ? types : [];
  if (wanted.length === 0) wrong.push('types should not be empty');
  const known = telemetryTypes.filter((type) => wanted.includes(type));
  if (wanted.some((type) => !telemetryTypes.some((one) => one === type)))
    wrong.push(`types accepts ${telemetryTypes.join(', ')}`);
  const { protocol, ...address } = isObject(destination) ? destination : {};
  if (protocol !== 'HTTP' && protocol !== 'TCP') wrong.push('destination protocol accepts HTTP, TCP');
  const { host, port, path } = addressOf(address);
  if (host === undefined) wrong.push('destination URI is not valid');
  else if (!hostsInside.includes(host)) wrong.push('destination URI host accepts sandbox.localdomain');
  if (host !== undefined && !(port > 0 && port < 65_536)) wrong.push('URI port is not provided');
  const sizes: Record<string, number> = {};
  for (const [name, [least, normal, most]] of Object.entries(bufferingRanges)) {
    const size = isObject(buffering) ? (buffering[name] ?? normal) : normal;
    if (typeof size !== 'number' || !Number.isInteger(size) || size < least || size > most)
      wrong.push(`buffering ${name} accepts ${least} to ${most}`);
    else sizes[name] = size;
  }
  if (wrong.length > 0 || (protocol !== 'HTTP' && protocol !== 'TCP')) return { wrong };
  const { maxItems = 0, maxBytes = 0, timeoutMs = 0 } = sizes;
  return {
    types: known,
    buffering: { maxItems, maxBytes, timeoutMs },
    destination: { protocol, port, path },
  };
}

/** `http://sandbox.localdomain:8080/path`, `sandbox.localdomain:8080`; or, as in the Logs API, a port alone. */
function addressOf(address: Readonly<Record<string, unknown>>): {
  host: string | undefined;
  port: number;
  path: string;
} {
  const { URI: uri, port } = address;
  if (uri === undefined && typeof port === 'number') return { host: 'sandbox.localdomain', port, path: '/' };
  const parts = typeof uri === 'string' ? /^(?:\w+:\/\/)?([^/:\s]+)(?::(\d+))?(\/\S*)?$/.exec(uri) : undefined;
  return { host: parts?.[1], port: Number(parts?.[2]), path: parts?.[3] ?? '/' };
}

export class TelemetrySubscriptions {
  readonly #clock: Clock;
  readonly #deliver: SubscriptionsOptions['deliver'];
  readonly #subscribers: Subscriber[] = [];
  /** Until the initialisation is over. */
  #early: { type: TelemetryType; item: string }[] | undefined = [];
  #earlyBytes = 0;
  #heldBytes = 0;

  constructor({ clock, deliver }: SubscriptionsOptions) {
    this.#clock = clock;
    this.#deliver = deliver;
  }

  /** Another one of the same extension takes the place of the first. */
  subscribe(name: string, subscription: Subscription): void {
    const at = this.#subscribers.findIndex((subscriber) => subscriber.name === name);
    const subscriber: Subscriber = {
      name,
      subscription,
      items: [],
      bytes: 0,
      timer: undefined,
      dropped: { records: 0, bytes: 0 },
      sending: undefined,
    };
    if (at < 0) {
      this.#subscribers.push(subscriber);
      for (const { type, item } of this.#early ?? []) this.#add(subscriber, type, item);
    } else {
      const before = this.#subscribers[at];
      if (before !== undefined) this.#drop(before);
      this.#subscribers[at] = subscriber;
    }
  }

  /** What waits for it; what is on its way stays counted until it has arrived. */
  #drop(subscriber: Subscriber): void {
    subscriber.timer?.cancel();
    subscriber.items.length = 0;
    this.#heldBytes -= subscriber.bytes;
    subscriber.bytes = 0;
  }

  /** Nobody can subscribe any more. */
  initialised(): void {
    this.#early = undefined;
  }

  take(record: TelemetryRecord): void {
    if (this.#early === undefined && this.#subscribers.length === 0) return;
    const type = typeOf(record);
    const item = jsonOf(record);
    if (this.#early !== undefined && this.#earlyBytes + item.length <= earlyBytesMax) {
      this.#early.push({ type, item });
      this.#earlyBytes += item.length;
    }
    for (const subscriber of this.#subscribers) this.#add(subscriber, type, item);
  }

  get areDelivered(): boolean {
    return this.#heldBytes === 0;
  }

  /** Everything that was taken has been delivered, or has been given up. */
  async flush(): Promise<void> {
    await Promise.all(
      this.#subscribers.map(async (subscriber) => {
        this.#send(subscriber);
        await subscriber.sending;
      }),
    );
  }

  close(): void {
    for (const subscriber of this.#subscribers) subscriber.timer?.cancel();
    this.#subscribers.length = 0;
  }

  #add(subscriber: Subscriber, type: TelemetryType, item: string): void {
    const { types, buffering } = subscriber.subscription;
    if (!types.includes(type)) return;
    const bytes = Buffer.byteLength(item);
    const room = Math.min(batchesWaitingMax * buffering.maxBytes - subscriber.bytes, heldBytesMax - this.#heldBytes);
    if (bytes > room || subscriber.items.length >= batchesWaitingMax * buffering.maxItems) {
      subscriber.dropped.records += 1;
      subscriber.dropped.bytes += bytes;
      return;
    }
    subscriber.items.push(item);
    subscriber.bytes += bytes;
    this.#heldBytes += bytes;
    if (subscriber.items.length >= buffering.maxItems || subscriber.bytes >= buffering.maxBytes) this.#send(subscriber);
    else subscriber.timer ??= this.#clock.schedule(buffering.timeoutMs, () => this.#send(subscriber));
  }

  #send(subscriber: Subscriber): void {
    subscriber.timer?.cancel();
    subscriber.timer = undefined;
    // One batch at a time: they arrive in order.
    subscriber.sending ??= this.#sendAll(subscriber).finally(() => (subscriber.sending = undefined));
  }

  async #sendAll(subscriber: Subscriber): Promise<void> {
    while (subscriber.items.length > 0) {
      const { destination } = subscriber.subscription;
      const items = subscriber.items.splice(0);
      const { records, bytes } = subscriber.dropped;
      const sentBytes = subscriber.bytes;
      subscriber.bytes = 0;
      subscriber.dropped = { records: 0, bytes: 0 };
      if (records > 0) {
        items.push(platformJson(logsDroppedRecord(records, bytes), this.#clock.now()));
      }
      const body = destination.protocol === 'HTTP' ? `[${items.join(',')}]` : items.map((item) => `${item}\n`).join('');
      await this.#try({ ...destination, body });
      this.#heldBytes -= sentBytes;
    }
  }

  async #try(parcel: Parcel): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      if ((await this.#deliver(parcel)) || attempt === attemptsMax) return;
      await new Promise<void>((resolve) => this.#clock.schedule(retryDelayMs * 2 ** attempt, resolve));
    }
  }
}

function jsonOf({ type, timeMs, record }: TelemetryRecord): string {
  return JSON.stringify({ time: new Date(timeMs).toISOString(), type, record });
}
