/** `mayfly doctor` where no platform runs: it looks for itself, and leaves nothing behind, also when it is stopped. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, watch } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const command = join(import.meta.dirname, '../../bin/mayfly');

/** Until there is a folder of a doctor's in this one. */
async function hasBegun(folder: string, signal: AbortSignal): Promise<void> {
  for await (const { filename } of watch(folder, { signal })) if (filename?.startsWith('mayfly-doctor-')) return;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} ends it, and its folder`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'mayfly-test-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const made = hasBegun(folder, t.signal);
    const child = spawn(command, ['doctor', '--data', join(folder, 'none')], {
      stdio: 'ignore',
      env: { ...process.env, TMPDIR: folder },
    });
    t.after(() => child.kill('SIGKILL'));
    const exit = once(child, 'exit');
    const folders = async (): Promise<string[]> =>
      (await readdir(folder)).filter((name) => name.startsWith('mayfly-doctor-'));
    await made;
    child.kill(signal);
    assert.equal((await exit)[1], null);
    assert.deepEqual(await folders(), []);
  });
}
