/**
 * WebhookDeliveries that were accepted, by the sender's own ids, so that one that is sent again (by the sender, who did not hear
 * our answer, or by somebody who listened) is accepted once. Each is written in the transaction that accepts it; the oldest
 * leave in the transactions of newer ones.
 */
import { scan, type Operation, type Records } from '../../store/records.ts';

/** Stripe tries for three days. https://docs.stripe.com/webhooks#retries */
const rememberMs = 3 * 24 * 60 * 60_000;
/** Of all webhooks together: a few megabytes. */
const rememberedMax = 20_000;
/** Two leave for each that comes, at most: what lies around from before goes, and no transaction becomes long. */
const forgottenEachMax = 2;

const prefix = 'webhook-delivery/';

export class WebhookDeliveries {
  /** When they were accepted, the oldest first. */
  readonly #accepted: Map<string, number>;

  private constructor(accepted: Map<string, number>) {
    this.#accepted = accepted;
  }

  static async open({ records }: { records: Records }): Promise<WebhookDeliveries> {
    const found: [string, number][] = [];
    for await (const { key, value } of scan(records, prefix)) {
      found.push([key.slice(prefix.length), (value as { acceptedMs: number }).acceptedMs]);
    }
    return new WebhookDeliveries(new Map(found.toSorted(([, a], [, b]) => a - b)));
  }

  has(id: string): boolean {
    return this.#accepted.has(id);
  }

  /** For the transaction that accepts it, which conflicts where it was accepted meanwhile. */
  operations(id: string, nowMs: number): Operation[] {
    const key = `${prefix}${id}`;
    return [
      { kind: 'check', key, revision: 0 },
      { kind: 'put', key, value: { acceptedMs: nowMs } },
      ...this.#leaving(nowMs).map((old): Operation => ({ kind: 'delete', key: `${prefix}${old}` })),
    ];
  }

  /** That transaction was committed. */
  accepted(id: string, nowMs: number): void {
    for (const old of this.#leaving(nowMs)) this.#accepted.delete(old);
    this.#accepted.set(id, nowMs);
  }

  #leaving(nowMs: number): string[] {
    const leaving: string[] = [];
    for (const [id, acceptedMs] of this.#accepted) {
      const isKept = this.#accepted.size - leaving.length < rememberedMax && nowMs - acceptedMs < rememberMs;
      if (isKept || leaving.length >= forgottenEachMax) break;
      leaving.push(id);
    }
    return leaving;
  }
}
