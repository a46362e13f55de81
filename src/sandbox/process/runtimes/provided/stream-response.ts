/**
 * A runtime's answer that it writes bit by bit: the body of its `response`, with
 * `Lambda-Runtime-Function-Response-Mode: streaming`. What goes wrong half-way is told in trailers.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
 */
import type { IncomingMessage } from 'node:http';
import type { FunctionError } from '../../../sandbox.ts';
import { streamCost, streamedBytesMax, streamWindow } from '../../channel/frame.ts';
import { parseFunctionError } from '../function-error.ts';

export type StreamEvents = {
  streamBegan(contentType: string | undefined): void;
  streamed(bytes: Uint8Array): void;
  streamEnded(): void;
};

export const errorTypeHeader = 'lambda-runtime-function-error-type';
const errorBodyTrailer = 'lambda-runtime-function-error-body';

export const isStreamed = ({ headers }: IncomingMessage): boolean =>
  headers['lambda-runtime-function-response-mode']?.toString().toLowerCase() === 'streaming';

/** The window of one environment (see `streamWindow`): the body is read as far as there is room. */
export class StreamWindow {
  #room = streamWindow;
  #waiting: (() => void) | undefined;

  credit(cost: number): void {
    this.#room += cost;
    this.#waiting?.();
  }

  async take(cost: number): Promise<void> {
    while (this.#room < cost) await new Promise<void>((resolve) => (this.#waiting = resolve));
    this.#waiting = undefined;
    this.#room -= cost;
  }
}

/** Resolves when the body is over, with what went wrong, if anything did. */
export async function streamResponse(
  request: IncomingMessage,
  window: StreamWindow,
  events: StreamEvents,
): Promise<FunctionError | undefined> {
  events.streamBegan(request.headers['content-type']);
  try {
    for await (const chunk of request as AsyncIterable<Uint8Array>) {
      for (let at = 0; at < chunk.byteLength; at += streamedBytesMax) {
        const piece = chunk.subarray(at, at + streamedBytesMax);
        await window.take(streamCost(piece.byteLength));
        events.streamed(piece);
      }
    }
  } catch {
    return { errorType: 'Runtime.TruncatedResponse', errorMessage: 'The runtime broke off its response.' };
  }
  const errorType = request.trailers[errorTypeHeader];
  if (errorType === undefined) {
    events.streamEnded();
    return undefined;
  }
  const body = Buffer.from(request.trailers[errorBodyTrailer] ?? '', 'base64');
  return parseFunctionError(body) ?? { errorType, errorMessage: body.toString() };
}
