import type { DeleteFunctionRequest, DeleteFunctionResponse } from '@aws-sdk/client-lambda';
import { PlatformError } from '../../util/errors.ts';
import { latestVersion, type VersionId } from '../../util/ids.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingFunction, functionAccess, functionReference } from './function-reference.ts';
import { functionNotFound, invalidParameterValue, resourceConflict } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';

/**
 * A function with its versions, aliases, addresses, permissions and configurations, or one version. What calls it
 * (event source mappings, notifications, routes) stays, as with Lambda.
 * https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html
 */
export function deleteFunction({ registry }: LambdaParts): OperationEntry {
  return {
    access: functionAccess('lambda:DeleteFunction'),
    async run(context: AwsContext, input: DeleteFunctionRequest): Promise<DeleteFunctionResponse> {
      const reference = functionReference(context, input.FunctionName, input.Qualifier);
      const { account, name, qualifier } = reference;
      if (qualifier === latestVersion) {
        throw invalidParameterValue('$LATEST version cannot be deleted without deleting the function.');
      }
      if (qualifier !== undefined && !/^\d+$/.test(qualifier)) {
        throw invalidParameterValue('Deletion of aliases is not currently supported.');
      }
      existingFunction(registry, reference);
      if (qualifier === undefined) {
        // Somebody else was faster.
        if (!(await registry.delete(account, name))) throw functionNotFound(reference.qualifiedArn);
      } else {
        await deleteVersion(() => registry.deleteVersion(account, name, qualifier as VersionId));
      }
      return { StatusCode: 204 };
    },
  };
}

/** Deleting one that is not there succeeds, as with Lambda. */
async function deleteVersion(work: () => Promise<boolean>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (cause instanceof PlatformError && cause.code === 'conflict') throw resourceConflict(cause.message);
    throw cause;
  }
}
