import type { FunctionConfiguration, PublishVersionRequest } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { checkCodeStorage } from './code-usage.ts';
import { shownEnvironment } from './environment-key.ts';
import { codeSha256, functionConfiguration } from './function-configuration.ts';
import { existingFunction, functionReference, wholeFunctionAccess } from './function-reference.ts';
import { checkRevision, invalidParameterValue, notHere } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { versionState } from './version-states.ts';

/** The last version again, if nothing has changed since. https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html */
export function publishVersion(parts: LambdaParts): OperationEntry {
  return {
    access: wholeFunctionAccess('lambda:PublishVersion'),
    async run(context: AwsContext, input: PublishVersionRequest): Promise<FunctionConfiguration> {
      if (input.PublishTo !== undefined) throw notHere('PublishTo', 'leave it out.');
      const reference = functionReference(context, input.FunctionName);
      const { latest } = existingFunction(parts.registry, reference);
      await checkCodeStorage(parts, reference.account, parts.registry.bundleBytes(latest.settings.bundle) ?? 0);
      const { CodeSha256: wanted, Description: description } = input;
      const version = await parts.registry.publish(reference.account, reference.name, {
        ...(description === undefined ? {} : { description }),
        check: ({ revisionId, settings }) => {
          checkRevision(input.RevisionId, revisionId);
          const present = codeSha256(settings.bundle);
          if (wanted === undefined || wanted === '' || wanted === present) return;
          throw invalidParameterValue(
            `CodeSHA256 (${wanted}) is different from current CodeSHA256 in $LATEST (${present}). Please try again with the CodeSHA256 in $LATEST.`,
            { field: 'CodeSha256' },
          );
        },
      });
      const shown = await shownEnvironment(parts, context, version);
      return functionConfiguration(parts, { version, state: await versionState(parts, version), ...shown });
    },
  };
}
