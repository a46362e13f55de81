/**
 * The content encoding `aws-chunked`: the body in chunks, each with a signature if the request says so, and after the
 * last one trailers, of which checksums are the only ones. Undone while it streams, one received piece at a time.
 *
 *   <size in hex>[;chunk-signature=<hex>] CRLF <bytes> CRLF … 0[;chunk-signature=<hex>] CRLF [<name>:<value> CRLF …] CRLF
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html, …/sigv4-streaming-trailers.html
 */
import { createHash, hash } from 'node:crypto';
import { chunkSignature, type ChunkSigning, isSameSignature, trailerSignature } from '../../identity/signature.ts';
import { PlatformError } from '../../util/errors.ts';

export type ChunkedOptions = {
  /** Whether chunks carry signatures. */
  isSigned: boolean;
  /** What they are checked with; undefined: they are not checked (`dev`). */
  signing: ChunkSigning | undefined;
  /** Called with the trailers, names in lower case, before the stream ends. */
  trailers: (values: ReadonlyMap<string, string>) => void;
};

/** A size, an extension name and a signature of 64 digits have 100 characters. */
const lineBytesMax = 512;
/** Checksums and a signature; the largest is a SHA-512. */
const trailersMax = 16;

export async function* decodeAwsChunked(
  source: AsyncIterable<Uint8Array>,
  options: ChunkedOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = new PieceReader(source);
  let previous = options.signing?.seedSignature ?? '';
  try {
    for (;;) {
      const { size, signature } = parseChunkHead(await reader.line());
      const digest = createHash('sha256');
      for await (const piece of reader.exactly(size)) {
        if (options.signing !== undefined) digest.update(piece);
        yield piece;
      }
      if (options.isSigned && options.signing !== undefined) {
        const expected = chunkSignature(options.signing, previous, digest.digest('hex'));
        if (signature === undefined || !isSameSignature(signature, expected)) throw wrongSignature('a chunk');
        previous = expected;
      }
      if (size === 0) break;
      if ((await reader.line()) !== '') throw malformed('a chunk is longer than its size says');
    }
    options.trailers(await readTrailers(reader, options, previous));
  } finally {
    await reader.close();
  }
}

function parseChunkHead(line: string): { size: number; signature: string | undefined } {
  const match = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]+))?$/.exec(line);
  if (match === null) throw malformed(`'${line.slice(0, 80)}' is not the head of a chunk`);
  return { size: Number.parseInt(match[1] ?? '0', 16), signature: match[2] };
}

async function readTrailers(
  reader: PieceReader,
  options: ChunkedOptions,
  previous: string,
): Promise<Map<string, string>> {
  const trailers = new Map<string, string>();
  let signed = '';
  let signature: string | undefined;
  for (;;) {
    // A last line without its end is how some clients finish.
    const line = await reader.line('or end');
    if (line === '') break;
    const colon = line.indexOf(':');
    if (colon < 1 || trailers.size >= trailersMax)
      throw new PlatformError(
        'invalid_argument',
        `'${line.slice(0, 80)}' is not a trailer, or there are more than ${trailersMax}`,
        { reason: 'MalformedTrailerError' },
      );
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'x-amz-trailer-signature') {
      signature = value;
    } else {
      trailers.set(name, value);
      signed += `${name}:${value}\n`;
    }
  }
  if (options.isSigned && options.signing !== undefined && trailers.size > 0) {
    const expected = trailerSignature(options.signing, previous, hash('sha256', signed));
    if (signature === undefined || !isSameSignature(signature, expected)) throw wrongSignature('the trailers');
  }
  return trailers;
}

function wrongSignature(what: string): PlatformError {
  return new PlatformError(
    'unauthenticated',
    `The signature of ${what} does not match what we calculated. Check your key and signing method.`,
    { reason: 'SignatureDoesNotMatch' },
  );
}

function malformed(why: string): PlatformError {
  return new PlatformError('invalid_argument', `The body is not aws-chunked: ${why}`, { reason: 'IncompleteBody' });
}

/** Lines and counted bytes from pieces of any size, without copying the bytes. */
class PieceReader {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#iterator = source[Symbol.asyncIterator]();
  }

  /** Without its CRLF. At the end of the stream: an error, or, if allowed, what there is. */
  async line(end: 'or fail' | 'or end' = 'or fail'): Promise<string> {
    let text = '';
    for (;;) {
      const at = this.#rest.indexOf(0x0a);
      const piece = at < 0 ? this.#rest : this.#rest.subarray(0, at);
      text += Buffer.from(piece).toString('latin1');
      if (text.length > lineBytesMax) throw malformed(`a line is longer than ${lineBytesMax} bytes`);
      if (at >= 0) {
        this.#rest = this.#rest.subarray(at + 1);
        return text.endsWith('\r') ? text.slice(0, -1) : text;
      }
      if (!(await this.#next())) {
        if (end === 'or end') return text;
        throw malformed('it ends within a chunk');
      }
    }
  }

  async *exactly(bytes: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let left = bytes; left > 0;) {
      if (this.#rest.length === 0 && !(await this.#next()))
        throw malformed(`it ends ${left} bytes before the end of a chunk`);
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      if (piece.length > 0) yield piece;
    }
  }

  async #next(): Promise<boolean> {
    const { done, value } = await this.#iterator.next();
    this.#rest = done === true ? new Uint8Array(0) : value;
    return done !== true;
  }

  async close(): Promise<void> {
    await this.#iterator.return?.();
  }
}
