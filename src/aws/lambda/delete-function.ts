import type { DeleteFunctionRequest, DeleteFunctionResponse } from '@aws-sdk/client-lambda';
import { PlatformError } from '../../util/errors.ts';
import { latestVersion, type VersionId } from '../../util/ids.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingFunction, functionAccess, functionReference, type FunctionReference } from './function-reference.ts';
import { functionNotFound, invalidParameterValue, resourceConflict } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';

/**
 * A function with its versions, aliases, addresses, permissions and configurations, or one version. What calls it
 * (event source mappings, notifications, routes) stays, as with Lambda.
 * https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html
 */
export function deleteFunction({ registry }: LambdaParts): OperationEntry {
  /** One that is not there is deleted, as with Lambda. */
  async function deleteVersion({ account, name }: FunctionReference, version: VersionId): Promise<void> {
    try {
      await registry.deleteVersion(account, name, version);
    } catch (cause) {
      if (!(cause instanceof PlatformError) || cause.code !== 'conflict') throw cause;
      const pointing = Object.values(registry.get(account, name)?.aliases ?? {})
        .filter((alias) => alias.version === version || version in alias.weights)
        .map((alias) => alias.name);
      throw resourceConflict(
        `Unable to delete version because the following aliases reference it: [${pointing.join(', ')}]`,
      );
    }
  }

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
        await deleteVersion(reference, qualifier as VersionId);
      }
      return { StatusCode: 204 };
    },
  };
}
