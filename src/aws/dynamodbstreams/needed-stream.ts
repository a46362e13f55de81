import { parseStreamArn } from '../../events/table-notification.ts';
import type { Shard, Stream } from '../../resources/stream/shard.ts';
import type { TableStreams } from '../../resources/stream/table-streams.ts';
import type { Table } from '../../resources/table/table.ts';
import type { Clock } from '../../util/clock.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext } from '../service.ts';

export type StreamsParts = {
  tableStreams: TableStreams;
  /** Rejects where the caller may not use the key of KMS that the table is encrypted with, or nobody can. */
  unlock: (context: AwsContext, table: Pick<Table, 'id' | 'cipherKey'>) => Promise<void> | undefined;
  clock: Clock;
};

/** Errors: ValidationException, ResourceNotFoundException. */
export function neededStream(
  { tableStreams }: Pick<StreamsParts, 'tableStreams'>,
  { region }: Pick<AwsContext, 'region'>,
  arn: string,
): Stream {
  const name = parseStreamArn(arn);
  if (name === undefined) throw invalid('Invalid StreamArn');
  const stream = name.region === region ? tableStreams.streams.get(name.account, name.table, name.label) : undefined;
  if (stream === undefined) throw resourceNotFound(`Stream: ${arn} not found`);
  return stream;
}

/** Errors: ResourceNotFoundException. */
export function neededShard({ shards }: Stream, id: string): Shard {
  const shard = shards.find((one) => one.id === id);
  if (shard === undefined) throw resourceNotFound('Shard does not exist');
  return shard;
}

const resourceNotFound = (what: string): PlatformError =>
  new PlatformError('not_found', `Requested resource not found: ${what}`, { reason: 'ResourceNotFoundException' });

export const invalid = (message: string): PlatformError =>
  new PlatformError('invalid_argument', message, { reason: 'ValidationException' });

/** That of a stream which is not there as well; the whole account's where it is no ARN. */
export const streamAccess = (action: string, arn = '') => [
  { action: `dynamodb:${action}`, resource: parseStreamArn(arn) === undefined ? '*' : arn },
];
