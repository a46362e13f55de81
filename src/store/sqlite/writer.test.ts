import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitingCharactersMax, waitingRequestsMax, Writer } from './writer.ts';

const workerData = { path: 'none', nowMs: 0 };
const depth = { kind: 'depth', nowMs: 0, topic: 'topic' } as const;

/** A thread that is ready and then does `onMessage` with everything it gets. */
function startWith(onMessage: string): Promise<Writer> {
  const script = `
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', (message) => { if (message.kind === 'close') parentPort.close(); else { ${onMessage} } });
    parentPort.postMessage({ kind: 'ready' });`;
  return Writer.start(new URL(`data:text/javascript,${encodeURIComponent(script)}`), workerData);
}

test('when the thread dies, everything that waits is rejected, and so is everything after it', async () => {
  for (const death of [
    'process.exit(3)',
    'throw new Error("a bug")',
    'parentPort.postMessage({ kind: "failed", message: "EIO" })',
  ]) {
    const writer = await startWith(death);
    const waiting = await Promise.allSettled([writer.ask<'depth'>(depth, 0), writer.ask<'depth'>(depth, 0)]);
    for (const result of waiting) {
      assert.equal(result.status, 'rejected');
      assert.equal(result.reason.code, 'unavailable');
      assert.match(result.reason.message, /code 3|a bug|EIO/);
    }
    await assert.rejects(writer.ask<'depth'>(depth, 0), { code: 'unavailable' });
  }
});

test('a thread that dies while it is closed leaves nobody waiting', async () => {
  const writer = await startWith('process.exit(3)');
  const waiting = writer.ask<'depth'>(depth, 0);
  const closed = writer.close();
  await assert.rejects(waiting, { code: 'unavailable' });
  await closed;
});

test('a thread that cannot start says why', async () => {
  const script = new URL('data:text/javascript,throw new Error("no such disk")');
  await assert.rejects(Writer.start(script, workerData), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'unavailable');
    assert.match(String(error.cause), /no such disk/);
    return true;
  });
});

test('past its limits it refuses at once, and takes requests again when it is less', async () => {
  const answers =
    'parentPort.postMessage({ kind: "answered", batches: [message.requests.map(() => ({ ok: true, answer: 1 }))] })';
  const writer = await startWith(answers);
  const heavy = writer.ask<'depth'>(depth, waitingCharactersMax);
  await assert.rejects(writer.ask<'depth'>(depth, 1), { code: 'unavailable', retryAfterMs: 1_000 });
  await heavy;

  const many = Array.from({ length: waitingRequestsMax }, () => writer.ask<'depth'>(depth, 0));
  await assert.rejects(writer.ask<'depth'>(depth, 0), { code: 'unavailable' });
  await Promise.all(many);
  await writer.ask<'depth'>(depth, 0);

  const last = writer.ask<'depth'>(depth, 0);
  const closed = writer.close();
  await assert.rejects(writer.ask<'depth'>(depth, 0), { code: 'unavailable', message: /closed/ });
  await last;
  await closed;
});
