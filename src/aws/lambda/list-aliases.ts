import type { ListAliasesRequest, ListAliasesResponse } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { aliasConfiguration } from './alias-configuration.ts';
import { existingFunction, functionReference, wholeFunctionAccess } from './function-reference.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { pageOf } from './page.ts';

/** By name; of one version, those that send it all or a share. https://docs.aws.amazon.com/lambda/latest/api/API_ListAliases.html */
export function listAliases({ registry }: LambdaParts): OperationEntry {
  return {
    access: wholeFunctionAccess('lambda:ListAliases'),
    // oxlint-disable-next-line require-await -- the registry answers from memory
    async run(context: AwsContext, input: ListAliasesRequest): Promise<ListAliasesResponse> {
      const reference = functionReference(context, input.FunctionName);
      const { FunctionVersion: version } = input;
      const aliases = Object.values(existingFunction(registry, reference).aliases)
        .filter((alias) => version === undefined || alias.version === version || version in alias.weights)
        .toSorted((a, b) => (a.name < b.name ? -1 : 1));
      const { items, ...next } = pageOf(aliases, input, ({ name }) => name);
      return { Aliases: items.map((alias) => aliasConfiguration(reference, alias)), ...next };
    },
  };
}
