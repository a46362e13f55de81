import { derivedUuid } from '../util/ids.ts';

/**
 * By what is sent is known by whom it is sent to, if it comes again after a crash. Batches fall out differently then: the
 * same id must never stand for other messages, which would be dropped for those that are there already. `messageIds`: of
 * the batch; `isOneByOne`: what is sent as number `index` is that message and no other.
 */
export function pipeSendingId(
  pipe: { arn: string; life: string },
  messageIds: readonly string[],
  index: number,
  isOneByOne: boolean,
): string {
  const [own] = isOneByOne ? messageIds.slice(index) : [];
  return own === undefined
    ? derivedUuid('pipe', pipe.arn, pipe.life, String(index), ...messageIds)
    : derivedUuid('pipe', pipe.arn, pipe.life, own);
}
