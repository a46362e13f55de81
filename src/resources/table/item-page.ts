/** What is asked of many items at once, in the order of their keys, and a page of the answer. */
import type { Item } from './attribute-value.ts';
import type { KeyValue } from './key-text.ts';

export type SortCondition =
  | { operator: '=' | '<' | '<=' | '>' | '>=' | 'begins_with'; value: KeyValue }
  | { operator: 'between'; low: KeyValue; high: KeyValue };

export type PageRequest = {
  /** By name; absent: the table itself. Errors: one that does not exist, or is not filled yet. */
  index?: string;
  /** Items that are looked at, at most. */
  limit?: number;
  /** The key (of the table, and of the index) of the item that the page before ended with. */
  after?: Item;
  /** Of a local index: the whole items, also what the index does not have. */
  isWhole?: boolean;
};

export type QueryRequest = PageRequest & { partition: KeyValue; sort?: SortCondition; isReversed?: boolean };

/** `segment` of so many, from 0. */
export type ScanRequest = PageRequest & { segment?: { number: number; of: number } };

/** At most `tableLimits.pageBytesMax`, the item with which it goes over that included. */
export type ItemPage = {
  items: readonly Item[];
  /** Of what was looked at. */
  bytes: number;
  /** Of `isWhole`, beside what `bytes` counts: of each item that was fetched from the table. */
  fetchedBytes: readonly number[];
  /** Where to go on, as `after`; absent: it was the last page. */
  last?: Item;
};
