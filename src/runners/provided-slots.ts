/** Provisioned concurrency is billed by the slots of time in which environments of a version were kept ready. */
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Clock, Timer } from '../util/clock.ts';
import type { Runner } from './runner.ts';

/** Provisioned concurrency is counted in started slots of this length. https://aws.amazon.com/lambda/pricing/ */
const provisionedSlotMs = 5 * 60_000;

export class ProvidedSlots {
  readonly #options: { clock: Clock; telemetry: Telemetry; runners: () => Iterable<Runner> };
  /** What was last said of a runner's provided environments. */
  readonly #counted = new WeakMap<Runner, { slot: number; count: number }>();
  #nextSlot: Timer | undefined;
  #closed = false;

  constructor(options: { clock: Clock; telemetry: Telemetry; runners: () => Iterable<Runner> }) {
    this.#options = options;
  }

  /** Says how many of a version are kept ready: once for each slot, and again when they are more. */
  count(runner: Runner): void {
    const { clock, telemetry, runners } = this.#options;
    const timeMs = clock.now();
    const slot = Math.floor(timeMs / provisionedSlotMs);
    const { ready: count } = runner.provided;
    const said = this.#counted.get(runner);
    if (count > 0 && (said?.slot !== slot || said.count < count)) {
      this.#counted.set(runner, { slot, count });
      const { account, name: functionName, version, settings } = runner.resolved.version;
      const { memoryMb } = settings;
      telemetry.emit({
        kind: 'environments.provisioned',
        timeMs,
        account,
        functionName,
        version,
        memoryMb,
        count,
        slotMs: provisionedSlotMs,
      });
    }
    if (count === 0 || this.#nextSlot !== undefined || this.#closed) return;
    this.#nextSlot = clock.schedule((slot + 1) * provisionedSlotMs - timeMs, () => {
      this.#nextSlot = undefined;
      for (const one of runners()) this.count(one);
    });
  }

  close(): void {
    this.#closed = true;
    this.#nextSlot?.cancel();
  }
}
