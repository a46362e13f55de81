/**
 * What a table is, apart from its items.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.CoreComponents.html
 */
import type { AccountId } from '../../util/ids.ts';
import type { StoredTableKey } from './table-cipher.ts';

export type KeyType = 'S' | 'N' | 'B';
export type KeyAttribute = { readonly name: string; readonly type: KeyType };
export type TableKey = { readonly partition: KeyAttribute; readonly sort?: KeyAttribute };

/** What of an item lies in an index, beside the keys of both. */
export type Projection =
  | { readonly kind: 'ALL' }
  | { readonly kind: 'KEYS_ONLY' }
  | { readonly kind: 'INCLUDE'; readonly attributes: readonly string[] };

/** Units a second. */
export type Throughput = { readonly readUnits: number; readonly writeUnits: number };

export type TableIndex = {
  readonly name: string;
  /** Where its entries are; another one for each life of an index. */
  readonly id: string;
  readonly kind: 'global' | 'local';
  readonly key: TableKey;
  readonly projection: Projection;
  /** `filling`: made for a table that has items, and not through them yet: written to, and not read. */
  readonly state: 'active' | 'filling' | 'deleting';
  /** Of a provisioned table's global index. */
  readonly throughput?: Throughput;
};

export type StreamView = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

export type Billing = { readonly mode: 'on demand' } | ({ readonly mode: 'provisioned' } & Throughput);

export type TableClass = 'STANDARD' | 'STANDARD_INFREQUENT_ACCESS';

/** With a key of KMS; absent: the platform's own. */
export type TableEncryption = { readonly keyArn: string };

export type Table = {
  readonly account: AccountId;
  readonly name: string;
  /** A UUID; another one for each life of the table. */
  readonly id: string;
  /** The deployment that owns it; absent: made through an API. */
  readonly application?: string;
  readonly createdMs: number;
  readonly key: TableKey;
  /** By name, the local ones first. */
  readonly indexes: readonly TableIndex[];
  readonly billing: Billing;
  /** When it was last changed to be paid for by request. */
  readonly onDemandSinceMs?: number;
  readonly tableClass?: TableClass;
  /** Cannot be deleted while it is so. */
  readonly isProtected: boolean;
  /** The stream that it has; `label` is that of the latest also when it is off. */
  readonly stream?: { readonly label: string; readonly view: StreamView; readonly isOn: boolean };
  /** The attribute with the time (in seconds since 1970) from which on an item is deleted. `isFilled`: also the items from before are known by it; `id`: another one each time that it is turned on. */
  readonly expiry?: { readonly attribute: string; readonly isFilled: boolean; readonly id?: string };
  readonly tags: Readonly<Record<string, string>>;
  /** A policy document. */
  readonly resourcePolicy?: { readonly policy: string; readonly revision: string };
  readonly encryption?: TableEncryption;
  /** What its items are sealed with, itself sealed. */
  readonly cipherKey: StoredTableKey;
};

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
export const tableLimits = {
  /** Of one account and region. */
  tablesMax: 2_500,
  localIndexesMax: 5,
  globalIndexesMax: 20,
  /** Of all indexes together that name them; those that project everything do not count. */
  projectedAttributesMax: 100,
  tagsMax: 50,
  policyBytesMax: 20_480,
  partitionKeyBytesMax: 2_048,
  sortKeyBytesMax: 1_024,
  /** Of one page of a query or scan, before anything is filtered out. */
  pageBytesMax: 1024 * 1024,
  /** Of a transaction. */
  changesMax: 100,
} as const;

export const tableArn = (region: string, { account, name }: Pick<Table, 'account' | 'name'>): string =>
  `arn:aws:dynamodb:${region}:${account}:table/${name}`;

export const indexArn = (region: string, table: Pick<Table, 'account' | 'name'>, index: string): string =>
  `${tableArn(region, table)}/index/${index}`;

export const streamArn = (region: string, table: Pick<Table, 'account' | 'name'>, label: string): string =>
  `${tableArn(region, table)}/stream/${label}`;

/** All that are part of a key, of the table or of one of its indexes, each once. */
export function keyAttributes({ key, indexes }: Pick<Table, 'key' | 'indexes'>): readonly KeyAttribute[] {
  const all = [key, ...indexes.map((index) => index.key)].flatMap(attributesOf);
  return [...new Map(all.map((attribute) => [attribute.name, attribute])).values()];
}

export const attributesOf = ({ partition, sort }: TableKey): readonly KeyAttribute[] =>
  sort === undefined ? [partition] : [partition, sort];
