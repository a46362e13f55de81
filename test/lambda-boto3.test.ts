/** Lambda through boto3: Debian's, and the newest there is. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { openLambdaRig, type LambdaRig } from './harness/lambda-rig.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, 'harness', 'lambda_clients.py');

/** Undefined: no such Python, or one without boto3. */
function boto3Of(python: string): string | undefined {
  try {
    return execFileSync(python, ['-c', 'import boto3; print(boto3.__version__)'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .toString()
      .trim();
  } catch {
    return undefined;
  }
}

let rig: LambdaRig;
before(async () => {
  rig = await openLambdaRig();
});
after(() => rig[Symbol.asyncDispose]());

// Where both are the same, both walk all the same.
for (const [index, python] of ['/usr/bin/python3', 'python3'].entries()) {
  const version = boto3Of(python);
  test(
    `boto3 ${version ?? '?'} of ${python} walks through a function’s life`,
    { skip: version === undefined && `${python} with boto3 is not installed` },
    async () => {
      const { stdout } = await run(python, [script, `walk-${index}-${(version ?? '').replaceAll('.', '-')}`], {
        env: { ...rig.mayfly.awsEnvironment, ENDPOINT: rig.mayfly.api },
        timeout: 240_000,
      });
      assert.deepEqual(stdout.trim().split('\n'), [
        'made and active',
        'called',
        'streamed',
        'changed and published',
        'listed in pages',
        'refused',
        'deleted',
      ]);
    },
  );
}
