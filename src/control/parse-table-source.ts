import { sourceLimits, type TableSource } from '../registry/binding.ts';
import { parseEventPattern } from '../resources/event-pattern.ts';
import { parseArn } from '../util/arn.ts';
import { PlatformError } from '../util/errors.ts';
import { refuse } from '../util/field.ts';

const { batchMax, windowMsMax, parallelMax, retriesMax, recordAgeMs, tumblingMs, filtersMax } = sourceLimits;
const destinations = ['sqs', 'sns', 's3'];

/** Changes of a table, of a deployment as it comes over the wire. Throws `invalid_argument`, naming the field. */
export function parseTableSource(source: Readonly<Record<string, unknown>>, field: string): TableSource {
  const { table, startAt, onFailure, filters } = source;
  if (typeof table !== 'string' || !/^[a-zA-Z0-9_.-]{3,255}$/.test(table))
    return refuse(`${field}.table`, table, 'the name of a table');
  if (startAt !== 'oldest' && startAt !== 'latest') return refuse(`${field}.startAt`, startAt, 'oldest, latest');
  if (onFailure !== undefined && !isDestination(onFailure))
    return refuse(`${field}.onFailure`, onFailure, 'the ARN of a queue, a topic or a bucket');
  return {
    kind: 'table',
    table,
    startAt,
    batchMax: whole(source, field, 'batchMax', [1, batchMax]),
    windowMs: whole(source, field, 'windowMs', [0, windowMsMax]),
    parallel: whole(source, field, 'parallel', [1, parallelMax]),
    bisects: flag(source, field, 'bisects'),
    reportsFailures: flag(source, field, 'reportsFailures'),
    ...(source['retriesMax'] !== undefined && { retriesMax: whole(source, field, 'retriesMax', [0, retriesMax]) }),
    ...(source['ageMaxMs'] !== undefined && {
      ageMaxMs: whole(source, field, 'ageMaxMs', [recordAgeMs.min, recordAgeMs.max]),
    }),
    ...(source['tumblingMs'] !== undefined && {
      tumblingMs: whole(source, field, 'tumblingMs', [tumblingMs.min, tumblingMs.max]),
    }),
    ...(filters !== undefined && { filters: patterns(filters, `${field}.filters`) }),
    ...(onFailure !== undefined && { onFailure }),
  };
}

const isDestination = (value: unknown): value is string =>
  typeof value === 'string' && destinations.includes(parseArn(value)?.service ?? '');

function whole(
  source: Readonly<Record<string, unknown>>,
  field: string,
  name: string,
  [min, max]: readonly [number, number],
): number {
  const value = source[name];
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  return refuse(`${field}.${name}`, value, `a whole number from ${min} to ${max}`);
}

function flag(source: Readonly<Record<string, unknown>>, field: string, name: string): boolean {
  const value = source[name];
  return typeof value === 'boolean' ? value : refuse(`${field}.${name}`, value, 'true, false');
}

function patterns(value: unknown, field: string): readonly string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > filtersMax)
    return refuse(field, value, `a list of 1 to ${filtersMax} patterns`);
  return value.map((pattern: unknown, index) => {
    if (typeof pattern !== 'string') return refuse(`${field}[${index}]`, pattern, 'JSON as text');
    try {
      parseEventPattern(pattern);
      return pattern;
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      throw new PlatformError(error.code, `${field}[${index}]: ${error.message}`, { field, cause: error });
    }
  });
}
