import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDoctorFolder } from './doctor-folder.ts';
import { systemClock } from './util/clock.ts';

test('what killed ones have left is removed, and nothing that is in use, new, or something else', async (t) => {
  const parent = mkdtempSync(join(tmpdir(), 'mayfly-doctors-'));
  t.after(() => rmSync(parent, { recursive: true }));
  const make = (name: string, isOld: boolean): string => {
    const path = join(parent, name);
    mkdirSync(path);
    writeFileSync(join(path, 'file'), '');
    if (isOld) age(path);
    return path;
  };
  const age = (path: string): void => utimesSync(path, 1_000, 1_000);
  const killed = make('mayfly-doctor-killed', true);
  const kept = [make('mayfly-doctor-starting', false), make('mayfly-other', true)];
  const link = join(parent, 'mayfly-doctor-link');
  symlinkSync(join(parent, 'mayfly-other'), link);
  const held = await openDoctorFolder(systemClock, parent);
  assert.equal(existsSync(killed), false);
  age(held.path);
  const second = await openDoctorFolder(systemClock, parent);
  assert.ok([...kept, link, held.path, second.path].every((path) => existsSync(path)));
  assert.deepEqual(readdirSync(join(parent, 'mayfly-other')), ['file']);
  for (const folder of [held, second]) await folder[Symbol.asyncDispose]();
  assert.equal(readdirSync(parent).length, 3);
});
