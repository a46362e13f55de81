import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { stripTypeScriptTypes } from 'node:module';
import type { BindingSource } from '../registry/binding.ts';
import { newCause } from '../util/cause.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { startSources, type EventSource, type SourceContext } from './source.ts';
import { rig } from './source-rig.ts';

/** The block of code in the guide, with its imports pointing here. */
async function guidedSource(): Promise<EventSource> {
  const guide = readFileSync(new URL('../../docs/guides/adding-an-event-source.md', import.meta.url), 'utf8');
  const block = /```ts\n([\s\S]*?)\n {3}```/.exec(guide)?.[1] ?? assert.fail('the guide has no block of code');
  const code = stripTypeScriptTypes(block).replaceAll(
    /from '(\.[^']+)'/g,
    (_all, path: string) => `from '${new URL(path, import.meta.url).href}'`,
  );
  const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as { pulseSource: EventSource };
  return module.pulseSource;
}

test('the source of the guide works as it is written there', async () => {
  const one = await rig(await guidedSource());
  await one.bind('listen', { kind: 'pulse' } as unknown as BindingSource);
  const body = JSON.stringify({ event: '{"beat":1}', cause: newCause(0, '0'.repeat(24)) });
  await one.store.log.append('events/pulse', [
    { id: 'a', body },
    { id: 'b', body },
  ]);
  await one.clock.advance(10);
  assert.deepEqual(
    one.invoker.invocations.map(({ functionName, source }) => [functionName, source]),
    [
      ['listen', 'pulse'],
      ['listen', 'pulse'],
    ],
  );
  assert.deepEqual(await one.store.log.depth('events/pulse'), { ready: 0, delayed: 0, leased: 0 });
  assert.deepEqual(one.reports, []);
  await one.stop();
});

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
