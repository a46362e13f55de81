/** Receipt handles: opaque texts that name one receive of one message, and say when it was. */
import { PlatformError } from '../../util/errors.ts';

/** The mark tells a receipt of ours from any other text. */
const mark = 'AQEB';

export function encodeReceipt(receipt: string, receivedMs: number): string {
  return mark + Buffer.from(`${receipt}/${receivedMs}`).toString('base64url');
}

/** Throws `invalid_argument` for what never was a receipt. */
export function decodeReceipt(handle: string): { receipt: string; receivedMs: number } {
  const [, encoded] = /^AQEB([A-Za-z0-9_-]+)$/.exec(handle) ?? [];
  const [, receipt, receivedMs] =
    /^([\d.]+)\/(\d{1,15})$/.exec(Buffer.from(encoded ?? '', 'base64url').toString()) ?? [];
  if (receipt !== undefined && receivedMs !== undefined) return { receipt, receivedMs: Number(receivedMs) };
  throw new PlatformError('invalid_argument', `The input receipt handle is invalid: "${handle.slice(0, 80)}".`, {
    field: 'ReceiptHandle',
    reason: 'ReceiptHandleIsInvalid',
  });
}
