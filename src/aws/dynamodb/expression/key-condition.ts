/**
 * KeyConditionExpression: one condition for the partition key, which is `=`, and at most one for the sort key. It is read as a
 * condition like any other, and then held to what a key condition may be.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html
 */
import type { AttributeValue } from '../../../resources/table/attribute-value.ts';
import { type Condition, type Operand, parseCondition } from './condition.ts';
import type { ExpressionNames } from './expression-names.ts';
import { validationException } from './validation-exception.ts';

export type KeyCondition =
  | { operator: '=' | '<' | '<=' | '>' | '>=' | 'begins_with'; value: AttributeValue }
  | { operator: 'between'; low: AttributeValue; high: AttributeValue };

/** By the attributes' names. */
export type KeyConditions = ReadonlyMap<string, KeyCondition>;

const mirrored = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

/** Errors: ValidationException. */
export function parseKeyCondition(source: string, names: ExpressionNames): KeyConditions {
  const conditions = new Map<string, KeyCondition>();
  collect(parseCondition('KeyConditionExpression', source, names), conditions);
  return conditions;
}

function collect(condition: Condition, conditions: Map<string, KeyCondition>): void {
  switch (condition.kind) {
    case 'and':
      for (const one of condition.conditions) collect(one, conditions);
      return;
    case 'or':
    case 'not':
    case 'in':
      throw invalidOperator(condition.kind.toUpperCase());
    case 'attribute_exists':
    case 'attribute_not_exists':
    case 'attribute_type':
    case 'contains':
      throw invalidOperator(condition.kind);
    case 'comparison': {
      const { comparator, left, right } = condition;
      if (comparator === '<>') throw invalidOperator('<>');
      const { name, isFirst, values } = attributeOf([left, right]);
      const [value] = values;
      if (value === undefined) throw validationException('KeyConditionExpressions cannot contain nested operations');
      add(conditions, name, { operator: isFirst ? comparator : mirrored[comparator], value });
      return;
    }
    case 'between': {
      const { operand, low, high } = condition;
      requireAttribute('BETWEEN', operand);
      const { name, values } = attributeOf([operand, low, high]);
      const [from, to] = values;
      if (from === undefined || to === undefined)
        throw validationException('KeyConditionExpressions cannot contain nested operations');
      add(conditions, name, { operator: 'between', low: from, high: to });
      return;
    }
    case 'begins_with': {
      requireAttribute('begins_with', condition.operand);
      const { name, values } = attributeOf([condition.operand, condition.argument]);
      const [value] = values;
      if (value === undefined) throw validationException('KeyConditionExpressions cannot contain nested operations');
      add(conditions, name, { operator: 'begins_with', value });
    }
  }
}

const invalidOperator = (operator: string): Error =>
  validationException(`Invalid operator used in KeyConditionExpression: ${operator}`);

function requireAttribute(operator: string, operand: Operand): void {
  if (operand.kind === 'size') throw validationException('KeyConditionExpressions cannot contain nested operations');
  if (operand.kind !== 'path')
    throw validationException(
      `Invalid condition in KeyConditionExpression: ${operator} operator must have the key attribute as its first operand`,
    );
}

/** The one attribute among the operands, and the values beside it. */
function attributeOf(operands: readonly Operand[]): { name: string; isFirst: boolean; values: AttributeValue[] } {
  let found: { name: string; isFirst: boolean } | undefined;
  const values: AttributeValue[] = [];
  for (const [index, operand] of operands.entries()) {
    if (operand.kind === 'size') throw validationException('KeyConditionExpressions cannot contain nested operations');
    if (operand.kind === 'value') values.push(operand.value);
    else {
      if (found !== undefined)
        throw validationException(
          'Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition',
        );
      if (operand.path.length > 1)
        throw validationException('KeyConditionExpressions cannot have conditions on nested attributes');
      found = { name: operand.path[0], isFirst: index === 0 };
    }
  }
  if (found === undefined)
    throw validationException('Invalid condition in KeyConditionExpression: No key attribute specified');
  return { ...found, values };
}

function add(conditions: Map<string, KeyCondition>, name: string, condition: KeyCondition): void {
  if (conditions.has(name))
    throw validationException('KeyConditionExpressions must only contain one condition per key');
  conditions.set(name, condition);
}
