import type { AliasConfiguration, UpdateAliasRequest } from '@aws-sdk/client-lambda';
import { latestVersion, type VersionId } from '../../util/ids.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { aliasConfiguration, aliasNotFound, checkVersions, weightsOf } from './alias-configuration.ts';
import { existingFunction, functionReference, wholeFunctionAccess } from './function-reference.ts';
import { checkRevision, invalidParameterValue, resourceConflict } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';

/** What is absent stays; empty weights take the shares away. https://docs.aws.amazon.com/lambda/latest/api/API_UpdateAlias.html */
export function updateAlias(parts: LambdaParts): OperationEntry {
  return {
    access: wholeFunctionAccess('lambda:UpdateAlias'),
    async run(context: AwsContext, input: UpdateAliasRequest): Promise<AliasConfiguration> {
      const reference = functionReference(context, input.FunctionName);
      const { aliases, extras } = existingFunction(parts.registry, reference);
      const { Name: name = '', Description: description } = input;
      const read = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
      if (read === undefined) throw aliasNotFound(reference, name);
      checkRevision(input.RevisionId, read.revisionId);
      const version = input.FunctionVersion ?? read.version;
      const routing = input.RoutingConfig ?? { AdditionalVersionWeights: { ...read.weights } };
      if (version === latestVersion && Object.hasOwn(extras.provisioned, name)) {
        throw invalidParameterValue('Invalid alias configuration for Provisioned Concurrency');
      }
      const weights = weightsOf(version, routing);
      await checkVersions(parts, reference, [version, ...Object.keys(weights)]);
      const moved = await parts.registry.pointAlias(
        reference.account,
        reference.name,
        name,
        version as VersionId,
        weights,
        {
          ...(description === undefined ? {} : { description }),
          check: (before) => {
            if (before === undefined) throw aliasNotFound(reference, name);
            if (before.revisionId !== read.revisionId) {
              throw resourceConflict(`The alias ${reference.arn}:${name} was changed meanwhile; try again.`);
            }
          },
        },
      );
      return aliasConfiguration(reference, moved);
    },
  };
}
