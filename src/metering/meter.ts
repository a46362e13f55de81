/**
 * Metering: a sink of telemetry that keeps one usage row for each settled attempt, and the bill made of them. Nobody
 * calls it to record. Rows are written in batches, just after the answer; `flush` is for those who must know that a row
 * is on disk before they go on (events/, before an event is acknowledged).
 */
import { scan, type Operation, type Records } from '../store/records.ts';
import type { Sink, TelemetryEvent } from '../telemetry/telemetry.ts';
import type { Clock } from '../util/clock.ts';
import { PlatformError, messageOf } from '../util/errors.ts';
import type { AccountId } from '../util/ids.ts';
import { limits } from '../util/limits.ts';
import { within } from '../util/within.ts';
import { makeBill, type Bill } from './bill.ts';
import { defaultPlan, planOf, type PlanName } from './plans.ts';
import { isMetered, meteredKinds, meteringOperations, rowsOfMonth, rowsOfRequest, type Metered } from './usage-pack.ts';
import { keptPrefix, tablePrefix, type KeptRow, type TableRow, type UsageRow } from './usage-row.ts';

export type MeterOptions = {
  records: Records;
  clock: Clock;
  /** What the operator should know: rows that cannot be written, or had to be dropped. */
  onError: (message: string) => void;
};

/** How long a row may wait for others. What a crash can lose is the rows of synchronous invocations of this long. */
const batchMs = 20;
const batchRowsMax = 1_000;
/** Rows that wait while the store refuses: about 150 MB. Beyond, new ones are dropped, counted and reported. */
const waitingMax = 200_000;
/** After a refused write: the first wait, doubled each time, and the longest. */
const retryMsMin = 100;
const retryMsMax = 5_000;
/** How long a look at the rows waits for those that are on their way: longer than a disk takes that works. */
const readWaitMs = 2_000;

/** How far back a request is looked for. */
const monthsBack = 24;

type Waiter = { upTo: number; resolve: () => void };

export class Meter implements Sink {
  readonly kinds = meteredKinds;
  readonly #options: MeterOptions;
  #waiting: Metered[] = [];
  /** What the store has refused, and may have kept all the same: exactly that is tried again. */
  #refused: { operations: Operation[]; events: number } | undefined;
  #taken = 0;
  #settled = 0;
  #dropped = 0;
  #scheduled = false;
  #writing = false;
  #waiters: Waiter[] = [];

  constructor(options: MeterOptions) {
    this.#options = options;
  }

  take(event: TelemetryEvent): void {
    if (!isMetered(event)) return;
    if (this.#waiting.length + (this.#refused?.events ?? 0) >= waitingMax) {
      if (this.#dropped === 0)
        this.#options.onError(
          `the store has refused usage rows for so long that new ones are dropped (more than ${waitingMax} wait)`,
        );
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(event);
    this.#taken += 1;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#writing) return;
    this.#scheduled = true;
    this.#options.clock.schedule(batchMs, () => {
      this.#scheduled = false;
      void this.#write();
    });
  }

  flush(): Promise<void> {
    if (this.#settled === this.#taken) return Promise.resolve();
    const upTo = this.#taken;
    void this.#write();
    return new Promise((resolve) => this.#waiters.push({ upTo, resolve }));
  }

  /** Rows of a month (`2026-01`, UTC), about in the order of their requests: all taken so far, unless the store refuses them just now. */
  async *usage({ account, month }: { account: AccountId; month: string }): AsyncGenerator<UsageRow> {
    if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) {
      throw new PlatformError(
        'invalid_argument',
        `month '${month}' is not one: a year and a month such as 2026-01 are accepted`,
        {
          field: 'month',
        },
      );
    }
    await this.#written();
    yield* rowsOfMonth(this.#options.records, account, month);
  }

  /** The attempts of one request, in order: of the newest of the last `monthsBack` months that has any. Empty: it is not known. */
  async attempts(account: AccountId, requestId: string): Promise<UsageRow[]> {
    await this.#written();
    const now = new Date(this.#options.clock.now());
    for (let back = 0; back < monthsBack; back += 1) {
      const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back)).toISOString().slice(0, 7);
      const of = { account, month, requestId, limit: limits.attemptsMax };
      const rows = await rowsOfRequest(this.#options.records, of);
      if (rows.length > 0) return rows.sort((a, b) => a.attempt - b.attempt);
    }
    return [];
  }

  bill({ account, month, plan = defaultPlan }: { account: AccountId; month: string; plan?: PlanName }): Promise<Bill> {
    // The rows first: they check the month, and wait for what is on its way.
    const sources = {
      rows: this.usage({ account, month }),
      kept: this.#kept(account, month),
      tables: this.#tables(account, month),
    };
    return makeBill(sources, { account, month, plan: planOf(plan) });
  }

  /** What has been taken is on disk, unless the store refuses it just now. */
  async #written(): Promise<void> {
    await within(readWaitMs, this.flush(), this.#options.clock);
  }

  async *#tables(account: AccountId, month: string): AsyncGenerator<TableRow> {
    for await (const { value } of scan(this.#options.records, tablePrefix(account, month))) yield value as TableRow;
  }

  async *#kept(account: AccountId, month: string): AsyncGenerator<KeptRow> {
    for await (const { value } of scan(this.#options.records, keptPrefix(account, month))) yield value as KeptRow;
  }

  /**
   * One at a time: what comes meanwhile goes into the next batch. Goes on as long as somebody waits for it or it is
   * behind; otherwise the next batch has its time to fill, for a commit costs the same whatever is in it.
   */
  async #write(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    let retryMs = retryMsMin;
    let isUrgent = true;
    while (this.#isBehind && isUrgent) {
      const { operations, events } = this.#refused ?? this.#nextBatch();
      this.#refused = undefined;
      try {
        await this.#options.records.transact(operations);
        retryMs = retryMsMin;
        this.#done(events);
        isUrgent = this.#waiters.length > 0 || this.#waiting.length >= batchRowsMax;
      } catch (error) {
        const reason = messageOf(error);
        if (!(error instanceof PlatformError && error.code === 'unavailable')) {
          // A bug of ours, and trying again would keep every later row from the disk.
          this.#options.onError(`${events} usage rows are lost, because the store does not accept them: ${reason}`);
          this.#done(events);
          continue;
        }
        if (retryMs === retryMsMin) {
          this.#options.onError(`usage rows cannot be written, and are tried again until they are: ${reason}`);
        }
        this.#refused = { operations, events };
        const waitMs = retryMs;
        retryMs = Math.min(retryMsMax, retryMs * 2);
        await new Promise<void>((resolve) => this.#options.clock.schedule(waitMs, resolve));
      }
    }
    if (this.#dropped > 0)
      this.#options.onError(`${this.#dropped} usage rows were dropped while the store refused them`);
    this.#dropped = 0;
    this.#writing = false;
    if (this.#isBehind) this.#schedule();
  }

  get #isBehind(): boolean {
    return this.#refused !== undefined || this.#waiting.length > 0;
  }

  #nextBatch(): { operations: Operation[]; events: number } {
    const events = this.#waiting.splice(0, batchRowsMax);
    return { operations: meteringOperations(events), events: events.length };
  }

  #done(rows: number): void {
    this.#settled += rows;
    while (this.#waiters[0] !== undefined && this.#waiters[0].upTo <= this.#settled) this.#waiters.shift()?.resolve();
  }
}
