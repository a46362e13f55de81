/** Who is told of a table's changes, and keeps them as it likes in the same commit: its stream. */
import type { Operation } from '../../store/records.ts';
import type { Cause } from '../../util/cause.ts';
import type { Item } from './attribute-value.ts';
import type { TableCipher } from './table-cipher.ts';
import type { Table } from './table.ts';

/** `committed` is called once these are on disk, and only then; `refused` where they could not be put there. */
export type PendingChange = { operations: readonly Operation[]; committed(): void; refused?(): void };

export type TableChange = {
  table: Table;
  key: Item;
  /** Of the partition key: hex digits, the same for the same. */
  partition: string;
  before?: Item;
  after?: Item;
  cause: Cause;
  /** Its time was over. */
  byExpiry: boolean;
  cipher: TableCipher;
};

/** All of it is synchronous, and what it answers is given to the store in the same turn. */
export interface TableChanges {
  /** The table's stream is turned on; `label`: never the same twice for a table. Errors: LimitExceededException. */
  start(table: Table, label: string): PendingChange | undefined;
  /** It is turned off, or the table deleted. */
  stop(table: Table): PendingChange | undefined;
  /** Its key is itself sealed otherwise. Undefined: nothing is to be kept. */
  rekeyed(table: Table): PendingChange | undefined;
  /** Of a table whose stream is on. Undefined: nothing is to be kept. */
  changed(change: TableChange): PendingChange | undefined;
}

export const noTableChanges: TableChanges = {
  start: () => undefined,
  stop: () => undefined,
  rekeyed: () => undefined,
  changed: () => undefined,
};
