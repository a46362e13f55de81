/**
 * One definition of what a manifest may say. A shape both reads a value (with a complaint at its place when it is not
 * acceptable) and describes itself as JSON Schema, so that what editors accept and what we accept cannot drift apart.
 */
import type { Position } from '../complaint.ts';
import type { Found } from '../found.ts';

/** JSON Schema, draft 7: the newest that the editors' YAML server reads in full. */
export type JsonSchema = { readonly [key: string]: unknown };

export type Report = (place: { at: Position; path: string }, message: string) => void;

export type Shape<Value> = {
  readonly schema: JsonSchema;
  /** Ends the sentence `… is accepted`: `a whole number of MB from 128 to 10240`. */
  readonly accepts: string;
  /** Undefined: not acceptable, and reported. */
  readonly read: (found: Found, report: Report) => Value | undefined;
};

export type ValueOf<Any> = Any extends Shape<infer Value> ? Value : never;

/** What was found, for people: `'256MB'`, `512`, `a list`. */
function shown(found: Found): string {
  if (found.kind === 'list') return found.items.length === 0 ? 'an empty list' : 'a list';
  if (found.kind === 'map')
    return found.entries.length === 0
      ? 'an empty map'
      : `a map (${found.entries
          .map(({ key }) => key)
          .slice(0, 4)
          .join(', ')})`;
  if (found.value === null) return 'nothing';
  return typeof found.value === 'string' ? `'${clip(found.value)}'` : clip(found.text);
}

/** Longer values say no more to the reader. */
const shownCharactersMax = 80;

function clip(text: string): string {
  return text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : text;
}

/** `found '256MB'; a whole number of MB from 128 to 10240 is accepted. Write 256.` */
export function refusal(found: Found, accepts: string, advice?: string): string {
  return `found ${shown(found)}; ${accepts} is accepted${advice === undefined ? '' : `. ${advice}`}`;
}

/** The shape with a further step after reading. `step` reports what it does not accept and answers undefined. */
export function refine<From, To>(
  shape: Shape<From>,
  step: (value: From, found: Found, report: Report) => To | undefined,
): Shape<To> {
  return {
    schema: shape.schema,
    accepts: shape.accepts,
    read: (found, report) => {
      const value = shape.read(found, report);
      return value === undefined ? undefined : step(value, found, report);
    },
  };
}

/** The shape with further keywords in its schema: a description and examples for editors, a condition. */
export function described<Value>(shape: Shape<Value>, notes: JsonSchema): Shape<Value> {
  return { ...shape, schema: { ...shape.schema, ...notes } };
}

/** The value together with where it stands, for rules that compare one part of a manifest with another. */
export function placed<Value>(shape: Shape<Value>): Shape<{ value: Value; found: Found }> {
  return refine(shape, (value, found) => ({ value, found }));
}
