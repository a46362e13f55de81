/** Processor time in proportion to memory: measured inside, by the process's own clock. src/util/limits.ts says how much. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { limits } from '../../src/util/limits.ts';
import { invokeFunction } from '../harness/api-client.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

/** Two threads that want a whole processor each, for a second; answers how many they had together. */
const code = `import { Worker } from 'node:worker_threads';
export const handler = async () => {
  const other = new Worker("for (;;);", { eval: true });
  await new Promise((resolve) => other.once('online', resolve));
  const [startMs, before] = [performance.now(), process.cpuUsage()];
  while (performance.now() - startMs < 1_000);
  const { user, system } = process.cpuUsage(before);
  const processors = (user + system) / 1_000 / (performance.now() - startMs);
  await other.terminate();
  return { processors };
};
`;

const sizes = [128, 442, 885, limits.memoryMbPerCpu];

describe('processors', () => {
  let mayfly: StartedMayfly;
  let project: string;

  before(async () => {
    project = await mkdtemp(join(tmpdir(), 'mayfly-cpu-'));
    await writeFile(join(project, 'busy.mjs'), code);
    const functions = sizes.map(
      (mb) =>
        `  busy-${mb}: { runtime: nodejs26.x, handler: busy.handler, code: busy.mjs, memory: ${mb}, timeout: 60 }\n`,
    );
    await writeFile(join(project, 'mayfly.yaml'), `application: cpu\nfunctions:\n${functions.join('')}`);
    mayfly = await startMayfly();
    await mayfly.json('deploy', project);
  });

  after(async () => {
    await mayfly[Symbol.asyncDispose]();
    await rm(project, { recursive: true, force: true });
  });

  for (const mb of sizes) {
    const share = mb / limits.memoryMbPerCpu;
    test(`${mb} MB has ${share.toFixed(2)} of a processor, and not more however many threads ask`, async () => {
      const { payload } = await invokeFunction(mayfly, `busy-${mb}`, {});
      const { processors } = payload as { processors: number };
      // A machine that is busy with something else may give less; a quota is kept over 20 ms, so a little more can come together.
      assert.ok(processors <= share * 1.25 + 0.03, `${processors.toFixed(3)} processors`);
      assert.ok(processors >= share * 0.05, `${processors.toFixed(3)} processors`);
    });
  }
});
