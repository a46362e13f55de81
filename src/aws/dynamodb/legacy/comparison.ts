/** What there was before expressions: an operator and a list of values. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.Conditions.html */
import {
  type AttributeType,
  type AttributeValue,
  compareValues,
  typeOf,
} from '../../../resources/table/attribute-value.ts';
import { never } from '../../../util/assert.ts';
import type { Condition, Operand } from '../expression/condition.ts';
import type { DocumentPath } from '../expression/document-path.ts';
import { validationException } from '../expression/validation-exception.ts';

export const legacyOperators = [
  'EQ',
  'NE',
  'LE',
  'LT',
  'GE',
  'GT',
  'NOT_NULL',
  'NULL',
  'CONTAINS',
  'NOT_CONTAINS',
  'BEGINS_WITH',
  'IN',
  'BETWEEN',
] as const;
export type LegacyOperator = (typeof legacyOperators)[number];

const comparators = { EQ: '=', NE: '<>', LE: '<=', LT: '<', GE: '>=', GT: '>' } as const;

const scalars: readonly AttributeType[] = ['S', 'N', 'B'];
const typesOf: Readonly<Record<LegacyOperator, readonly AttributeType[] | undefined>> = {
  EQ: undefined,
  NE: undefined,
  LE: scalars,
  LT: scalars,
  GE: scalars,
  GT: scalars,
  NOT_NULL: undefined,
  NULL: undefined,
  CONTAINS: scalars,
  NOT_CONTAINS: scalars,
  BEGINS_WITH: ['S', 'B'],
  IN: scalars,
  BETWEEN: scalars,
};

const invalid = 'One or more parameter values were invalid:';

export function readOperator(text: string): LegacyOperator {
  const operator = legacyOperators.find((one) => one === text);
  if (operator === undefined)
    throw validationException(
      `1 validation error detected: Value '${text}' at 'comparisonOperator' failed to satisfy constraint: Member must satisfy enum value set: [IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS]`,
    );
  return operator;
}

/** Errors: ValidationException. */
export function requireOperands(operator: LegacyOperator, values: readonly AttributeValue[]): void {
  const isCountRight =
    operator === 'NULL' || operator === 'NOT_NULL'
      ? values.length === 0
      : operator === 'IN'
        ? values.length > 0
        : values.length === (operator === 'BETWEEN' ? 2 : 1);
  if (!isCountRight)
    throw validationException(`${invalid} Invalid number of argument(s) for the ${operator} ComparisonOperator`);
  const [first, second] = values;
  if (first === undefined) return;
  if (values.some((value) => typeOf(value) !== typeOf(first)))
    throw validationException(`${invalid} AttributeValues inside AttributeValueList must be of same type`);
  const types = typesOf[operator];
  if (types !== undefined && !types.includes(typeOf(first)))
    throw validationException(
      `${invalid} ComparisonOperator ${operator} is not valid for ${typeOf(first)} AttributeValue type`,
    );
  if (operator === 'BETWEEN' && second !== undefined && (compareValues(first, second) ?? 0) > 0)
    throw validationException(
      'The BETWEEN condition was provided a range where the lower bound is greater than the upper bound',
    );
}

export function comparisonCondition(
  name: string,
  operator: LegacyOperator,
  values: readonly AttributeValue[],
): Condition {
  const path: DocumentPath = [name];
  const operand: Operand = { kind: 'path', path };
  const operands = values.map((value): Operand => ({ kind: 'value', value }));
  const [first, second] = operands;
  if (operator === 'NULL') return { kind: 'attribute_not_exists', path };
  if (operator === 'NOT_NULL') return { kind: 'attribute_exists', path };
  if (operator === 'IN') return { kind: 'in', operand, candidates: operands };
  if (first === undefined) throw new Error(`${operator} without a value`);
  switch (operator) {
    case 'EQ':
    case 'NE':
    case 'LE':
    case 'LT':
    case 'GE':
    case 'GT':
      return { kind: 'comparison', comparator: comparators[operator], left: operand, right: first };
    case 'CONTAINS':
      return { kind: 'contains', operand, argument: first };
    case 'NOT_CONTAINS':
      return { kind: 'not', condition: { kind: 'contains', operand, argument: first } };
    case 'BEGINS_WITH':
      return { kind: 'begins_with', operand, argument: first };
    case 'BETWEEN':
      if (second === undefined) throw new Error('BETWEEN without a second value');
      return { kind: 'between', operand, low: first, high: second };
    default:
      return never(operator);
  }
}
