import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../util/fake-clock.ts';
import { startSources, type EventSource, type SourceContext } from './source.ts';

test('a source that fails outright is reported and started again, and stopping ends it', async () => {
  const clock = new FakeClock();
  let runs = 0;
  const reports: string[] = [];
  const failing: EventSource = {
    kind: 'bucket',
    async run(_context, signal) {
      runs += 1;
      if (runs < 3) throw new Error('no disk');
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  };
  const report = (message: string, cause: unknown): void => void reports.push(`${message}: ${String(cause)}`);
  const sources = startSources([failing], { clock, report } as unknown as SourceContext);
  await clock.advance(5_000);
  assert.equal(runs, 3);
  assert.equal(reports.length, 2);
  assert.match(reports[0] ?? '', /"bucket" failed and is started again in 1000 ms: Error: no disk/);
  await sources[Symbol.asyncDispose]();
});
