/**
 * A form as browsers send it (multipart/form-data): its fields up to the file, which is left to be read. What comes behind
 * the file is not looked at. https://www.rfc-editor.org/rfc/rfc7578,
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html
 */
import { PlatformError } from '../../../util/errors.ts';

export type MultipartForm = {
  /** By name in lower case. */
  fields: ReadonlyMap<string, string>;
  file: { name: string; bytes: AsyncGenerator<Uint8Array, void, undefined> };
};

/** AWS's: everything but the file. */
const fieldsBytesMax = 20 * 1024;
/** The head of a part: two or three lines. */
const headBytesMax = 4 * 1024;
/** https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1 */
const boundaryCharactersMax = 70;

/** Undefined: it is no such form. */
export function boundaryOf(contentType: string): string | undefined {
  if (!/^multipart\/form-data\s*;/i.test(contentType)) return undefined;
  const [, quoted, plain] = /;\s*boundary=(?:"([^"\r\n]+)"|([^\s;"]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  return boundary === undefined || boundary.length > boundaryCharactersMax ? undefined : boundary;
}

/** Errors: MalformedPOSTRequest, MaxPostPreDataLengthExceeded, InvalidArgument, IncompleteBody. */
export async function readMultipartForm(body: AsyncIterable<Uint8Array>, boundary: string): Promise<MultipartForm> {
  const reader = new PartReader(body, boundary);
  const fields = new Map<string, string>();
  let bytes = 0;
  // As if a line ended before the first byte, so that the first delimiter is like all others.
  await reader.until(reader.delimiter, headBytesMax);
  for (;;) {
    const head = await reader.head();
    if (head === undefined) {
      throw new PlatformError('invalid_argument', 'POST requires exactly one file upload per request.', {
        reason: 'InvalidArgument',
        facts: { ArgumentName: 'file', ArgumentValue: '0' },
      });
    }
    if (head.name === 'file') return { fields, file: { name: head.fileName, bytes: reader.rest() } };
    const value = await reader.until(reader.delimiter, fieldsBytesMax - bytes);
    bytes += head.bytes + value.length;
    if (fields.has(head.name)) throw malformed(`it has the field '${head.name}' twice`);
    fields.set(head.name, value.toString('utf8'));
  }
}

class PartReader {
  readonly delimiter: Buffer;
  readonly #iterator: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.from('\r\n');

  constructor(source: AsyncIterable<Uint8Array>, boundary: string) {
    this.#iterator = source[Symbol.asyncIterator]();
    this.delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  }

  /** What comes before `mark`, which is passed over. */
  async until(mark: Buffer, bytesMax: number): Promise<Buffer> {
    for (;;) {
      const at = this.#held.indexOf(mark);
      if (at > bytesMax || (at < 0 && this.#held.length > bytesMax + mark.length)) throw tooLong();
      if (at >= 0) {
        const before = this.#held.subarray(0, at);
        this.#held = this.#held.subarray(at + mark.length);
        return before;
      }
      await this.#more();
    }
  }

  /** Of the next part; undefined: there is none. */
  async head(): Promise<{ name: string; fileName: string; bytes: number } | undefined> {
    const line = await this.until(Buffer.from('\r\n'), headBytesMax).catch((error: unknown) => {
      // The last delimiter needs no line's end.
      if (this.#held.subarray(0, 2).toString('latin1') === '--') return Buffer.from('--');
      throw error;
    });
    if (line.subarray(0, 2).toString('latin1') === '--') return undefined;
    if (line.toString('latin1').trim() !== '') throw malformed('a delimiter has more on its line');
    // With the end of the line before, so that a part without any header ends likewise.
    this.#held = Buffer.concat([Buffer.from('\r\n'), this.#held]);
    const head = await this.until(Buffer.from('\r\n\r\n'), headBytesMax);
    const disposition = /^content-disposition:\s*form-data\b(.*)$/im.exec(head.toString('utf8'))?.[1];
    const name = disposition === undefined ? undefined : parameter(disposition, 'name');
    if (disposition === undefined || name === undefined || name === '') throw malformed('a part has no name');
    return {
      name: name.toLowerCase(),
      fileName: parameter(disposition, 'filename') ?? '',
      bytes: head.length + name.length,
    };
  }

  /** To the next delimiter. */
  async *rest(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        const at = this.#held.indexOf(this.delimiter);
        // The end of what is held may be the begin of a delimiter.
        const end = at >= 0 ? at : Math.max(0, this.#held.length - this.delimiter.length + 1);
        const piece = this.#held.subarray(0, end);
        this.#held = this.#held.subarray(end);
        if (piece.length > 0) yield piece;
        if (at >= 0) return;
        await this.#more();
      }
    } finally {
      await this.#iterator.return?.();
    }
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#iterator.next();
    if (done === true)
      throw new PlatformError('invalid_argument', 'The form ends before its last delimiter.', {
        reason: 'IncompleteBody',
      });
    this.#held = this.#held.length === 0 ? Buffer.from(value) : Buffer.concat([this.#held, value]);
  }
}

/** Of a content disposition: `name="a"`, quotes and backslashes escaped as browsers do. */
function parameter(disposition: string, name: string): string | undefined {
  const [, quoted, plain] =
    new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s"]+))`, 'i').exec(disposition) ?? [];
  if (quoted === undefined) return plain;
  return quoted.replaceAll(/\\(["\\])/g, '$1').replaceAll('%22', '"');
}

function malformed(why: string): PlatformError {
  return new PlatformError(
    'invalid_argument',
    `The body of your POST request is not well-formed multipart/form-data: ${why}.`,
    {
      reason: 'MalformedPOSTRequest',
    },
  );
}

function tooLong(): PlatformError {
  return new PlatformError(
    'invalid_argument',
    `Your POST request fields preceding the upload file were too large: ${fieldsBytesMax} bytes are accepted.`,
    { reason: 'MaxPostPreDataLengthExceeded' },
  );
}
