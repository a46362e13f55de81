/** Which bytes of an object a request means, and where they lie. */
import { PlatformError } from '../../util/errors.ts';
import type { ByteRange } from '../bucket.ts';

/** Both inclusive. */
export type Slice = { first: number; last: number };

/** Throws InvalidRange when it begins past the end. */
export function sliceOfRange(range: ByteRange, bytes: number): Slice {
  const first = range.kind === 'from' ? range.first : Math.max(0, bytes - range.bytes);
  const last = range.kind === 'from' ? Math.min(range.last ?? bytes - 1, bytes - 1) : bytes - 1;
  if (first <= last) return { first, last };
  throw new PlatformError('invalid_argument', 'The requested range is not satisfiable', {
    field: 'Range',
    reason: 'InvalidRange',
    facts: { RangeRequested: rangeText(range), ActualObjectSize: String(bytes) },
  });
}

function rangeText(range: ByteRange): string {
  return range.kind === 'suffix' ? `bytes=-${range.bytes}` : `bytes=${range.first}-${range.last ?? ''}`;
}

/** Undefined for a part that is empty. Throws InvalidPartNumber when there is no such part. */
export function sliceOfPart(number: number, partBytes: readonly number[]): Slice | undefined {
  const bytes = partBytes[number - 1];
  if (bytes === undefined) {
    throw new PlatformError('invalid_argument', 'The requested partnumber is not satisfiable', {
      field: 'PartNumber',
      reason: 'InvalidPartNumber',
      facts: { PartNumberRequested: String(number), ActualPartCount: String(partBytes.length) },
    });
  }
  const first = partBytes.slice(0, number - 1).reduce((sum, one) => sum + one, 0);
  return bytes === 0 ? undefined : { first, last: first + bytes - 1 };
}

/** The pieces that a slice touches, each with the slice of itself. `whole`: from its first to its last byte. */
export function* piecesOf<Piece extends { bytes: number }>(
  pieces: readonly Piece[],
  { first, last }: Slice,
): Generator<{ piece: Piece; slice: Slice }> {
  let start = 0;
  for (const piece of pieces) {
    const end = start + piece.bytes - 1;
    if (start > last) return;
    if (end >= first && piece.bytes > 0) {
      yield { piece, slice: { first: Math.max(first, start) - start, last: Math.min(last, end) - start } };
    }
    start = end + 1;
  }
}
