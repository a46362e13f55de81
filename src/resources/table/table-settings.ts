/** What a deployment says of a table, and what has to be done about one that is there. Pure. */
import { isDeepStrictEqual } from 'node:util';
import { PlatformError } from '../../util/errors.ts';
import type { NewIndex, TableChange } from './tables.ts';
import {
  attributesOf,
  keyAttributes,
  tableLimits,
  type KeyType,
  type Projection,
  type StreamView,
  type Table,
  type TableKey,
} from './table.ts';

export type TableSettings = {
  readonly key: TableKey;
  /** Global ones. */
  readonly indexes: readonly { readonly name: string; readonly key: TableKey; readonly projection: Projection }[];
  /** The attribute with the time (in seconds since 1970) from which on an item is deleted. */
  readonly expires?: string;
  readonly stream?: StreamView;
};

/** The first attribute that two keys give different types; undefined: there is none. */
export function typedTwice({ key, indexes }: Pick<TableSettings, 'key' | 'indexes'>): string | undefined {
  const types = new Map<string, KeyType>();
  for (const { name, type } of [key, ...indexes.map((index) => index.key)].flatMap(attributesOf)) {
    if ((types.get(name) ?? type) !== type) return name;
    types.set(name, type);
  }
  return undefined;
}

/** Errors: `invalid_argument`. */
export function checkTableSettings({ key, indexes }: TableSettings): void {
  const wrong = (message: string): PlatformError => new PlatformError('invalid_argument', message);
  for (const one of [key, ...indexes.map((index) => index.key)])
    if (one.sort?.name === one.partition.name) throw wrong(`a key has the attribute ${one.partition.name} twice`);
  const twice = typedTwice({ key, indexes });
  if (twice !== undefined) throw wrong(`the attribute ${twice} has two types in keys`);
  if (indexes.length > tableLimits.globalIndexesMax)
    throw wrong(`a table has at most ${tableLimits.globalIndexesMax} indexes`);
}

export const newIndexOf = ({ name, key, projection }: TableSettings['indexes'][number]): NewIndex => ({
  name,
  kind: 'global',
  key,
  projection,
});

/**
 * One after the other, since what is changed is first taken away; empty: it is so already. `formerIndexes`: those that go if they
 * are not wanted any more.
 * Errors: `conflict` for what cannot be changed without losing items.
 */
export function changesTo(table: Table, wanted: TableSettings, formerIndexes: readonly string[]): TableChange[] {
  const cannot = (what: string): PlatformError =>
    new PlatformError(
      'conflict',
      `table '${table.name}' is there with another ${what}, which cannot be changed: give the new one another name`,
      { field: `tables.${table.name}` },
    );
  if (!isDeepStrictEqual(table.key, wanted.key)) throw cannot('key');
  const present = new Map(
    table.indexes.filter(({ state }) => state !== 'deleting').map((index) => [index.name, index]),
  );
  for (const { name, key, projection } of wanted.indexes) {
    const index = present.get(name);
    if (index !== undefined && !isDeepStrictEqual([index.key, index.projection], [key, projection]))
      throw cannot(`index '${name}'`);
  }
  const twice = typedTwice({ key: wanted.key, indexes: [...table.indexes, ...wanted.indexes] });
  if (twice !== undefined && keyAttributes(table).some(({ name }) => name === twice))
    throw cannot(`type of attribute '${twice}'`);
  const newIndexes = wanted.indexes.filter(({ name }) => !present.has(name)).map(newIndexOf);
  const goneIndexes = formerIndexes.filter(
    (name) => present.has(name) && !wanted.indexes.some((index) => index.name === name),
  );
  const view = table.stream?.isOn === true ? table.stream.view : undefined;
  const isStreamOff = view !== undefined && view !== wanted.stream;
  const isExpiryOff = table.expiry !== undefined && table.expiry.attribute !== wanted.expires;
  const first: TableChange = {
    ...(goneIndexes.length > 0 && { goneIndexes }),
    ...(isStreamOff && { stream: 'off' as const }),
    ...(isExpiryOff && { expiry: 'off' as const }),
  };
  const second: TableChange = {
    ...(newIndexes.length > 0 && { newIndexes }),
    ...(wanted.stream !== undefined && view !== wanted.stream && { stream: { view: wanted.stream } }),
    ...(wanted.expires !== undefined &&
      table.expiry?.attribute !== wanted.expires && { expiry: { attribute: wanted.expires } }),
  };
  return [first, second].filter((change) => Object.keys(change).length > 0);
}
