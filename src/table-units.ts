/** What reading and writing of tables came to, told to telemetry by slots of time: items are many, and rows are not to be. */
import type { Table } from './resources/table/table.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import type { Clock, Timer } from './util/clock.ts';
import type { Ids } from './util/ids.ts';

/** A row of the bill is of so long. */
const slotMs = 60 * 60_000;
/** How often it is told: what a crash can lose is the units of this long. */
const tellEveryMs = 1_000;

/** How often what deleted tables came to is let go of: twice looked at, since calls that were under way are counted after the deletion. */
const forgetEveryMs = 60_000;

type Units = { table: Table; slot: number; readUnits: number; writeUnits: number; isGone: boolean };

export type TableUnitsParts = {
  telemetry: Telemetry;
  clock: Clock;
  ids: Ids;
  /** Whether the table has not been deleted. */
  isThere: (table: Table) => boolean;
};

export class TableUnits implements Disposable {
  readonly #parts: TableUnitsParts;
  /** Of this process: another one counts its own, beside it. */
  readonly #counter: string;
  /** By table's id, since its slot began. One for each table that is used. */
  readonly #units = new Map<string, Units>();
  readonly #untold = new Set<string>();
  #timer: Timer | undefined;
  #forgottenMs: number;

  constructor(parts: TableUnitsParts) {
    this.#parts = parts;
    this.#forgottenMs = parts.clock.monotonicMs();
    this.#counter = parts.ids.hex(8);
  }

  /** Of a provisioned table nothing is counted: it is not paid for by request. */
  readonly used = (table: Table, units: { readUnits?: number; writeUnits?: number }): void => {
    if (table.billing.mode !== 'on demand') return;
    const { readUnits = 0, writeUnits = 0 } = units;
    if (readUnits + writeUnits === 0) return;
    const slot = Math.floor(this.#parts.clock.now() / slotMs);
    let counted = this.#units.get(table.id);
    if (counted?.slot !== slot) {
      this.#tell();
      counted = { table, slot, readUnits: 0, writeUnits: 0, isGone: false };
      this.#units.set(table.id, counted);
    }
    counted.readUnits += readUnits;
    counted.writeUnits += writeUnits;
    this.#untold.add(table.id);
    this.#timer ??= this.#parts.clock.schedule(tellEveryMs, () => {
      this.#timer = undefined;
      this.#tell();
    });
  };

  /** Tables of which something is held. */
  get size(): number {
    return this.#units.size;
  }

  /** Tells what is left. */
  [Symbol.dispose](): void {
    this.#timer?.cancel();
    this.#tell();
  }

  #tell(): void {
    for (const id of this.#untold) {
      const counted = this.#units.get(id);
      if (counted === undefined) continue;
      const { table, slot, readUnits, writeUnits } = counted;
      this.#parts.telemetry.emit({
        kind: 'table.used',
        timeMs: slot * slotMs,
        account: table.account,
        table: table.name,
        counter: `${table.id}/${this.#counter}`,
        readUnits,
        writeUnits,
      });
    }
    this.#untold.clear();
    this.#forget();
  }

  #forget(): void {
    const nowMs = this.#parts.clock.monotonicMs();
    if (nowMs - this.#forgottenMs < forgetEveryMs) return;
    this.#forgottenMs = nowMs;
    for (const [id, counted] of this.#units) {
      if (this.#parts.isThere(counted.table)) continue;
      if (counted.isGone) this.#units.delete(id);
      counted.isGone = true;
    }
  }
}
