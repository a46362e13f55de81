/**
 * A program to be killed: writes to the store in the folder it is given as fast as it can, and prints what has been
 * acknowledged, a line each: `record 17`, `message 17`, `blob 17`.
 */
import { writeSync } from 'node:fs';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { systemClock } from '../../src/util/clock.ts';
import { bytes } from './store-engine.ts';

const [, , folder = '', first = '0'] = process.argv;
const store = await openSqliteStore({ folder, clock: systemClock });
const say = (line: string): void => void writeSync(1, `${line}\n`);
let next = Number(first);

async function writeRecords(): Promise<never> {
  for (;;) {
    const number = (next += 1);
    await store.records.transact([
      { kind: 'put', key: `record/${number}`, value: { number } },
      { kind: 'put', key: `twin/${number}`, value: { number } },
      { kind: 'append', topic: 'outbox', message: { id: `${number}`, body: `record ${number}` } },
    ]);
    say(`record ${number}`);
  }
}

async function appendMessages(): Promise<never> {
  for (;;) {
    const number = (next += 1);
    await store.log.append('topic', [{ id: `${number}`, body: `message ${number}` }]);
    say(`message ${number}`);
  }
}

async function writeBlobs(): Promise<never> {
  for (;;) {
    const number = (next += 1);
    await store.blobs.write(`blob/${number}`, bytes(`blob ${number},`, Buffer.alloc(100_000, 7)));
    say(`blob ${number}`);
  }
}

await Promise.all(
  [writeRecords, writeRecords, writeRecords, appendMessages, appendMessages, writeBlobs, writeBlobs].map((write) =>
    write(),
  ),
);
