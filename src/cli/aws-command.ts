/** What the aws command that is installed can do. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** It is a Python program that loads for half a second on an idle machine. */
const answerMsMax = 10_000;

/**
 * Whether there is one that would go to AWS itself: version 2 does before 2.13 of July 2023, which reads AWS_ENDPOINT_URL (Debian 12
 * has such a one), and version 1, whichever it is, for `aws sqs`, whose address it sets itself.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html,
 * https://github.com/aws/aws-cli/blob/develop/awscli/customizations/overridesslcommonname.py
 */
export async function ignoresEndpointUrl(environment: Readonly<Record<string, string | undefined>>): Promise<boolean> {
  const { PATH } = environment;
  if (PATH === undefined) return false;
  try {
    const { stdout, stderr } = await promisify(execFile)('aws', ['--version'], {
      env: { ...environment },
      timeout: answerMsMax,
    });
    return goesElsewhere(stdout + stderr);
  } catch {
    // There is none, or it cannot say.
    return false;
  }
}

/** `text`: `aws-cli/2.9.19 Python/3.11.2 …`. */
export function goesElsewhere(text: string): boolean {
  const [, major, minor] = /^aws-cli\/(\d+)\.(\d+)\./.exec(text) ?? [];
  return major === '1' || (major === '2' && Number(minor) < 13);
}
