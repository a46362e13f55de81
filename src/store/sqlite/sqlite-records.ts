import type { Clock } from '../../util/clock.ts';
import { checkName, checkRange, encodeOperations } from '../encode-operations.ts';
import type { EncodedOperation } from '../encode-operations.ts';
import type { Committed, Entry, Operation, Range, Records } from '../records.ts';
import type { TopicWatches } from '../topic-watches.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** Characters that an operation makes the writer keep until it is committed. */
function charactersOf(operations: readonly EncodedOperation[]): number {
  let characters = 0;
  for (const operation of operations) {
    if (operation.kind === 'put') characters += operation.json.length;
    if (operation.kind === 'append') characters += operation.body.length;
  }
  return characters;
}

export function sqliteRecords(clock: Clock, writer: Writer, reader: () => Reader, watches: TopicWatches): Records {
  return {
    async get(key: string): Promise<Entry | undefined> {
      checkName('key', key);
      return reader().get(key);
    },

    async range(range: Range): Promise<Entry[]> {
      checkRange(range);
      return reader().range(range);
    },

    async transact(operations: readonly Operation[]): Promise<Committed> {
      const encoded = encodeOperations(operations);
      const nowMs = Math.floor(clock.now());
      const answer = await writer.ask<'transact'>(
        { kind: 'transact', nowMs, operations: encoded },
        charactersOf(encoded),
      );
      if (answer.status === 'conflict') return answer;
      for (const operation of encoded) {
        if (operation.kind === 'append') watches.changed(operation.topic, Math.max(nowMs, operation.notBeforeMs));
      }
      return { status: 'committed', revision: answer.revision };
    },
  };
}
