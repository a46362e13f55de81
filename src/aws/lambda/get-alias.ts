import type { AliasConfiguration, GetAliasRequest } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { aliasConfiguration, aliasNotFound } from './alias-configuration.ts';
import { existingFunction, functionReference, wholeFunctionAccess } from './function-reference.ts';
import type { LambdaParts } from './lambda-parts.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetAlias.html */
export function getAlias({ registry }: LambdaParts): OperationEntry {
  return {
    access: wholeFunctionAccess('lambda:GetAlias'),
    // oxlint-disable-next-line require-await -- the registry answers from memory
    async run(context: AwsContext, input: GetAliasRequest): Promise<AliasConfiguration> {
      const reference = functionReference(context, input.FunctionName);
      const { aliases } = existingFunction(registry, reference);
      const { Name: name = '' } = input;
      const alias = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
      if (alias === undefined) throw aliasNotFound(reference, name);
      return aliasConfiguration(reference, alias);
    },
  };
}
