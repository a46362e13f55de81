import type { RuntimeName } from '../../util/runtime-names.ts';
import { invalidParameterValue } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';

/** Which Lambda has it for. https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html#snapstart-runtimes */
const javaFrom = 11;
const python3From = 12;

/**
 * Errors: InvalidParameterValueException for a runtime that has no SnapStart. `python` and `java`, which Lambda does not know, are what
 * this machine has.
 */
export async function checkSnapStart({ runtimes }: Pick<LambdaParts, 'runtimes'>, runtime: RuntimeName): Promise<void> {
  const isUnnumbered = runtime === 'python' || runtime === 'java';
  const version = isUnnumbered ? (await runtimes()).find(({ name }) => name === runtime)?.version : undefined;
  const meant = version === undefined ? runtime : `${runtime}${version}`;
  const [, java] = /^java(\d+)/.exec(meant) ?? [];
  const [, python3] = /^python3\.(\d+)/.exec(meant) ?? [];
  if (Number(java) >= javaFrom || Number(python3) >= python3From) return;
  const what = version === undefined ? runtime : `${runtime}, which is ${version} on this machine,`;
  throw invalidParameterValue(`${what} is not supported for SnapStart enabled functions.`, { field: 'SnapStart' });
}
