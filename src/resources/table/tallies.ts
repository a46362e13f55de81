/** How many items each table has, and each of its indexes, and how large they are: kept in the commits that change it. */
import { scan, type Operation, type Records } from '../../store/records.ts';

export type Count = { items: number; bytes: number };

/** `indexes`: by id. */
export type Tally = Count & { indexes: Readonly<Record<string, Count>> };

/** What a commit adds, or takes away. `index`: its id; absent: of the table itself. */
export type Difference = Count & { index?: string };

const prefix = 'table-tally/';
const nothing: Tally = { items: 0, bytes: 0, indexes: {} };

export class Tallies {
  readonly #tallies = new Map<string, Tally>();

  static async open(records: Records): Promise<Tallies> {
    const tallies = new Tallies();
    for await (const { key, value } of scan(records, prefix))
      tallies.#tallies.set(key.slice(prefix.length), value as Tally);
    return tallies;
  }

  of(tableId: string): Tally {
    return this.#tallies.get(tableId) ?? nothing;
  }

  /** Counted from now on; what is answered goes into the commit. `revert`: where that did not come about. */
  add(tableId: string, differences: readonly Difference[]): Operation[] {
    if (differences.length === 0) return [];
    const { indexes, ...own } = this.of(tableId);
    const counted = { ...own, indexes: { ...indexes } };
    for (const { index, items, bytes } of differences) {
      const count = index === undefined ? counted : (counted.indexes[index] ?? { items: 0, bytes: 0 });
      const next = { items: Math.max(0, count.items + items), bytes: Math.max(0, count.bytes + bytes) };
      if (index === undefined) Object.assign(counted, next);
      else counted.indexes[index] = next;
    }
    this.#tallies.set(tableId, counted);
    return [{ kind: 'put', key: prefix + tableId, value: counted }];
  }

  revert(tableId: string, differences: readonly Difference[]): void {
    this.add(
      tableId,
      differences.map(({ items, bytes, ...of }) => ({ ...of, items: -items, bytes: -bytes })),
    );
  }

  /** An index is gone, or begun anew. */
  dropIndex(tableId: string, index: string): Operation[] {
    const { indexes, ...own } = this.of(tableId);
    const { [index]: _, ...left } = indexes;
    const counted = { ...own, indexes: left };
    this.#tallies.set(tableId, counted);
    return [{ kind: 'put', key: prefix + tableId, value: counted }];
  }

  drop(tableId: string): Operation[] {
    this.#tallies.delete(tableId);
    return [{ kind: 'delete', key: prefix + tableId }];
  }
}
