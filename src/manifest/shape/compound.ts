/** Lists, maps with free keys, objects with known fields, and a choice by what kind of thing is written. */
import type { Found, FoundMap } from '../found.ts';
import { nearest } from '../nearest.ts';
import { refusal, type JsonSchema, type Report, type Shape } from './shape.ts';

/** Items that are not acceptable are reported and left out, so that the rules after it see the rest. */
export function list<Value>(
  item: Shape<Value>,
  options: { accepts: string; itemsMin?: number; itemsMax: number },
): Shape<readonly Value[]> {
  const { accepts, itemsMin = 0, itemsMax } = options;
  return {
    schema: { type: 'array', items: item.schema, ...(itemsMin > 0 ? { minItems: itemsMin } : {}), maxItems: itemsMax },
    accepts,
    read: (found, report) => {
      if (found.kind !== 'list' || found.items.length < itemsMin || found.items.length > itemsMax) {
        report(found, refusal(found, accepts));
        return undefined;
      }
      return found.items.map((entry) => item.read(entry, report)).filter((value) => value !== undefined);
    },
  };
}

/** A map from names that people choose. Entries that are not acceptable are reported and left out. */
export function mapOf<Value>(
  value: Shape<Value>,
  options: {
    key: RegExp;
    keyAccepts: string;
    accepts: string;
    entriesMin?: number;
    entriesMax: number;
    refuseKey?: (key: string) => string | undefined;
  },
): Shape<ReadonlyMap<string, Value>> {
  const { key, keyAccepts, accepts, entriesMin = 0, entriesMax, refuseKey } = options;
  const whole = new RegExp(`^(?:${key.source})$`, 'u');
  return {
    schema: {
      type: 'object',
      propertyNames: { pattern: whole.source },
      additionalProperties: value.schema,
      ...(entriesMin > 0 ? { minProperties: entriesMin } : {}),
      maxProperties: entriesMax,
    },
    accepts,
    read: (found, report) => {
      if (found.kind !== 'map' || found.entries.length < entriesMin || found.entries.length > entriesMax) {
        report(found, refusal(found, accepts));
        return undefined;
      }
      const values = new Map<string, Value>();
      for (const entry of found.entries) {
        const place = { at: entry.keyAt, path: entry.value.path };
        const refused = whole.test(entry.key)
          ? refuseKey?.(entry.key)
          : `${keyAccepts} is accepted as a name, and '${entry.key}' is none`;
        if (refused !== undefined) report(place, refused);
        const read = value.read(entry.value, report);
        if (read !== undefined && refused === undefined) values.set(entry.key, read);
      }
      return values;
    },
  };
}

export type Field<Value> = {
  readonly shape: Shape<Value>;
  readonly schema: JsonSchema;
  /** What the object has when the key is absent, or `required`. */
  readonly absent: 'required' | { readonly value: Value };
  /** How to write it, for the complaint that it is missing. */
  readonly example?: string;
};

export function required<Value>(shape: Shape<Value>, description: string, example: string): Field<Value> {
  return { shape, schema: { ...shape.schema, description }, absent: 'required', example };
}

export function optional<Value>(shape: Shape<Value>, description: string): Field<Value | undefined> {
  return { shape, schema: { ...shape.schema, description }, absent: { value: undefined } };
}

/** `shownDefault`: the default as one would write it in the file. */
export function defaulted<Value>(
  shape: Shape<Value>,
  value: Value,
  shownDefault: unknown,
  description: string,
): Field<Value> {
  return { shape, schema: { ...shape.schema, description, default: shownDefault }, absent: { value } };
}

type FieldValue<Any> = Any extends Field<infer Value> ? Value : never;
export type ObjectOf<Fields> = { readonly [Name in keyof Fields]: FieldValue<Fields[Name]> };

/**
 * An object with known fields. Every key that is not one of them is reported: with the sentence in `hints` (keys in
 * lower case, without `-` and `_`) if there is one, otherwise with the nearest field's name. A field that is not
 * acceptable counts as absent afterwards; undefined only when a required one is.
 */
export function object<Fields extends Readonly<Record<string, Field<unknown>>>>(
  fields: Fields,
  options: { accepts: string; hints?: Readonly<Record<string, string>>; ignore?: RegExp },
): Shape<ObjectOf<Fields>> {
  const { accepts, hints = {}, ignore } = options;
  const names = Object.keys(fields);
  const requiredNames = names.filter((name) => fields[name]?.absent === 'required');
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(names.map((name) => [name, fields[name]?.schema])),
      ...(ignore === undefined ? {} : { patternProperties: { [ignore.source]: {} } }),
      ...(requiredNames.length > 0 ? { required: requiredNames } : {}),
      additionalProperties: false,
    },
    accepts,
    read: (found, report) => {
      if (found.kind !== 'map') {
        report(found, refusal(found, accepts));
        return undefined;
      }
      reportUnknownKeys(found, names, hints, ignore, report);
      return readFields(found, fields, report) as ObjectOf<Fields> | undefined;
    },
  };
}

function readFields(
  found: FoundMap,
  fields: Readonly<Record<string, Field<unknown>>>,
  report: Report,
): Record<string, unknown> | undefined {
  const values: Record<string, unknown> = {};
  let complete = true;
  for (const [name, field] of Object.entries(fields)) {
    const entry = found.entries.find(({ key }) => key === name);
    const read = entry === undefined ? undefined : field.shape.read(entry.value, report);
    if (read !== undefined) {
      values[name] = read;
    } else if (field.absent !== 'required') {
      values[name] = field.absent.value;
    } else {
      complete = false;
      if (entry === undefined) report(found, `${name} is missing; write ${field.example ?? name}`);
    }
  }
  return complete ? values : undefined;
}

function reportUnknownKeys(
  found: FoundMap,
  names: readonly string[],
  hints: Readonly<Record<string, string>>,
  ignore: RegExp | undefined,
  report: Report,
): void {
  for (const { key, keyAt, value } of found.entries) {
    if (names.includes(key) || ignore?.test(key)) continue;
    const place = { at: keyAt, path: value.path };
    const hint = Object.entries(hints).find(([word]) => word === key.toLowerCase().replaceAll(/[-_]/g, ''))?.[1];
    const near = nearest(key, names);
    if (hint !== undefined) report(place, `'${key}' is not a key here: ${hint}`);
    else if (near !== undefined) report(place, `'${key}' is not a key here. Did you mean ${near}?`);
    else report(place, `'${key}' is not a key here; ${names.join(', ')} are accepted`);
  }
}

/** A choice by how it is written: text, a list or a map. */
export function either<Value>(forms: {
  text?: Shape<Value>;
  number?: Shape<Value>;
  flag?: Shape<Value>;
  list?: Shape<Value>;
  map?: Shape<Value>;
}): Shape<Value> {
  const shapes = Object.values(forms);
  const accepts = shapes.map((shape) => shape.accepts).join(', or ');
  const formOf = (found: Found): Shape<Value> | undefined => {
    if (found.kind !== 'scalar') return forms[found.kind];
    if (typeof found.value === 'string') return forms.text;
    if (typeof found.value === 'number') return forms.number ?? forms.text;
    return found.value === null ? undefined : (forms.flag ?? forms.text);
  };
  return {
    schema: { anyOf: shapes.map((shape) => shape.schema) },
    accepts,
    read: (found, report) => {
      const form = formOf(found);
      if (form !== undefined) return form.read(found, report);
      report(found, refusal(found, accepts));
      return undefined;
    },
  };
}

/** A map with exactly one key, which says what it is: `- http: GET /hello`. */
export function tagged<Tags extends Readonly<Record<string, Shape<unknown>>>>(
  tags: Tags,
  options: { accepts: string; hints?: Readonly<Record<string, string>> },
): Shape<
  { [Tag in keyof Tags]: { tag: Tag; value: Tags[Tag] extends Shape<infer Value> ? Value : never } }[keyof Tags]
> {
  type Read = {
    [Tag in keyof Tags]: { tag: Tag; value: Tags[Tag] extends Shape<infer Value> ? Value : never };
  }[keyof Tags];
  const { accepts, hints = {} } = options;
  const names = Object.keys(tags);
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(names.map((name) => [name, tags[name]?.schema])),
      minProperties: 1,
      maxProperties: 1,
      additionalProperties: false,
    },
    accepts,
    read: (found, report) => {
      if (found.kind !== 'map') {
        report(found, refusal(found, accepts));
        return undefined;
      }
      const before = found.entries.filter(({ key }) => names.includes(key));
      reportUnknownKeys(found, names, hints, undefined, report);
      const [entry] = before;
      if (found.entries.length === 0) report(found, refusal(found, accepts));
      if (found.entries.length > 1 && entry !== undefined) {
        report(
          found,
          `one key is accepted in each item, and here are ${found.entries.map(({ key }) => key).join(', ')}; give each a line of its own that begins with -, and indent what belongs under ${entry.key}`,
        );
        return undefined;
      }
      if (entry === undefined) return undefined;
      const value = tags[entry.key]?.read(entry.value, report);
      return value === undefined ? undefined : ({ tag: entry.key, value } as Read);
    },
  };
}
