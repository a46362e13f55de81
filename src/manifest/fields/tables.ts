/** Tables that the application has: `orders: { key: customer, at number }` in plain words. */
import type { KeyAttribute, Projection, StreamView, TableKey } from '../../resources/table/table.ts';
import { typedTwice, type TableSettings } from '../../resources/table/table-settings.ts';
import { tableLimits } from '../../resources/table/table.ts';
import { defaulted, either, list, mapOf, object, optional, required } from '../shape/compound.ts';
import { choice, text } from '../shape/scalar.ts';
import { described, refine, type Shape } from '../shape/shape.ts';

const tablesMax = 1_000;

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html */
export const tableNamePattern = /[A-Za-z0-9_.-]{3,255}/;
export const tableNameAccepts = '3 to 255 letters, digits, _, - and .';

const types = { text: 'S', number: 'N', binary: 'B' } as const;
const attributePattern = /[A-Za-z_][A-Za-z0-9_.:-]{0,254}/;
const attribute = text({ pattern: attributePattern, accepts: "an attribute's name" });
const keyPart = `${attributePattern.source}(?: (?:${Object.keys(types).join('|')}))?`;

/** `customer`, `customer, at number` */
const key: Shape<TableKey> = refine(
  described(
    text({
      pattern: new RegExp(`${keyPart}(?:, ?${keyPart})?`),
      accepts:
        'one attribute, or two with a comma between them, each with its type (text, number or binary) where it is not text',
      advise: (written) =>
        /\b(?:string|[snb]|int(?:eger)?|float|hash|range)\b/i.test(written)
          ? 'Write the type as text, number or binary: customer, at number.'
          : undefined,
    }),
    { examples: ['id', 'customer, at number'] },
  ),
  (written, found, report) => {
    const [partition, sort] = written.split(/, ?/).map((part): KeyAttribute => {
      const [name = '', type = 'text'] = part.split(' ');
      return { name, type: types[type as keyof typeof types] };
    });
    if (partition === undefined) return undefined;
    if (sort !== undefined && sort.name === partition.name) {
      report(found, `found '${written}', which has ${sort.name} twice; write two attributes, or one`);
      return undefined;
    }
    return { partition, ...(sort !== undefined && { sort }) };
  },
);

const projection: Shape<Projection> = either<Projection>({
  text: refine(
    choice<'ALL' | 'KEYS_ONLY'>({ words: { all: 'ALL', keys: 'KEYS_ONLY' }, accepts: 'all or keys' }),
    (kind) => ({ kind }),
  ),
  list: refine(
    list(attribute, {
      accepts: "a list of attributes' names",
      itemsMin: 1,
      itemsMax: tableLimits.globalIndexesMax,
    }),
    (attributes) => ({ kind: 'INCLUDE', attributes }),
  ),
});

const all: Projection = { kind: 'ALL' };

const index = either<{ key: TableKey; projection: Projection }>({
  text: refine(key, (of) => ({ key: of, projection: all })),
  map: refine(
    object(
      {
        key: required(key, 'The attributes that it is read by.', 'key: status, at number'),
        attributes: defaulted(
          projection,
          all,
          'all',
          'What of an item is in it: all, keys, or a list of attributes beside the keys.',
        ),
      },
      {
        accepts: 'a map of key and attributes',
        hints: { projection: 'it is called attributes: all, keys or a list', name: 'the key above is the name' },
      },
    ),
    (written) => ({ key: written.key, projection: written.attributes }),
  ),
});

const stream = choice<StreamView>({
  words: { keys: 'KEYS_ONLY', new: 'NEW_IMAGE', old: 'OLD_IMAGE', 'new and old': 'NEW_AND_OLD_IMAGES' },
  accepts: 'keys, new, old, or new and old',
});

const settings = refine(
  object(
    {
      key: required(
        key,
        'The attribute by which an item is found; with a second one, items of the same first are in its order.',
        'key: customer, at number',
      ),
      indexes: defaulted(
        mapOf(index, {
          key: tableNamePattern,
          keyAccepts: tableNameAccepts,
          accepts: 'a map of names and keys',
          entriesMax: tableLimits.globalIndexesMax,
        }),
        new Map<string, { key: TableKey; projection: Projection }>(),
        {},
        'Other keys by which items are found: a name and a key for each.',
      ),
      expires: optional(
        attribute,
        'The attribute with the time, in seconds since 1970, from which on an item is deleted.',
      ),
      stream: optional(stream, 'What its stream has of each change; without it there is no stream.'),
    },
    {
      accepts: 'a map of key, indexes, expires and stream',
      hints: {
        name: 'the key above is the name',
        ttl: 'it is called expires: ATTRIBUTE',
        timetolive: 'it is called expires: ATTRIBUTE',
        hash: 'write key: ATTRIBUTE',
        partition: 'write key: ATTRIBUTE',
        partitionkey: 'write key: ATTRIBUTE',
        range: 'write key: FIRST, SECOND',
        sort: 'write key: FIRST, SECOND',
        sortkey: 'write key: FIRST, SECOND',
        keyschema: 'write key: FIRST, SECOND number',
        index: 'it is called indexes, a map of names and keys',
        globalsecondaryindexes: 'it is called indexes, a map of names and keys',
        billingmode: 'it is always paid for by request. Remove it',
      },
    },
  ),
  (written, found, report): TableSettings | undefined => {
    const { expires, stream: view } = written;
    const made: TableSettings = {
      key: written.key,
      indexes: [...written.indexes].map(([name, one]) => ({ name, ...one })),
      ...(expires !== undefined && { expires }),
      ...(view !== undefined && { stream: view }),
    };
    const twice = typedTwice(made);
    if (twice === undefined) return made;
    report(found, `the attribute ${twice} has two types in keys; write the same one everywhere`);
    return undefined;
  },
);

export const tables = mapOf(
  either<TableSettings>({ text: refine(key, (of) => ({ key: of, indexes: [] })), map: settings }),
  {
    key: tableNamePattern,
    keyAccepts: tableNameAccepts,
    accepts: 'a map of names and keys',
    entriesMax: tablesMax,
  },
);
