/**
 * What a shard iterator says: after which record of which shard, and when it was made. It is no secret and proves nothing:
 * whoever makes one up reads what he may read of the stream that it names.
 */
import { isSequence } from '../../resources/stream/sequence.ts';
import { parseStreamArn } from '../../events/table-notification.ts';
import { invalid } from './needed-stream.ts';

export type ShardIterator = {
  streamArn: string;
  shard: string;
  after: string;
  /** The caller has named a record: that it is gone is not passed over. */
  isExact: boolean;
  madeMs: number;
};

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetShardIterator.html */
export const iteratorMs = 15 * 60_000;

/** `ARN|1|…`, as DynamoDB's look. */
export function writeIterator({ streamArn, shard, after, isExact, madeMs }: ShardIterator): string {
  const position = Buffer.from(JSON.stringify([shard, after, isExact ? 1 : 0, madeMs])).toString('base64');
  return `${streamArn}|1|${position}`;
}

/** Errors: ValidationException. */
export function readIterator(text: string): ShardIterator {
  const [streamArn = '', version, position = ''] = text.split('|');
  if (version === '1' && parseStreamArn(streamArn) !== undefined) {
    const read = positionOf(position);
    if (read !== undefined) return { streamArn, ...read };
  }
  throw invalid('Invalid ShardIterator');
}

function positionOf(text: string): Omit<ShardIterator, 'streamArn'> | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(text, 'base64').toString());
  } catch {
    return undefined;
  }
  if (!Array.isArray(parsed)) return undefined;
  const [shard, after, exact, madeMs]: unknown[] = parsed;
  if (typeof shard !== 'string' || typeof after !== 'string' || typeof madeMs !== 'number') return undefined;
  return isSequence(after) ? { shard, after, isExact: exact === 1, madeMs } : undefined;
}
