/** The language of CloudEvents' filters, for who keeps them and for who reads a manifest. Pure. */
import { never } from '../util/assert.ts';
import { PlatformError } from '../util/errors.ts';
import { isObject } from '../util/field.ts';
import { cloudEventLimits, type CloudEventFilter } from './cloudevent-source.ts';

const kinds = ['exact', 'prefix', 'suffix', 'all', 'any', 'not'] as const;

/** A list of filters, all of which must match, as JSON. Throws `invalid_argument`. */
export function parseCloudEventFilter(json: string): CloudEventFilter {
  if (json.length > cloudEventLimits.filterLengthMax)
    throw wrong(`it has ${json.length} characters; at most ${cloudEventLimits.filterLengthMax} are accepted`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw wrong('it is no JSON');
  }
  return { kind: 'all', filters: filtersOf(parsed, 'filter', 0) };
}

const wrong = (why: string): PlatformError => new PlatformError('invalid_argument', `the filter is wrong: ${why}`);

function filtersOf(value: unknown, name: string, depth: number): CloudEventFilter[] {
  if (!Array.isArray(value) || value.length === 0) throw wrong(`${name} takes a list of at least one filter`);
  return value.map((one: unknown) => filterOf(one, depth + 1));
}

function filterOf(value: unknown, depth: number): CloudEventFilter {
  const { filterDepthMax } = cloudEventLimits;
  if (depth > filterDepthMax) throw wrong(`at most ${filterDepthMax} filters within one another are accepted`);
  const entries = isObject(value) ? Object.entries(value) : [];
  const [[name, of] = ['', undefined]] = entries;
  const kind = kinds.find((one) => one === name);
  if (kind === undefined || entries.length !== 1)
    throw wrong(`${JSON.stringify(value).slice(0, 80)} is none; a map with one of ${kinds.join(', ')} is`);
  switch (kind) {
    case 'exact':
    case 'prefix':
    case 'suffix':
      return { kind, attributes: attributesOf(of, kind) };
    case 'all':
    case 'any':
      return { kind, filters: filtersOf(of, kind, depth) };
    case 'not':
      return { kind, filter: filterOf(of, depth + 1) };
    default:
      return never(kind);
  }
}

function attributesOf(value: unknown, kind: string): Record<string, string> {
  const entries = isObject(value) ? Object.entries(value) : [];
  if (entries.length === 0) throw wrong(`${kind} takes a map from attributes to texts`);
  return Object.fromEntries(
    entries.map(([name, text]) => {
      if (!/^[a-z0-9]+$/.test(name)) throw wrong(`'${name}' is no name of an attribute`);
      if (typeof text !== 'string' || text === '') throw wrong(`${kind} of ${name} is no text, or an empty one`);
      return [name, text];
    }),
  );
}
