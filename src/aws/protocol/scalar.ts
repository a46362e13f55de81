/** Scalars as text: numbers, booleans and timestamps in headers, queries, labels, elements and attributes. */
import { PlatformError } from '../../util/errors.ts';
import type { Shape } from './shape.ts';

export type TimestampFormat = 'dateTime' | 'httpDate' | 'epochSeconds';

/** A member's own format, or the one that its place on the wire has by default. */
export function timestampFormat(type: 'timestamp' | TimestampFormat, byDefault: TimestampFormat): TimestampFormat {
  return type === 'timestamp' ? byDefault : type;
}

function invalid(field: string, text: string, accepted: string): PlatformError {
  const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  return new PlatformError('invalid_argument', `${field} is '${shown}': expected ${accepted}`, { field });
}

/** JSON's grammar, and the three names that Smithy gives to what JSON has no literal for. */
export function parseNumber(text: string, field: string): number {
  const trimmed = text.trim();
  if (/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(trimmed)) return Number(trimmed);
  if (trimmed === 'NaN') return Number.NaN;
  if (trimmed === 'Infinity') return Number.POSITIVE_INFINITY;
  if (trimmed === '-Infinity') return Number.NEGATIVE_INFINITY;
  throw invalid(field, text, 'a number');
}

function parseBigInteger(text: string, field: string): bigint {
  if (!/^\s*[+-]?\d{1,1000}\s*$/.test(text)) throw invalid(field, text, 'a whole number of at most 1,000 digits');
  return BigInt(text.trim());
}

function parseBoolean(text: string, field: string): boolean {
  switch (text.trim().toLowerCase()) {
    case 'true':
      return true;
    case 'false':
      return false;
    default:
      throw invalid(field, text, 'true or false');
  }
}

/** White space is passed over. Not with a pattern: of a function's code, 70 MB, that took longer than all else together. */
export function parseBlob(text: string, field: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    throw invalid(field, text, 'base64');
  }
}

/** RFC 3339, with a space or a zone's offset tolerated. */
const dateTimePattern = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:?\d{2})$/;

/** Each place accepts every format, because clients are not all as exact as the standard. */
export function parseTimestamp(text: string, field: string): Date {
  const trimmed = text.trim();
  const date = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(trimmed)
    ? new Date(Math.round(Number(trimmed) * 1000))
    : dateTimePattern.test(trimmed) || /GMT$|^[A-Z][a-z]+[ ,]/.test(trimmed)
      ? new Date(trimmed)
      : undefined;
  if (date === undefined || Number.isNaN(date.getTime()))
    throw invalid(field, text, 'a time, such as 2026-01-31T12:00:00Z');
  return date;
}

export function formatTimestamp(date: Date, format: TimestampFormat): string {
  switch (format) {
    case 'dateTime':
      return date.toISOString();
    case 'httpDate':
      return date.toUTCString();
    case 'epochSeconds':
      return String(date.getTime() / 1000);
  }
}

export function formatNumber(value: number | bigint): string {
  return String(value);
}

/** What `shape` is, from the text of an element, an attribute, a header, a label or a parameter. */
export function parseScalar(shape: Shape, text: string, field: string): unknown {
  switch (shape.type) {
    case 'string':
    case 'bigDecimal':
      return text;
    case 'number':
      return parseNumber(text, field);
    case 'bigInteger':
      return parseBigInteger(text, field);
    case 'boolean':
      return parseBoolean(text, field);
    case 'blob':
      return parseBlob(text, field);
    case 'timestamp':
    case 'dateTime':
    case 'httpDate':
    case 'epochSeconds':
      return parseTimestamp(text, field);
    case 'document':
    case 'unit':
    case 'structure':
    case 'list':
    case 'map':
      throw new PlatformError('invalid_argument', `${field} cannot be text`, { field });
  }
}
