/**
 * The last step of a delivery, for many at once: what the invocation did is durable in telemetry's sinks (the usage
 * row above all), and only then is its message acknowledged. Whoever comes while one group is being written joins the
 * next group, so the disk is waited for once for all of them.
 */
import type { Log, Outcome } from '../store/log.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

type Waiting = { receipt: string; as: Outcome; resolve: () => void; reject: (cause: unknown) => void };

/** In one acknowledgement: the most that one delivery holds is far below. */
const groupMax = 1_000;

export class Settlements {
  readonly #topic: string;
  readonly #log: Log;
  readonly #telemetry: Telemetry;
  #waiting: Waiting[] = [];
  #writing = false;

  constructor(topic: string, parts: { log: Log; telemetry: Telemetry }) {
    this.#topic = topic;
    this.#log = parts.log;
    this.#telemetry = parts.telemetry;
  }

  /** Resolves once the message is gone. A receipt that is void by then is no error: somebody else has the message. */
  settle(receipt: string, as: Outcome): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ receipt, as, resolve, reject });
      if (!this.#writing) void this.#write();
    });
  }

  async #write(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, groupMax);
      try {
        await this.#telemetry.flush();
        const acknowledged = [...Map.groupBy(group, ({ as }) => as)].map(([as, those]) =>
          this.#log.acknowledge(
            this.#topic,
            those.map(({ receipt }) => receipt),
            { as },
          ),
        );
        await Promise.all(acknowledged);
        for (const { resolve } of group) resolve();
      } catch (cause) {
        for (const { reject } of group) reject(cause);
      }
    }
    this.#writing = false;
  }
}
