/**
 * What the runners learn of functions' pauses, on record: `keep/<function ARN>`, one small record for each. Some hundred
 * are written each minute, those that have waited longest first, and all that is left on the way out.
 */
import type { KeepHistories, WrittenHistory } from './runners/keep-histories.ts';
import { scan, type Operation, type Records } from './store/records.ts';
import type { Clock, Timer } from './util/clock.ts';
import type { FunctionArn } from './util/ids.ts';

const prefix = 'keep/';
/** Written at once: a millisecond or two before requests have their turn again. */
const writtenAtOnceMax = 50;
const writeEveryMs = 60_000;
/** Written in a minute, some kilobytes each: where more functions are called, each has its turn later. */
const writtenEachTimeMax = 500;
/** A record that is of an older or newer make, or damaged, is as good as none. */
const make = 3;

export function historiesOnRecord(options: {
  records: Records;
  clock: Clock;
  /** The store refuses: what is learned is kept in memory, and tried again. */
  onError(message: string, error: unknown): void;
}): KeepHistories {
  const { records, clock, onError } = options;
  const changed = new Map<FunctionArn, (() => WrittenHistory) | undefined>();
  let timer: Timer | undefined;
  let writing = Promise.resolve();
  let isRefused = false;

  async function write(countMax: number): Promise<void> {
    for (let left = countMax; left > 0 && changed.size > 0; left -= writtenAtOnceMax) {
      const some = [...changed].slice(0, writtenAtOnceMax);
      for (const [arn] of some) changed.delete(arn);
      const operations = some.map(([arn, written]): Operation => {
        const key = `${prefix}${arn}`;
        return written === undefined ? { kind: 'delete', key } : { kind: 'put', key, value: { make, ...written() } };
      });
      try {
        await records.transact(operations);
        isRefused = false;
      } catch (error) {
        for (const [arn, written] of some) if (!changed.has(arn)) changed.set(arn, written);
        if (!isRefused) onError('what is learned of idle times cannot be written', error);
        isRefused = true;
        return;
      }
    }
  }

  function later(): void {
    timer ??= clock.schedule(writeEveryMs, () => {
      timer = undefined;
      writing = writing.then(() => write(writtenEachTimeMax));
      void writing.then(() => changed.size > 0 && later());
    });
  }

  return {
    async *load() {
      for await (const { key, value } of scan(records, prefix)) {
        const functionArn = key.slice(prefix.length) as FunctionArn;
        if (isHistory(value)) yield { functionArn, history: value };
      }
    },
    changed(functionArn, written) {
      changed.set(functionArn, written);
      later();
    },
    forget(functionArn) {
      changed.set(functionArn, undefined);
      later();
    },
    async close() {
      timer?.cancel();
      writing = writing.then(() => write(Number.POSITIVE_INFINITY));
      await writing;
    },
  };
}

/** It was written by this program: what is checked is that it is of this make, and whole. */
function isHistory(value: unknown): value is WrittenHistory {
  return (
    typeof value === 'object' &&
    value !== null &&
    'make' in value &&
    value.make === make &&
    'keeper' in value &&
    'memoryMb' in value &&
    typeof value.memoryMb === 'number' &&
    'startMs' in value &&
    typeof value.startMs === 'number'
  );
}
