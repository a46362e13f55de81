/** What changes items, and what comes of it: the table is handed functions, and knows no expression. */
import type { Operation } from '../../store/records.ts';
import type { Cause } from '../../util/cause.ts';
import type { PlatformError } from '../../util/errors.ts';
import type { Item } from './attribute-value.ts';
import type { Table } from './table.ts';

/** `keep`: as it was, and counted as written. A thrown PlatformError is a refusal. */
export type Decision =
  | { kind: 'put'; item: Item }
  | { kind: 'delete' }
  | { kind: 'keep' }
  | { kind: 'refuse'; why: PlatformError };

export type ItemChange = {
  table: Table;
  /** The attributes of the table's key, and nothing else. */
  key: Item;
  /** Pure; called once, while nobody else changes the item. */
  decide: (before: Item | undefined) => Decision;
};

export type WriteOptions = {
  cause: Cause;
  /** Records of the caller's own, in the same commit. */
  alongside?: readonly Operation[];
  /** Its time was over. */
  byExpiry?: true;
};

/** Write units, not those of a transaction, which are twice these. `indexes`: by name, of those that were written to. */
export type WriteUnits = { table: number; indexes: Readonly<Record<string, number>> };

export type ItemWritten = { before?: Item; after?: Item; units: WriteUnits };

export type ItemRefused = { why: PlatformError; before?: Item };

/** All or none, in the order of the changes. */
export type Written =
  | { status: 'written'; changes: readonly ItemWritten[] }
  /** Undefined: nothing speaks against that one. */
  | { status: 'refused'; refusals: readonly (ItemRefused | undefined)[] };
