/** `mayfly doctor` where no platform runs: it looks for itself, and leaves nothing behind, also when it is stopped. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../harness/eventually.ts';

const command = join(import.meta.dirname, '../../bin/mayfly');

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} ends it, and its folder`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'mayfly-test-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const child = spawn(command, ['doctor', '--data', join(folder, 'none')], {
      stdio: 'ignore',
      env: { ...process.env, TMPDIR: folder },
    });
    t.after(() => child.kill('SIGKILL'));
    const exit = once(child, 'exit');
    const folders = async (): Promise<string[]> =>
      (await readdir(folder)).filter((name) => name.startsWith('mayfly-doctor-'));
    await eventually('its folder', 30_000, async () => (await folders())[0]);
    child.kill(signal);
    assert.equal((await exit)[1], null);
    assert.deepEqual(await folders(), []);
  });
}
