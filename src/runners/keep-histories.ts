/**
 * Where what is known of functions' idle times outlives the platform. The runners know no store: whoever opens them
 * passes this in. What is lost with a crash is at most a minute of learning.
 */
import type { FunctionArn } from '../util/ids.ts';
import type { WrittenKeeper } from './predict/keeper.ts';

/** Of one function: its pauses and times of day, what one environment holds, and how long a start takes. */
export type WrittenHistory = { keeper: WrittenKeeper; memoryMb: number; startMs: number };

export interface KeepHistories {
  /** All that is known, in no order, at most as many as the runners remember. */
  load(): AsyncIterable<{ functionArn: FunctionArn; history: WrittenHistory }>;
  /** It is not as it was written any more. `write` is called when it is time to: some thousand bytes. */
  changed(functionArn: FunctionArn, write: () => WrittenHistory): void;
  forget(functionArn: FunctionArn): void;
  /** Writes what has changed. */
  close(): Promise<void>;
}
