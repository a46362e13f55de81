/** KeyConditions, as key conditions like those of expressions. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.KeyConditions.html */
import { readValue } from '../attribute-input.ts';
import type { KeyCondition, KeyConditions } from '../expression/key-condition.ts';
import { validationException } from '../expression/validation-exception.ts';
import { readOperator, requireOperands } from './comparison.ts';
import type { FilterInput } from './expected.ts';

const operators = { EQ: '=', LE: '<=', LT: '<', GE: '>=', GT: '>', BEGINS_WITH: 'begins_with' } as const;

/** Errors: ValidationException. */
export function readKeyConditions(input: FilterInput): KeyConditions {
  return new Map(
    Object.entries(input).map(([name, given]): [string, KeyCondition] => {
      const operator = readOperator(given.ComparisonOperator ?? '');
      const values = (given.AttributeValueList ?? []).map(readValue);
      requireOperands(operator, values);
      const [value, second] = values;
      if (operator === 'BETWEEN' && value !== undefined && second !== undefined)
        return [name, { operator: 'between', low: value, high: second }];
      if (value === undefined || !isIndexable(operator))
        throw validationException('Attempted conditional constraint is not an indexable operation');
      return [name, { operator: operators[operator], value }];
    }),
  );
}

const isIndexable = (operator: string): operator is keyof typeof operators => Object.hasOwn(operators, operator);
