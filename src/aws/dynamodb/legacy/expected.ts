/** Expected, QueryFilter and ScanFilter, as conditions like those of expressions. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html */
import type { AttributeValue } from '../../../resources/table/attribute-value.ts';
import { readValue, type WireValue } from '../attribute-input.ts';
import type { Condition } from '../expression/condition.ts';
import { validationException } from '../expression/validation-exception.ts';
import { comparisonCondition, readOperator, requireOperands } from './comparison.ts';

export type ExpectedInput = Readonly<
  Record<
    string,
    {
      Value?: WireValue | undefined;
      Exists?: boolean | undefined;
      ComparisonOperator?: string | undefined;
      AttributeValueList?: readonly WireValue[] | undefined;
    }
  >
>;

export type FilterInput = Readonly<
  Record<string, { ComparisonOperator: string | undefined; AttributeValueList?: readonly WireValue[] | undefined }>
>;

const invalid = 'One or more parameter values were invalid:';

/** Errors: ValidationException. */
export function readExpected(expected: ExpectedInput, operator: string | undefined): Condition | undefined {
  const conditions = Object.entries(expected).map(([name, given]) => {
    const { Value, Exists, ComparisonOperator, AttributeValueList } = given;
    if (AttributeValueList !== undefined && Value !== undefined)
      throw validationException(
        `${invalid} Value and AttributeValueList cannot be used together for Attribute: ${name}`,
      );
    if (ComparisonOperator !== undefined) {
      if (Exists !== undefined)
        throw validationException(
          `${invalid} Exists and ComparisonOperator cannot be used together for Attribute: ${name}`,
        );
      const needsNone = ComparisonOperator === 'NULL' || ComparisonOperator === 'NOT_NULL';
      if (!needsNone && AttributeValueList === undefined && Value === undefined)
        throw validationException(
          `${invalid} Value or AttributeValueList must be used with ComparisonOperator: ${ComparisonOperator} for Attribute: ${name}`,
        );
      return compared(name, ComparisonOperator, AttributeValueList ?? (Value === undefined ? [] : [Value]));
    }
    if (AttributeValueList !== undefined)
      throw validationException(
        `${invalid} AttributeValueList can only be used with a ComparisonOperator for Attribute: ${name}`,
      );
    if (Exists === false) {
      if (Value !== undefined)
        throw validationException(`${invalid} Value cannot be used when Exists is false for Attribute: ${name}`);
      return comparisonCondition(name, 'NULL', []);
    }
    if (Value === undefined)
      throw validationException(
        `${invalid} Value must be provided when Exists is ${Exists ?? 'null'} for Attribute: ${name}`,
      );
    return comparisonCondition(name, 'EQ', [readValue(Value)]);
  });
  return joined(conditions, operator);
}

/** Errors: ValidationException. */
export function readFilter(filter: FilterInput, operator: string | undefined): Condition | undefined {
  const conditions = Object.entries(filter).map(([name, given]) =>
    compared(name, given.ComparisonOperator ?? '', given.AttributeValueList ?? []),
  );
  return joined(conditions, operator);
}

function compared(name: string, operatorText: string, given: readonly WireValue[]): Condition {
  const operator = readOperator(operatorText);
  const values: AttributeValue[] = given.map(readValue);
  requireOperands(operator, values);
  return comparisonCondition(name, operator, values);
}

function joined(conditions: readonly Condition[], operator: string | undefined): Condition | undefined {
  const [only] = conditions;
  if (conditions.length < 2) return only;
  return { kind: operator === 'OR' ? 'or' : 'and', conditions };
}
