import type { Shard, Stream } from '../../resources/stream/shard.ts';
import type { TableStreams } from '../../resources/stream/table-streams.ts';
import { streamArn } from '../../resources/table/table.ts';
import { parseArn } from '../../util/arn.ts';
import type { Clock } from '../../util/clock.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import type { AwsContext } from '../service.ts';

export type StreamsParts = { tableStreams: TableStreams; clock: Clock };

export type StreamName = { account: AccountId; region: string; table: string; label: string };

/** Undefined: it is no stream's ARN. */
export function parseStreamArn(text: string): StreamName | undefined {
  const arn = parseArn(text);
  const [, table, label] = /^table\/([^/]+)\/stream\/([^/]+)$/.exec(arn?.resource ?? '') ?? [];
  if (arn?.service !== 'dynamodb' || table === undefined || label === undefined) return undefined;
  return { account: arn.account as AccountId, region: arn.region, table, label };
}

export const arnOfStream = (
  region: string,
  { account, table, label }: Pick<Stream, 'account' | 'table' | 'label'>,
): string => streamArn(region, { account, name: table }, label);

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
