/**
 * Receives of FIFO queues that were named by their caller: asked again under the same name within five minutes, as
 * after an answer that was lost, they answer the same messages instead of others. Only while nothing was done to one
 * of these. Kept in memory: after a restart the messages come back with their visibility time-out.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-receiverequestattemptid-request-parameter.html
 */
import type { Clock } from '../../util/clock.ts';
import type { QueueMessage } from '../queue-message.ts';

/** Same page. */
const rememberedMs = 300_000;
/** Five minutes of thirty-odd receives a second; the oldest are forgotten first. */
const attemptsMax = 10_000;

type Attempt = { messages: readonly QueueMessage[]; endMs: number };

export class ReceiveAttempts {
  readonly #clock: Clock;
  /** Oldest first. */
  readonly #attempts = new Map<string, Attempt>();
  readonly #byReceipt = new Map<string, string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(topic: string, id: string): readonly QueueMessage[] | undefined {
    const attempt = this.#attempts.get(keyOf(topic, id));
    return attempt !== undefined && attempt.endMs > this.#clock.monotonicMs() ? attempt.messages : undefined;
  }

  keep(topic: string, id: string, messages: readonly QueueMessage[]): void {
    const key = keyOf(topic, id);
    this.#forget(key);
    const nowMs = this.#clock.monotonicMs();
    for (const [oldest, { endMs }] of this.#attempts) {
      if (endMs > nowMs && this.#attempts.size < attemptsMax) break;
      this.#forget(oldest);
    }
    this.#attempts.set(key, { messages, endMs: nowMs + rememberedMs });
    for (const { receipt } of messages) this.#byReceipt.set(receipt, key);
  }

  /** Something was done to the message of this receipt. */
  changed(receipt: string): void {
    const key = this.#byReceipt.get(receipt);
    if (key !== undefined) this.#forget(key);
  }

  #forget(key: string): void {
    for (const { receipt } of this.#attempts.get(key)?.messages ?? []) this.#byReceipt.delete(receipt);
    this.#attempts.delete(key);
  }
}

const keyOf = (topic: string, id: string): string => `${topic} ${id}`;
