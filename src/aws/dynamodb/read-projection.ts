/** Which parts of items are wanted: ProjectionExpression, or AttributesToGet from before there were expressions. */
import type { ExpressionNames } from './expression/expression-names.ts';
import { parseProjection, type Projection, projectionOf } from './expression/projection.ts';
import { validationException } from './expression/validation-exception.ts';

export type ProjectionInput = {
  ProjectionExpression?: string | undefined;
  AttributesToGet?: readonly string[] | undefined;
};

/** Undefined: all of them. Errors: ValidationException. */
export function readProjection(input: ProjectionInput, names: ExpressionNames): Projection | undefined {
  if (input.ProjectionExpression !== undefined) return parseProjection(input.ProjectionExpression, names);
  const { AttributesToGet } = input;
  if (AttributesToGet === undefined) return undefined;
  const repeated = AttributesToGet.find((name, index) => AttributesToGet.indexOf(name) !== index);
  if (repeated !== undefined)
    throw validationException(
      `One or more parameter values were invalid: Duplicate value in attribute name: ${repeated}`,
    );
  return projectionOf(AttributesToGet.map((name) => [name] as const));
}
