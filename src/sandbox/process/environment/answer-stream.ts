import { GatheredBytes } from '../../../util/gathered-bytes.ts';
import { limits } from '../../../util/limits.ts';
import type { AnswerTaker, FunctionError, InvokeOutcome } from '../../sandbox.ts';
import { responseBytesMax, streamCost, streamWindow } from '../channel/frame.ts';

/**
 * One invocation's answer while it is written: passed on to a taker, or gathered where there is none. It keeps the
 * window: what has come and has not gone on. Beyond the limit of its kind the rest is dropped, and the outcome says so.
 */
export class AnswerStream {
  readonly #taker: AnswerTaker | undefined;
  readonly #credit: (cost: number) => void;
  readonly #contentType: string | undefined;
  #gathered = new GatheredBytes();
  #bytes = 0;
  #onItsWay = 0;
  /** Gone on, and not yet credited: credit costs a write, so it is given by the quarter of the window. */
  #owed = 0;
  #hasEnded = false;
  #isOver = false;

  constructor(
    contentType: string | undefined,
    options: { taker: AnswerTaker | undefined; credit: (cost: number) => void },
  ) {
    this.#contentType = contentType;
    this.#taker = options.taker;
    this.#credit = options.credit;
    this.#taker?.began(contentType);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** False: more has come than there was room for. */
  take(bytes: Uint8Array): boolean {
    const cost = streamCost(bytes.byteLength);
    this.#onItsWay += cost;
    if (this.#onItsWay + this.#owed > streamWindow) return false;
    this.#bytes += bytes.byteLength;
    if (this.#bytes > this.#bytesMax) {
      this.#gathered = new GatheredBytes();
      this.#gone(cost);
    } else if (this.#taker !== undefined) {
      let isTaken = false;
      this.#taker.bytes(bytes, () => {
        if (!isTaken) this.#gone(cost);
        isTaken = true;
      });
    } else {
      this.#gathered.append(bytes);
      this.#gone(cost);
    }
    return true;
  }

  end(): void {
    this.#hasEnded = true;
    if (this.#bytes <= this.#bytesMax) this.#taker?.ended();
  }

  /** The invocation is over, in whatever way: all of the window is free for the next. */
  over(): void {
    this.#isOver = true;
    const cost = this.#onItsWay + this.#owed;
    this.#onItsWay = 0;
    this.#owed = 0;
    if (cost > 0) this.#credit(cost);
  }

  outcome(tookUs: number | undefined): InvokeOutcome {
    if (this.#bytes > this.#bytesMax) return { status: 'error', error: this.#tooLarge() };
    return {
      status: 'response',
      payload: this.#gathered.bytes,
      streamed: { bytes: this.#bytes, contentType: this.#contentType },
      ...(tookUs !== undefined && { tookUs }),
    };
  }

  get #bytesMax(): number {
    return this.#taker === undefined ? responseBytesMax : limits.streamedPayloadBytesMax;
  }

  #gone(cost: number): void {
    if (this.#isOver) return;
    this.#onItsWay -= cost;
    this.#owed += cost;
    if (this.#owed < streamWindow / 4) return;
    this.#credit(this.#owed);
    this.#owed = 0;
  }

  #tooLarge(): FunctionError {
    return {
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: `Response payload size exceeded maximum allowed payload size (${this.#bytesMax} bytes).`,
    };
  }
}
