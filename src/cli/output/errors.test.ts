import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { describeComplaints } from './errors.ts';

test('a complaint shows its line, unless there is a key in it', () => {
  const workingFolder = mkdtempSync(join(tmpdir(), 'mayfly-errors-'));
  try {
    const key = `AKIA${'Q3ZT7XKW2LMBVN5R'}`;
    writeFileSync(join(workingFolder, 'a.py'), `KEY = '${key}'\nother = 1\n`);
    const described = (line: number): string =>
      describeComplaints(
        [{ file: 'a.py', line, column: 1, field: '', message: 'wrong' }],
        { workingFolder },
        (_style, text) => text,
      );
    assert.equal(described(1), 'a.py:1:1\n  wrong');
    assert.match(described(2), /2 │ other = 1/);
  } finally {
    rmSync(workingFolder, { recursive: true });
  }
});
