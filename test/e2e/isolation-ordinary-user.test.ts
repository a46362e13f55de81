/** All of isolation*.test.ts once more with a platform that is not root, on this machine's own terms for ordinary users. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';

const files = [
  'isolation',
  'isolation-endpoint',
  'isolation-kernel',
  'isolation-compromised',
  'isolation-bombs',
  'isolation-second-start',
].map((name) => join(import.meta.dirname, `${name}.test.ts`));
const nobody = 65_534;

function reasonToSkip(): string | false {
  if (process.getuid?.() !== 0) return 'this run is by an ordinary user already: the others were it';
  for (let path = import.meta.dirname; path !== '/'; path = dirname(path)) {
    if ((statSync(path).mode & 0o005) === 0) return `${path} is not readable for other users`;
  }
  return false;
}

test(
  'every attempt fails as well when the platform is an ordinary user',
  { skip: reasonToSkip(), timeout: 280_000 },
  async () => {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--test', '--test-concurrency=1', '--test-reporter=tap', ...files],
      {
        uid: nobody,
        gid: nobody,
        env: { PATH: process.env['PATH'] ?? '', HOME: '/tmp', TMPDIR: '/tmp' },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    assert.equal(code, 0, output);
    assert.ok(Number(/# pass (\d+)/.exec(output)?.[1]) > 50, output);
  },
);
