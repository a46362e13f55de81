import type { InvokeOutcome, InvokeRequest } from '../../sandbox.ts';
import type { Answer } from '../runtimes/runtime.ts';
import { AnswerStream } from './answer-stream.ts';

/**
 * Streamed answers, one after the other: what a process says of the one that it writes, if it is its turn. Each method answers
 * how it was not, which ends the sentence "its channel carried …".
 */
export class AnswerStreams {
  readonly #credit: (cost: number) => void;
  #stream: AnswerStream | undefined;

  /** `credit`: so much more may come. */
  constructor(credit: (cost: number) => void) {
    this.#credit = credit;
  }

  /** `running`: whose answer it is. */
  began(contentType: string | undefined, running: InvokeRequest | undefined): string | undefined {
    if (running === undefined || this.#stream !== undefined)
      return 'the beginning of a streamed answer that nobody waits for';
    this.#stream = new AnswerStream(contentType, { taker: running.taker, credit: this.#credit });
    return undefined;
  }

  streamed(bytes: Uint8Array): string | undefined {
    if (this.#stream === undefined || this.#stream.hasEnded)
      return 'a piece of a streamed answer that nobody waits for';
    return this.#stream.take(bytes) ? undefined : 'more of a streamed answer than it had room for';
  }

  ended(): string | undefined {
    if (this.#stream === undefined || this.#stream.hasEnded)
      return 'the end of a streamed answer that nobody waits for';
    this.#stream.end();
    return undefined;
  }

  answered(answer: Answer): InvokeOutcome | string {
    const stream = this.#stream;
    this.#stream = undefined;
    stream?.over();
    if (answer.status === 'error') return { status: 'error', error: answer.error };
    if (stream === undefined) return answer;
    if (stream.hasEnded && answer.payload.byteLength === 0) return stream.outcome(answer.tookUs);
    return 'a whole answer besides one that was streamed';
  }

  /** Nothing comes any more. */
  over(): void {
    this.#stream?.over();
  }
}
