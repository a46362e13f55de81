/** What the aws command that is installed can do. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** It is a Python program that loads for half a second on an idle machine. */
const answerMsMax = 10_000;

/**
 * Whether there is one that is older than the variable AWS_ENDPOINT_URL: of July 2023, in 1.29 and 2.13. Debian 12 has such a
 * one, and it would go to AWS itself. https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export async function ignoresEndpointUrl(environment: Readonly<Record<string, string | undefined>>): Promise<boolean> {
  const { PATH } = environment;
  if (PATH === undefined) return false;
  try {
    const { stdout, stderr } = await promisify(execFile)('aws', ['--version'], {
      env: { ...environment },
      timeout: answerMsMax,
    });
    return isTooOld(stdout + stderr);
  } catch {
    // There is none, or it cannot say.
    return false;
  }
}

/** `text`: `aws-cli/2.9.19 Python/3.11.2 …`. */
export function isTooOld(text: string): boolean {
  const [, major, minor] = /^aws-cli\/(\d+)\.(\d+)\./.exec(text) ?? [];
  if (major === '1') return Number(minor) < 29;
  return major === '2' && Number(minor) < 13;
}
