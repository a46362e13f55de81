/**
 * Operations of families that this platform does not have. There are none of their things here, so lists are empty and
 * whatever is looked up is not found; what would make one is refused, and says what to do instead.
 */
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingFunction, functionReference, wholeFunctionAccess } from './function-reference.ts';
import { invalidParameterValue, resourceNotFound } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';

const anything = (action: string) => (): { action: string; resource: string }[] => [{ action, resource: '*' }];

/** `why`: what there is not, and what to do instead. Errors: InvalidParameterValueException. */
export function refused(action: string, why: string): OperationEntry {
  return { access: anything(action), run: () => Promise.reject(invalidParameterValue(why)) };
}

/** Errors: ResourceNotFoundException. */
export function noneSuch(action: string, why: string): OperationEntry {
  return { access: anything(action), run: () => Promise.reject(resourceNotFound(why)) };
}

export function emptyList(action: string, output: object): OperationEntry {
  return { access: anything(action), run: () => Promise.resolve(output) };
}

/** The same for every function that there is. Errors: ResourceNotFoundException. */
export function sameForEveryFunction(
  action: string,
  output: object,
  { registry }: Pick<LambdaParts, 'registry'>,
): OperationEntry {
  return {
    access: wholeFunctionAccess(action),
    run(context: AwsContext, input: { FunctionName?: string }) {
      existingFunction(registry, functionReference(context, input.FunctionName));
      return Promise.resolve(output);
    },
  };
}
