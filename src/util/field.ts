/** Checks of data that came from outside, for the parsers at the edges: each names the field, its value, and what is accepted. */
import { PlatformError } from './errors.ts';

/** Longer values say no more to the reader. */
const shownCharactersMax = 80;

/** Throws `invalid_argument`: `functions.hello.settings.memoryMb is "128"; accepted: a whole number from 128 to 10240`. */
export function refuse(field: string, value: unknown, accepted: string): never {
  const shown = value === undefined ? 'missing' : JSON.stringify(value).slice(0, shownCharactersMax);
  throw new PlatformError('invalid_argument', `${field} is ${shown}; accepted: ${accepted}`, { field });
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `bounds`: both inclusive. */
export function wholeNumber(value: unknown, field: string, [min, max]: readonly [min: number, max: number]): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    refuse(field, value, `a whole number from ${min} to ${max}`);
  }
  return value;
}
