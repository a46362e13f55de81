/** Parameters of requests that are of two times: expressions, and what there was before them. They do not go together. */
import { validationException } from './expression/validation-exception.ts';

type Given = Readonly<Record<string, unknown>>;

export type ParameterMix = {
  expressions: readonly string[];
  legacy: readonly string[];
};

/** Errors: ValidationException. */
export function requireNoMix(input: object, { expressions, legacy }: ParameterMix): void {
  const given = input as Given;
  const isGiven = (name: string): boolean => given[name] !== undefined;
  const givenExpressions = expressions.filter(isGiven);
  // KeyConditions may stand beside expressions that are of other things.
  const givenLegacy = legacy.filter(
    (name) => isGiven(name) && (name !== 'KeyConditions' || isGiven('KeyConditionExpression')),
  );
  if (givenExpressions.length > 0 && givenLegacy.length > 0)
    throw validationException(
      `Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {${givenLegacy.join(', ')}} Expression parameters: {${givenExpressions.join(', ')}}`,
    );
  if (isGiven('ExpressionAttributeNames') && givenExpressions.length === 0)
    throw validationException('ExpressionAttributeNames can only be specified when using expressions');
  const withValues = expressions.filter((name) => name !== 'ProjectionExpression');
  if (isGiven('ExpressionAttributeValues') && withValues.length > 0 && !withValues.some(isGiven))
    throw validationException(
      `ExpressionAttributeValues can only be specified when using expressions: ${withValues.join(' and ')} ${withValues.length > 1 ? 'are' : 'is'} null`,
    );
}
