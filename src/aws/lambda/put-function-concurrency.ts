import type { Concurrency, PutFunctionConcurrencyRequest } from '@aws-sdk/client-lambda';
import { provisionedTotal, unreserved } from '../../registry/set-aside.ts';
import { limits } from '../../util/limits.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingFunction, functionReference, wholeFunctionAccess } from './function-reference.ts';
import { invalidParameterValue } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { concurrencyOf } from './provisioned-concurrency.ts';

/**
 * What is reserved is the function's alone, and its limit. 0: it may not run. The account's other functions keep at least
 * 100. https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
 */
export function putFunctionConcurrency({
  registry,
  concurrencyMax,
  inTurn,
}: Pick<LambdaParts, 'registry' | 'concurrencyMax' | 'inTurn'>): OperationEntry {
  return {
    access: wholeFunctionAccess('lambda:PutFunctionConcurrency'),
    async run(context: AwsContext, input: PutFunctionConcurrencyRequest): Promise<Concurrency> {
      const { ReservedConcurrentExecutions: reserved = 0 } = input;
      const reference = functionReference(context, input.FunctionName);
      if (reference.qualifier !== undefined) {
        throw invalidParameterValue(
          'This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.',
        );
      }
      existingFunction(registry, reference);
      await inTurn(concurrencyOf(context.account), () =>
        registry.edit(context.account, reference.name, (record) => {
          const others = registry.list(context.account).filter(({ name }) => name !== record.name);
          if (unreserved(others, concurrencyMax(context.account)) - reserved < limits.unreservedConcurrencyMin) {
            throw invalidParameterValue(
              `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${limits.unreservedConcurrencyMin}].`,
            );
          }
          const provisioned = provisionedTotal(record);
          if (reserved < provisioned) {
            throw invalidParameterValue(
              `ReservedConcurrentExecutions ${reserved} should not be lower than function's total provisioned concurrency [${provisioned}].`,
            );
          }
          return { ...record.extras, reservedConcurrency: reserved };
        }),
      );
      return { ReservedConcurrentExecutions: reserved };
    },
  };
}
