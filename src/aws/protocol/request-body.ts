/**
 * The body of a request: freed of aws-chunked, counted and verified as it streams, with flat memory. Whoever reads it
 * to its end has what the caller sent; whatever does not match is thrown by the last read.
 */
import { createHash } from 'node:crypto';
import type { ChunkSigning } from '../../identity/signature.ts';
import {
  checksumAlgorithms,
  checksumBytes,
  newDigest,
  type ChecksumAlgorithm,
  type Digest,
} from '../../util/checksum.ts';
import { PlatformError } from '../../util/errors.ts';
import type { HttpRequest } from '../../util/http.ts';
import { readHeld } from '../../util/read-held.ts';
import type { DocumentLimit, RequestPayload } from '../service.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import type { WireBody } from './protocol.ts';

/**
 * Bodies that are documents (XML, JSON, forms) are held in memory: 10,000 parts of an upload with two checksums each
 * have 4 MB, 1,000 keys to delete at most 6 MB, a batch of messages 1 MB before JSON's escapes.
 */
const documentBytesMax = 8 * 1024 * 1024;

/** When a document that there is no memory for is worth sending again. */
const noRoomRetryMs = 1_000;

const checksumHeader = 'x-amz-checksum-';
/** Headers that begin like a checksum's and are none. */
const notChecksums = new Set(['algorithm', 'type', 'mode']);

/** What the header x-amz-content-sha256 announces. */
type Encoding = { kind: 'plain'; sha256: string | undefined } | { kind: 'chunked'; isSigned: boolean };

export class RequestBody implements WireBody {
  readonly #request: HttpRequest;
  readonly #encoding: Encoding;
  readonly #bytesExpected: number | undefined;
  #bytesAtMost: number | undefined;
  /** Base64 by algorithm; undefined: it will come in a trailer. Not looked at before it is known whether they apply. */
  #claims: ReadonlyMap<ChecksumAlgorithm, string | undefined> | undefined;
  #signing: ChunkSigning | undefined;
  #computing = new Map<ChecksumAlgorithm, Digest>();
  #computed: Partial<Record<ChecksumAlgorithm, string>> = {};
  #trailers: ReadonlyMap<string, string> = new Map();
  #limit: DocumentLimit = { bytesMax: documentBytesMax, refusal: tooLarge };
  #isBegun = false;
  #bytes: Promise<Uint8Array> | undefined;

  /** Errors: `invalid_argument` for lengths and encodings that are not even well-formed. */
  constructor(request: HttpRequest) {
    this.#request = request;
    this.#encoding = encodingOf(request);
    this.#bytesExpected = expectedLength(request, this.#encoding);
  }

  /** The request's signature was checked: chunks continue from it. */
  verifyChunks(signing: ChunkSigning | undefined): void {
    this.#signing = signing;
  }

  /** The operation has a limit of its own. Call it before the body's first byte is read. */
  limitDocument(limit: DocumentLimit): void {
    this.#limit = limit;
  }

  /** Nobody said how many bytes it has, but it cannot have more. */
  expectAtMost(bytes: number): void {
    this.#bytesAtMost = bytes;
  }

  /** The operation's checksum headers are of something else than this body. */
  ignoreChecksums(): void {
    this.#claims = new Map();
  }

  /** Errors: `invalid_argument` for checksums that are not well-formed, `not_implemented` for algorithms that are not built. */
  get payload(): RequestPayload {
    return {
      bytesExpected: this.#bytesExpected ?? this.#bytesAtMost,
      algorithms: [...this.#claimed().keys()],
      compute: (algorithm) => {
        if (this.#isBegun) throw new Error('invariant broken: a checksum was asked for after the body had been begun');
        this.#computing.set(algorithm, newDigest(algorithm));
      },
      checksums: () => this.#computed,
    };
  }

  #claimed(): ReadonlyMap<ChecksumAlgorithm, string | undefined> {
    return (this.#claims ??= claimsOf(this.#request));
  }

  /** Errors: `too_large`, and all those of `stream`. */
  bytes(): Promise<Uint8Array> {
    return (this.#bytes ??= this.#collect());
  }

  async #collect(): Promise<Uint8Array> {
    const { bytesMax, refusal } = this.#limit;
    if ((this.#bytesExpected ?? 0) > bytesMax) throw refusal();
    const hold = this.#request.hold?.bind(this.#request);
    const held = { body: this.#read(), ...(hold !== undefined && { hold }) };
    const read = await readHeld(held, { bytesMax, bytesExpected: this.#bytesExpected });
    if (read.status === 'too_large') throw refusal();
    if (read.status === 'no_room') {
      throw new PlatformError('unavailable', 'Too many requests are being kept in memory. Please try again.', {
        retryAfterMs: noRoomRetryMs,
      });
    }
    return read.bytes;
  }

  /** Once, also after `bytes()`, which a signature may have needed. Errors: those of reading. */
  stream(): AsyncGenerator<Uint8Array, void, undefined> {
    return this.#bytes === undefined ? this.#read() : again(this.#bytes);
  }

  /** Once. Errors: `invalid_argument` (IncompleteBody, BadDigest, XAmzContentSHA256Mismatch), `unauthenticated` (SignatureDoesNotMatch). */
  async *#read(): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#isBegun) throw new Error('invariant broken: a request body was read twice');
    this.#isBegun = true;
    const encoding = this.#encoding;
    const sha256 = encoding.kind === 'plain' && encoding.sha256 !== undefined ? createHash('sha256') : undefined;
    const md5Claim = this.#request.headers['content-md5'];
    const md5 = md5Claim === undefined ? undefined : createHash('md5');
    for (const algorithm of this.#claimed().keys()) this.#computing.set(algorithm, newDigest(algorithm));
    const checksums = [...this.#computing.values()];

    let length = 0;
    this.#request.sendContinue();
    try {
      for await (const piece of this.#decoded(encoding)) {
        length += piece.length;
        if (this.#bytesExpected !== undefined && length > this.#bytesExpected) throw this.#wrongLength(length);
        sha256?.update(piece);
        md5?.update(piece);
        for (const checksum of checksums) checksum.update(piece);
        yield piece;
      }
    } catch (cause) {
      // The connection broke: nobody is left to read an answer, and it is no fault of ours.
      throw cause instanceof PlatformError ? cause : this.#wrongLength(length, cause);
    }

    if (this.#bytesExpected !== undefined && length !== this.#bytesExpected) throw this.#wrongLength(length);
    if (encoding.kind === 'plain' && sha256 !== undefined) compareSha256(encoding.sha256 ?? '', sha256.digest('hex'));
    if (md5 !== undefined && md5.digest('base64') !== md5Claim) throw badDigest('Content-MD5');
    for (const [algorithm, checksum] of this.#computing)
      this.#computed[algorithm] = checksum.digest().toString('base64');
    this.#compareChecksums();
  }

  #decoded(encoding: Encoding): AsyncIterable<Uint8Array> {
    if (encoding.kind === 'plain') return this.#request.body;
    const options = {
      isSigned: encoding.isSigned,
      signing: this.#signing,
      trailers: (values: ReadonlyMap<string, string>) => void (this.#trailers = values),
    };
    return decodeAwsChunked(this.#request.body, options);
  }

  #wrongLength(length: number, cause?: unknown): PlatformError {
    const message = `You did not provide the number of bytes specified by the Content-Length HTTP header: ${length} instead of ${this.#bytesExpected ?? 'more'}`;
    return new PlatformError('invalid_argument', message, { reason: 'IncompleteBody', cause });
  }

  #compareChecksums(): void {
    for (const [algorithm, inHeader] of this.#claimed()) {
      const name = checksumHeader + algorithm.toLowerCase();
      const claimed = inHeader ?? this.#trailers.get(name);
      if (claimed === undefined) {
        throw new PlatformError('invalid_argument', `x-amz-trailer announces ${name}, but no such trailer came`, {
          reason: 'MalformedTrailerError',
        });
      }
      checkForm(name, algorithm, claimed);
      if (claimed !== this.#computed[algorithm]) throw badDigest(algorithm);
    }
  }
}

function tooLarge(): PlatformError {
  return new PlatformError('too_large', `Your request was too large: a document may have ${documentBytesMax} bytes`, {
    reason: 'MaxMessageLengthExceeded',
  });
}

function badDigest(what: string): PlatformError {
  return new PlatformError('invalid_argument', `The ${what} you specified did not match the calculated checksum.`, {
    reason: 'BadDigest',
  });
}

function compareSha256(claimed: string, computed: string): void {
  if (claimed === computed) return;
  throw new PlatformError(
    'invalid_argument',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    {
      reason: 'XAmzContentSHA256Mismatch',
      facts: { ClientComputedContentSHA256: claimed, S3ComputedContentSHA256: computed },
    },
  );
}

function encodingOf(request: HttpRequest): Encoding {
  const announced = request.headers['x-amz-content-sha256'];
  switch (announced) {
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD':
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER':
      return { kind: 'chunked', isSigned: true };
    case 'STREAMING-UNSIGNED-PAYLOAD-TRAILER':
      return { kind: 'chunked', isSigned: false };
    case undefined:
    case 'UNSIGNED-PAYLOAD': {
      // Without a word in x-amz-content-sha256, the decoded length is what tells chunks from an object that is named so.
      const isChunked =
        /\baws-chunked\b/i.test(request.headers['content-encoding'] ?? '') &&
        request.headers['x-amz-decoded-content-length'] !== undefined;
      return isChunked ? { kind: 'chunked', isSigned: false } : { kind: 'plain', sha256: undefined };
    }
    default:
      if (/^[0-9a-f]{64}$/i.test(announced)) return { kind: 'plain', sha256: announced.toLowerCase() };
      if (announced.startsWith('STREAMING-AWS4-ECDSA-'))
        throw new PlatformError(
          'not_implemented',
          'Signatures of several regions (SigV4A) are not built: sign with AWS4-HMAC-SHA256.',
          { reason: 'NotImplemented' },
        );
      throw new PlatformError(
        'invalid_argument',
        `x-amz-content-sha256 is '${announced}': it must be UNSIGNED-PAYLOAD, one of the STREAMING- forms, or a SHA-256 in hex.`,
        {
          reason: 'InvalidArgument',
          field: 'x-amz-content-sha256',
        },
      );
  }
}

function expectedLength(request: HttpRequest, encoding: Encoding): number | undefined {
  const name = encoding.kind === 'chunked' ? 'x-amz-decoded-content-length' : 'content-length';
  const text = request.headers[name];
  if (text === undefined) {
    if (encoding.kind === 'plain') return undefined;
    throw new PlatformError('invalid_argument', `You must provide the ${name} HTTP header.`, {
      reason: 'MissingContentLength',
    });
  }
  if (!/^\d{1,15}$/.test(text))
    throw new PlatformError('invalid_argument', `${name} is '${text}': expected a number of bytes`, {
      reason: 'InvalidArgument',
      field: name,
    });
  return Number(text);
}

function claimsOf(request: HttpRequest): Map<ChecksumAlgorithm, string | undefined> {
  const claims = new Map<ChecksumAlgorithm, string | undefined>();
  const md5 = request.headers['content-md5'];
  if (md5 !== undefined && Buffer.from(md5, 'base64').length !== checksumBytes.MD5) {
    throw new PlatformError(
      'invalid_argument',
      'The Content-MD5 you specified was invalid: expected 16 bytes in base64',
      { reason: 'InvalidDigest', field: 'content-md5' },
    );
  }
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined || !name.startsWith(checksumHeader) || notChecksums.has(name.slice(checksumHeader.length)))
      continue;
    const algorithm = algorithmOf(name);
    checkForm(name, algorithm, value);
    claims.set(algorithm, value);
  }
  for (const name of (request.headers['x-amz-trailer'] ?? '').split(',').map((part) => part.trim().toLowerCase())) {
    if (name.startsWith(checksumHeader)) claims.set(algorithmOf(name), undefined);
  }
  return claims;
}

function algorithmOf(header: string): ChecksumAlgorithm {
  const algorithm = checksumAlgorithms.find((known) => checksumHeader + known.toLowerCase() === header);
  if (algorithm === undefined) {
    throw new PlatformError(
      'not_implemented',
      `The checksum of ${header} is not built: use ${checksumAlgorithms.join(', ')}.`,
      { reason: 'NotImplemented', field: header },
    );
  }
  return algorithm;
}

function checkForm(name: string, algorithm: ChecksumAlgorithm, value: string): void {
  if (Buffer.from(value, 'base64').length === checksumBytes[algorithm] && /^[A-Za-z0-9+/]+={0,2}$/.test(value)) return;
  throw new PlatformError('invalid_argument', `Value for ${name} header is invalid.`, {
    reason: 'InvalidRequest',
    field: name,
  });
}

async function* again(bytes: Promise<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  yield await bytes;
}
