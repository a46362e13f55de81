import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startMoto } from './start-moto.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-moto-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('only a server that is not there is told as such: one that ends is an error, with what it ended with', async () => {
  assert.equal(await startMoto({ PATH: folder }), undefined);
  writeFileSync(join(folder, 'moto_server'), '#!/bin/sh\nexit 3\n', { mode: 0o700 });
  await assert.rejects(startMoto({ PATH: folder }), /ended 3 times before it answered, with code 3/);
});
