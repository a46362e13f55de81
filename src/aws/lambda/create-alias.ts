import type { AliasConfiguration, CreateAliasRequest } from '@aws-sdk/client-lambda';
import type { VersionId } from '../../util/ids.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { aliasConfiguration, checkVersions, weightsOf } from './alias-configuration.ts';
import { functionReference, wholeFunctionAccess } from './function-reference.ts';
import { resourceConflict } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html */
export function createAlias(parts: LambdaParts): OperationEntry {
  return {
    access: wholeFunctionAccess('lambda:CreateAlias'),
    async run(context: AwsContext, input: CreateAliasRequest): Promise<AliasConfiguration> {
      const reference = functionReference(context, input.FunctionName);
      const { Name: alias = '', FunctionVersion: version = '', Description: description = '' } = input;
      const weights = weightsOf(version, input.RoutingConfig);
      await checkVersions(parts, reference, [version, ...Object.keys(weights)]);
      const made = await parts.registry.pointAlias(
        reference.account,
        reference.name,
        alias,
        version as VersionId,
        weights,
        {
          description,
          check: (before) => {
            if (before !== undefined) throw resourceConflict(`Alias already exists: ${reference.arn}:${alias}`);
          },
        },
      );
      return aliasConfiguration(reference, made);
    },
  };
}
