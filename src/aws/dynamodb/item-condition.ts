/** What must hold of an item for it to be written, and what is answered where it does not. */
import type { Item } from '../../resources/table/attribute-value.ts';
import { newItem } from '../../resources/table/attribute-value.ts';
import { PlatformError } from '../../util/errors.ts';
import type { WireItem } from './attribute-input.ts';
import { type Condition, parseCondition } from './expression/condition.ts';
import { holds } from './expression/condition-holds.ts';
import type { ExpressionNames } from './expression/expression-names.ts';
import { type ExpectedInput, readExpected } from './legacy/expected.ts';

export type ConditionInput = {
  ConditionExpression?: string | undefined;
  Expected?: ExpectedInput | undefined;
  ConditionalOperator?: string | undefined;
  ReturnValuesOnConditionCheckFailure?: string | undefined;
};

export type NamesInput = {
  ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  ExpressionAttributeValues?: WireItem | undefined;
};

/** Throws unless the condition holds of what there was. */
export type ItemCondition = { condition: Condition | undefined; require: (before: Item | undefined) => void };

const nothing: Item = Object.freeze(newItem());

/** Errors: ValidationException. */
export function readItemCondition(input: ConditionInput, names: ExpressionNames): ItemCondition {
  const condition =
    input.ConditionExpression !== undefined
      ? parseCondition('ConditionExpression', input.ConditionExpression, names)
      : input.Expected === undefined
        ? undefined
        : readExpected(input.Expected, input.ConditionalOperator);
  const isItemWanted = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
  return {
    condition,
    require(before) {
      if (condition === undefined || holds(condition, before ?? nothing)) return;
      throw conditionFailed(isItemWanted ? before : undefined);
    },
  };
}

export const conditionFailed = (item: Item | undefined): PlatformError =>
  new PlatformError('precondition_failed', 'The conditional request failed', {
    reason: 'ConditionalCheckFailedException',
    ...(item !== undefined && { members: { Item: item } }),
  });
