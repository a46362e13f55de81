import type {
  PutProvisionedConcurrencyConfigRequest,
  PutProvisionedConcurrencyConfigResponse,
} from '@aws-sdk/client-lambda';
import type { FunctionRecord } from '../../registry/function.ts';
import { provisionedTotal, unreserved } from '../../registry/set-aside.ts';
import { latestVersion } from '../../util/ids.ts';
import { limits } from '../../util/limits.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { lambdaTime } from './function-configuration.ts';
import { functionAccess, functionReference } from './function-reference.ts';
import { invalidParameterValue, resourceConflict } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { concurrencyOf, provisionableFunction, type ProvisionedParts } from './provisioned-concurrency.ts';

/** Accepted is durable; the environments come up afterwards, and again after each start of the platform. */
export function putProvisionedConcurrencyConfig(
  parts: ProvisionedParts & Pick<LambdaParts, 'concurrencyMax'>,
): OperationEntry {
  const { registry, concurrencyMax, inTurn, clock } = parts;
  return {
    access: functionAccess('lambda:PutProvisionedConcurrencyConfig'),
    async run(
      context: AwsContext,
      input: PutProvisionedConcurrencyConfigRequest,
    ): Promise<PutProvisionedConcurrencyConfigResponse> {
      const { ProvisionedConcurrentExecutions: count = 1 } = input;
      const reference = functionReference(context, input.FunctionName, input.Qualifier);
      if ((reference.qualifier ?? latestVersion) === latestVersion) {
        throw invalidParameterValue(
          'Provisioned Concurrency Configs cannot be applied to unpublished function versions.',
          { field: 'Qualifier' },
        );
      }
      const { qualifier } = await provisionableFunction(parts, reference);
      const modifiedMs = clock.now();
      await inTurn(concurrencyOf(context.account), () =>
        registry.edit(context.account, reference.name, (record) => {
          checkOverlap(record, qualifier);
          checkRoom(registry.list(context.account), concurrencyMax(context.account), record, qualifier, count);
          const provisioned = { ...record.extras.provisioned, [qualifier]: { count, modifiedMs } };
          return { ...record.extras, provisioned };
        }),
      );
      return {
        RequestedProvisionedConcurrentExecutions: count,
        AvailableProvisionedConcurrentExecutions: 0,
        AllocatedProvisionedConcurrentExecutions: 0,
        Status: 'IN_PROGRESS',
        LastModified: lambdaTime(modifiedMs),
      };
    },
  };
}

/** A version has it by itself or through an alias, not both. Errors: ResourceConflictException, InvalidParameterValueException. */
function checkOverlap({ aliases, extras }: FunctionRecord, qualifier: string): void {
  const alias = Object.hasOwn(aliases, qualifier) ? aliases[qualifier] : undefined;
  if (alias === undefined) {
    const isPointedTo = Object.values(aliases).some(
      ({ name, version, weights }) =>
        Object.hasOwn(extras.provisioned, name) && (version === qualifier || Object.hasOwn(weights, qualifier)),
    );
    if (isPointedTo) throw resourceConflict('Version is pointed by a Provisioned Concurrency alias');
    return;
  }
  const versions: string[] = [alias.version, ...Object.keys(alias.weights)];
  if (versions.includes(latestVersion)) {
    throw invalidParameterValue('Provisioned Concurrency Configs cannot be applied to unpublished function versions.');
  }
  if (versions.some((version) => Object.hasOwn(extras.provisioned, version))) {
    throw resourceConflict(
      "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
    );
  }
}

/** Errors: InvalidParameterValueException. */
function checkRoom(
  records: readonly FunctionRecord[],
  concurrencyMax: number,
  record: FunctionRecord,
  qualifier: string,
  count: number,
): void {
  const { reservedConcurrency, provisioned } = record.extras;
  const { [qualifier]: _replaced, ...others } = provisioned;
  const total = provisionedTotal({ extras: { ...record.extras, provisioned: others } }) + count;
  if (reservedConcurrency !== undefined) {
    if (total <= reservedConcurrency) return;
    throw invalidParameterValue(
      'Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function',
    );
  }
  const left = unreserved(
    records.filter(({ name }) => name !== record.name),
    concurrencyMax,
  );
  if (total > left) {
    throw invalidParameterValue(
      `Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [${left}].`,
    );
  }
  if (left - total < limits.unreservedConcurrencyMin) {
    throw invalidParameterValue(
      `Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${limits.unreservedConcurrencyMin}].`,
    );
  }
}
