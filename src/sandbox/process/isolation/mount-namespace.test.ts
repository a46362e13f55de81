import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openChildCalls } from './child-calls.ts';
import { Children } from './children.ts';
import { makeMountNamespace } from './mount-namespace.ts';

test('where the kernel does not let it be made, that is told, with what was refused', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-mounts-'));
  t.after(() => rmSync(folder, { recursive: true }));
  using children = new Children(openChildCalls());
  // No mount, so it cannot become /; and who is not root may make none at all.
  await assert.rejects(makeMountNamespace(children, folder, []), {
    code: 'unavailable',
    message: /no mount namespace could be made: .*(pivot_root|unshare)/,
  });
});
