/** All of a stream in one piece; undefined, and the rest left unread, as soon as it has more than `bytesMax`. */
export async function readWhole(source: AsyncIterable<Uint8Array>, bytesMax: number): Promise<Buffer | undefined> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of source) {
    bytes += piece.byteLength;
    if (bytes > bytesMax) return undefined;
    pieces.push(piece);
  }
  // Most come in one piece, and need no copy.
  const only = pieces.length === 1 ? pieces[0] : undefined;
  return only === undefined ? Buffer.concat(pieces, bytes) : Buffer.from(only.buffer, only.byteOffset, only.byteLength);
}
