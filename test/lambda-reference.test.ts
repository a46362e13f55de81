/** docs/reference/lambda.md says of every operation and behaviour what the code and the tests say. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const script = join(import.meta.dirname, '../scripts/generate-lambda-reference.ts');

test('the page on Lambda is what the code says now, and each behaviour that it calls built has its test', async () => {
  // Its exit code tells; its message, which the failure shows, says what to run.
  await promisify(execFile)(process.execPath, [script, '--check']);
});
