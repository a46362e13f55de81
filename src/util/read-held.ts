import type { HttpRequest } from './http.ts';
import { readWhole } from './read-whole.ts';

export type HeldBody =
  | { status: 'read'; bytes: Buffer }
  | { status: 'too_large' }
  /** Too much is being kept for others (see ByteBudget). */
  | { status: 'no_room' };

/**
 * A request's whole body, held within what may be kept in memory (`HttpRequest.hold`): all of it before the first byte is
 * read, where its length is known (`bytesExpected`, which it does not exceed), and otherwise as it comes.
 */
export async function readHeld(
  request: Pick<HttpRequest, 'body' | 'hold'>,
  { bytesMax, bytesExpected = 0 }: { bytesMax: number; bytesExpected: number | undefined },
): Promise<HeldBody> {
  if (bytesExpected > bytesMax) return { status: 'too_large' };
  const { body } = request;
  if (request.hold === undefined) return wholeOf(body, bytesMax);
  if (bytesExpected > 0) return request.hold(bytesExpected) ? wholeOf(body, bytesMax) : { status: 'no_room' };
  let hasRoom = true;
  async function* held(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const piece of body) {
      hasRoom = request.hold?.(piece.byteLength) ?? true;
      if (!hasRoom) return;
      yield piece;
    }
  }
  const read = await wholeOf(held(), bytesMax);
  return hasRoom ? read : { status: 'no_room' };
}

async function wholeOf(body: AsyncIterable<Uint8Array>, bytesMax: number): Promise<HeldBody> {
  const bytes = await readWhole(body, bytesMax);
  return bytes === undefined ? { status: 'too_large' } : { status: 'read', bytes };
}
