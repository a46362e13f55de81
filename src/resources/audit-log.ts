/**
 * The audit log: append-only, one chain for each account. An entry is on disk once `append` has resolved. What is refused
 * or looked at over and over is one entry for each window of time and caller, with a count, so that nobody can fill the
 * disk, or push what others did out of the log, by asking. Entries older than CloudTrail keeps them are removed, and the log says so.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
 */
import { scan, type Operation, type Records } from '../store/records.ts';
import type { Clock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId, Ids } from '../util/ids.ts';
import { within } from '../util/within.ts';
import { type AuditEntry, type AuditEvent, chained, firstPrevious, isWaitedFor } from './audit-log/audit-entry.ts';
import { type ChainReport, verifyChain } from './audit-log/verify-chain.ts';

export type AuditQuery = {
  account: AccountId;
  /** Epoch ms, both inclusive. */
  fromMs?: number;
  untilMs?: number;
  /** Entries before this one, newest first. */
  before?: number;
  limit: number;
  wanted?: (entry: AuditEntry) => boolean;
};

export type AuditPage = {
  /** Newest first. */
  entries: readonly AuditEntry[];
  /** `before` of the next page; undefined: there is none. A page may hold less than its limit and not be the last. */
  next: number | undefined;
};

type Head = { sequence: number; hash: string };
type Waiting = {
  event: AuditEvent;
  /** Older entries that go as this one comes: the last of them, and how many. */
  removed?: { last: Head; keys: readonly string[] };
  written: PromiseWithResolvers<void>;
};

const dayMs = 24 * 60 * 60 * 1000;
/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html: the last 90 days. */
const keptMs = 90 * dayMs;
/** In one transaction. */
const batchEntriesMax = 200;
/** Waiting for a disk that refuses; later ones are counted, and told of when it takes them again. */
const waitingMax = 10_000;
const retryMs = 1_000;
/** How long an answer, or a look at the log, waits for a disk that refuses: longer than one takes that works. */
const waitMsMax = 2_000;
/** The same call by the same caller, refused or changing nothing, is one entry within this after its first. */
const windowMs = 10_000;
/** Different calls in one window that are counted each; of refusals, further ones, and those of whom nobody knows, share a single count. */
const countedMax = 1_000;
/** Entries that one page looks at, wanted or not. */
const lookedAtMax = 10_000;
/** Read at once for a page. */
const pageEntries = 200;
const removedAtOnce = 1_000;

const prefixOf = (account: string): string => `audit/${account}/`;
const keyOf = (account: string, sequence: number): string =>
  `${prefixOf(account)}${String(sequence).padStart(15, '0')}`;

export type AuditLogParts = {
  records: Records;
  clock: Clock;
  ids: Ids;
  onError: (message: string, cause: unknown) => void;
};

export class AuditLog implements AsyncDisposable {
  readonly #parts: AuditLogParts;
  readonly #heads = new Map<AccountId, Head>();
  /** Of this window, by account, caller and call. */
  #counted = new Map<string, { event: AuditEvent; more: number }>();
  #waiting: Waiting[] = [];
  #dropped = 0;
  #writing: Promise<void> | undefined;
  #isClosed = false;

  constructor(parts: AuditLogParts) {
    this.#parts = parts;
  }

  /** Resolves when it is on disk, or counted with others like it that are. Never rejects: what was done is done. */
  append(event: AuditEvent): Promise<void> {
    const isDenied = event.result === 'denied';
    if (!isDenied && !event.isReadOnly) return this.#push(event);
    const isKnown = event.actor.kind !== 'unknown' && event.actor.kind !== 'anonymous';
    const { account, actor, service, operation, resources, error } = event;
    const own = [account, actor.arn, actor.accessKeyId, service, operation, resources[0], error?.code].join(' ');
    const hasRoom = this.#counted.size < countedMax;
    const key = !isDenied || (isKnown && hasRoom) ? own : `${account} others`;
    const same = this.#counted.get(own) ?? this.#counted.get(key);
    if (same !== undefined) {
      same.more += 1;
      same.event = event;
      return Promise.resolve();
    }
    if (this.#counted.size === 0) this.#parts.clock.schedule(windowMs, () => this.#tellCounted());
    if (isDenied || hasRoom) this.#counted.set(key, { event, more: 0 });
    return this.#push(event);
  }

  /**
   * Appends it, and resolves when its caller may be answered: what was done, and what was refused, is on disk before, unless
   * the disk takes nothing for so long that nobody would hear of it.
   */
  async record(event: AuditEvent): Promise<void> {
    const written = this.append(event);
    if (isWaitedFor(event)) await this.#atMost(written);
  }

  async page(query: AuditQuery): Promise<AuditPage> {
    const { account, fromMs = 0, untilMs = Number.POSITIVE_INFINITY, limit, wanted = () => true } = query;
    await this.#atMost(this.#writing);
    const prefix = prefixOf(account);
    const entries: AuditEntry[] = [];
    let below = query.before ?? (await this.#firstAfter(account, untilMs));
    for (let lookedAt = 0; lookedAt < lookedAtMax && below > 1;) {
      const from = Math.max(1, below - pageEntries);
      const read = await this.#parts.records.range({ prefix, from: keyOf(account, from), limit: below - from });
      // Where older ones are gone, what follows them is read in their place.
      const found = read.map(({ value }) => value as AuditEntry).filter(({ sequence }) => sequence < below);
      if (found.length === 0) return { entries, next: undefined };
      for (const entry of found.toReversed()) {
        if (entry.timeMs < fromMs) return { entries, next: undefined };
        if (entry.timeMs <= untilMs && wanted(entry)) entries.push(entry);
        below = entry.sequence;
        if (entries.length >= limit) return { entries, next: below > 1 ? below : undefined };
      }
      lookedAt += found.length;
    }
    return { entries, next: below > 1 ? below : undefined };
  }

  /** Whether the account's log is as it was written. `expected`: an entry that it is known to have had. */
  async verify(account: AccountId, expected?: Head): Promise<ChainReport> {
    await this.#atMost(this.#writing);
    return verifyChain(this.#each(account), expected);
  }

  /** Entries older than they are kept go; each account's log says so itself. */
  async removeOld(): Promise<void> {
    const untilMs = this.#parts.clock.now() - keptMs;
    for (const account of await this.#accounts()) {
      for (;;) {
        const oldest = await this.#parts.records.range({ prefix: prefixOf(account), limit: removedAtOnce });
        const old = oldest.map(({ value }) => value as AuditEntry).filter(({ timeMs }) => timeMs < untilMs);
        const last = old.at(-1);
        // The head stays, for its hash is what the next one continues.
        if (last === undefined || (await this.#headOf(account)).sequence === last.sequence) break;
        const event = this.#own(account, 'RemoveOldEntries', { count: old.length, until: last.sequence });
        await this.#push(event, { last, keys: old.map(({ sequence }) => keyOf(account, sequence)) });
        if (old.length < oldest.length) break;
      }
    }
  }

  /** Everything that was appended is on disk afterwards, unless the disk refuses it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#tellCounted();
    this.#isClosed = true;
    await this.#writing;
  }

  /** Waits for what is being written, unless the disk takes nothing. */
  async #atMost(written: Promise<void> | undefined): Promise<void> {
    if (written !== undefined) await within(waitMsMax, written, this.#parts.clock);
  }

  #tellCounted(): void {
    const { clock, ids } = this.#parts;
    const counted = this.#counted;
    this.#counted = new Map();
    for (const { event, more } of counted.values())
      if (more > 0) void this.#push({ ...event, id: ids.uuid(), timeMs: clock.now(), count: more });
  }

  #push(event: AuditEvent, removed?: Waiting['removed']): Promise<void> {
    if (this.#waiting.length >= waitingMax) {
      if (this.#dropped === 0)
        this.#parts.onError(
          'the audit log',
          new Error(`more than ${waitingMax} entries wait: later ones are only counted`),
        );
      this.#dropped += 1;
      return Promise.resolve();
    }
    const written = Promise.withResolvers<void>();
    this.#waiting.push({ event, written, ...(removed !== undefined && { removed }) });
    this.#writing ??= this.#write();
    return written.promise;
  }

  /** One transaction at a time: what comes meanwhile goes into the next. */
  async #write(): Promise<void> {
    for (;;) {
      const batch = this.#waiting.splice(0, batchEntriesMax);
      if (batch.length === 0) {
        // Now, and not once this promise has been heard of: what comes in between must find nobody writing.
        this.#writing = undefined;
        return;
      }
      await this.#writeBatch(batch);
      for (const { written } of batch) written.resolve();
      if (this.#dropped > 0 && this.#waiting.length === 0) {
        const lost = this.#dropped;
        this.#dropped = 0;
        for (const account of this.#heads.keys()) void this.#push(this.#own(account, 'EntriesLost', { atMost: lost }));
      }
    }
  }

  async #writeBatch(batch: readonly Waiting[]): Promise<void> {
    for (let hasTold = false; ; hasTold = true) {
      try {
        const heads = new Map<AccountId, Head>();
        const operations: Operation[] = [];
        for (const { event, removed } of batch) {
          const { account } = event;
          const entry = chained(event, heads.get(account) ?? (await this.#headOf(account)), removed?.last);
          heads.set(account, entry);
          operations.push({ kind: 'put', key: keyOf(account, entry.sequence), value: entry });
          for (const key of removed?.keys ?? []) operations.push({ kind: 'delete', key });
        }
        await this.#parts.records.transact(operations);
        for (const [account, { sequence, hash }] of heads) this.#heads.set(account, { sequence, hash });
        return;
      } catch (error) {
        if (!hasTold) this.#parts.onError('the audit log cannot be written, and is tried again until it is', error);
        if (this.#isClosed || !(error instanceof PlatformError && error.code === 'unavailable')) return;
        await new Promise<void>((resolve) => this.#parts.clock.schedule(retryMs, resolve));
      }
    }
  }

  async #headOf(account: AccountId): Promise<Head> {
    const known = this.#heads.get(account);
    if (known !== undefined) return known;
    const [last] = await this.#parts.records.range({ prefix: prefixOf(account), limit: 1, reverse: true });
    const entry = last?.value as AuditEntry | undefined;
    const head = { sequence: entry?.sequence ?? 0, hash: entry?.hash ?? firstPrevious };
    this.#heads.set(account, head);
    return head;
  }

  /** The sequence number of the first entry later than this; one past the end where there is none. Entries are in the order of time. */
  async #firstAfter(account: AccountId, untilMs: number): Promise<number> {
    const { sequence: head } = await this.#headOf(account);
    if (untilMs === Number.POSITIVE_INFINITY) return head + 1;
    let [low, high] = [1, head + 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const [found] = await this.#parts.records.range({
        prefix: prefixOf(account),
        from: keyOf(account, middle),
        limit: 1,
      });
      const entry = found?.value as AuditEntry | undefined;
      if (entry !== undefined && entry.timeMs <= untilMs) low = entry.sequence + 1;
      else high = middle;
    }
    return low;
  }

  async *#each(account: AccountId): AsyncGenerator<AuditEntry> {
    for await (const { value } of scan(this.#parts.records, prefixOf(account))) yield value as AuditEntry;
  }

  async #accounts(): Promise<readonly AccountId[]> {
    const accounts: AccountId[] = [];
    for (let from = 'audit/'; ;) {
      const [next] = await this.#parts.records.range({ prefix: 'audit/', from, limit: 1 });
      const account = next?.key.split('/')[1];
      if (account === undefined) return accounts;
      accounts.push(account as AccountId);
      from = `audit/${account}0`;
    }
  }

  /** What the platform itself has to say. */
  #own(account: AccountId, operation: string, parameters: AuditEvent['parameters']): AuditEvent {
    const { clock, ids } = this.#parts;
    const id = ids.uuid();
    return {
      id,
      timeMs: clock.now(),
      account,
      actor: { kind: 'platform', account, arn: '', accessKeyId: '', name: 'mayfly' },
      service: 'mayfly',
      operation,
      resources: [],
      parameters,
      from: { address: '', userAgent: '' },
      requestId: id,
      result: 'ok',
      isReadOnly: false,
      isData: false,
      count: 1,
    };
  }
}
