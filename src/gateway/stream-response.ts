/**
 * A streamed answer as HTTP: status and headers from its prelude, and then its bytes as they are written.
 *
 *     {"statusCode":…,"headers":{…},"cookies":[…]} │ eight NULs │ body
 *
 * An answer of any other content type is a body alone.
 * https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html, …/runtimes-custom.html
 */
import type { StreamedInvocation } from '../invoke/invoke-streaming.ts';
import { GatheredBytes } from '../util/gathered-bytes.ts';
import { BrokenOff } from '../util/http.ts';
import { invalid, responseHead, type FunctionResponse, type Invalid, type ResponseHead } from './http-event.ts';

const withPrelude = 'application/vnd.awslambda.http-integration-response';
const separator = Buffer.alloc(8);
/** Status, headers and cookies: several times what clients and proxies take of headers (8 to 32 KB). */
const preludeBytesMax = 128 * 1024;
/** What Lambda's runtimes call an answer that says nothing of itself. */
const contentTypeDefault = 'application/octet-stream';

type Streaming = Extract<StreamedInvocation, { status: 'streaming' }>;

export type StreamResponse = (ResponseHead & { body: AsyncIterable<Uint8Array> }) | Invalid | { status: 'broken' };

/** `broken`: the function failed before there was a status. Resolves when that is known, and not later. */
export async function streamResponse(streamed: Streaming): Promise<StreamResponse> {
  const { contentType = contentTypeDefault, bytes } = streamed;
  const answer = (head: ResponseHead | Invalid, first?: Uint8Array): StreamResponse => {
    if (head.status === 'ok') return { ...head, body: bodyOf(streamed, first) };
    streamed.drop();
    return head;
  };
  if (contentType !== withPrelude) {
    return answer(responseHead({ statusCode: 200, headers: { 'content-type': contentType } }, contentTypeDefault));
  }
  const prelude = new GatheredBytes();
  let nuls = 0;
  for (;;) {
    const next = await bytes.next();
    if (next.done === true) return streamed.isComplete() ? noSeparator : { status: 'broken' };
    const piece = next.value;
    // Each byte once, however small the pieces are.
    let at = 0;
    while (at < piece.length && nuls < separator.length) nuls = piece[at++] === 0 ? nuls + 1 : 0;
    prelude.append(piece.subarray(0, at));
    if (nuls === separator.length)
      return answer(headOf(prelude.bytes.subarray(0, -separator.length)), piece.subarray(at));
    if (prelude.length > preludeBytesMax)
      return answer(invalid(`its status and headers have more than ${preludeBytesMax} bytes, or no end`));
  }
}

/** The same of an answer that was gathered; undefined where it has no prelude. */
export function gatheredResponse(payload: Uint8Array, contentType: string | undefined): FunctionResponse | undefined {
  if (contentType !== withPrelude) return undefined;
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const at = bytes.indexOf(separator);
  if (at < 0) return noSeparator;
  const head = headOf(bytes.subarray(0, at));
  return head.status === 'ok' ? { ...head, body: bytes.subarray(at + separator.length) } : head;
}

const noSeparator = invalid('its status and headers do not end with eight NUL bytes');

function headOf(json: Buffer): ResponseHead | Invalid {
  let prelude: unknown;
  try {
    prelude = JSON.parse(json.toString());
  } catch {
    return invalid('its status and headers are not JSON');
  }
  if (typeof prelude !== 'object' || prelude === null) return invalid('its status and headers are not a JSON object');
  return responseHead({ statusCode: 200, ...prelude }, contentTypeDefault);
}

async function* bodyOf({ bytes, isComplete }: Streaming, first?: Uint8Array): AsyncGenerator<Uint8Array> {
  if (first !== undefined && first.byteLength > 0) yield first;
  yield* bytes;
  if (!isComplete()) throw new BrokenOff('the function failed while it wrote its answer');
}
