import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ignoresEndpointUrl, goesElsewhere } from './aws-command.ts';

test('versions before July 2023 do not read AWS_ENDPOINT_URL', () => {
  assert.ok(goesElsewhere('aws-cli/2.9.19 Python/3.11.2 Linux/6.1.0 source/x86_64.debian.12 prompt/off'));
});

test('version 1 sets the address of SQS itself, whatever AWS_ENDPOINT_URL says', () => {
  for (const version of ['1.28.1', '1.45.11']) assert.ok(goesElsewhere(`aws-cli/${version} Python/3.11.2`), version);
});

test('later ones do, and so may what does not say its version', () => {
  for (const text of ['aws-cli/2.13.0 Python/3.11.4', 'aws-cli/3.0.0', '', 'hello'])
    assert.equal(goesElsewhere(text), false, text);
});

test('the command is asked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-aws-'));
  try {
    const PATH = `${folder}:/usr/bin:/bin`;
    const says = (text: string): void => {
      writeFileSync(join(folder, 'aws'), `#!/bin/sh\necho '${text}'\n`);
      chmodSync(join(folder, 'aws'), 0o755);
    };
    says('aws-cli/2.9.19 Python/3.11.2');
    assert.equal(await ignoresEndpointUrl({ PATH }), true);
    says('aws-cli/2.31.5 Python/3.13.7');
    assert.equal(await ignoresEndpointUrl({ PATH }), false);
    assert.equal(await ignoresEndpointUrl({ PATH: join(folder, 'nothing') }), false);
    assert.equal(await ignoresEndpointUrl({}), false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
