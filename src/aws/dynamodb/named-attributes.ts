/** Top-level attributes that a request names, for policies that limit them. */
import type { Condition, Operand } from './expression/condition.ts';
import { never } from '../../util/assert.ts';

export function attributesOfCondition(condition: Condition | undefined): string[] {
  if (condition === undefined) return [];
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.conditions.flatMap(attributesOfCondition);
    case 'not':
      return attributesOfCondition(condition.condition);
    case 'comparison':
      return [condition.left, condition.right].flatMap(attributesOfOperand);
    case 'between':
      return [condition.operand, condition.low, condition.high].flatMap(attributesOfOperand);
    case 'in':
      return [condition.operand, ...condition.candidates].flatMap(attributesOfOperand);
    case 'attribute_exists':
    case 'attribute_not_exists':
      return [condition.path[0]];
    case 'attribute_type':
    case 'begins_with':
    case 'contains':
      return [condition.operand, condition.argument].flatMap(attributesOfOperand);
    default:
      return never(condition);
  }
}

function attributesOfOperand(operand: Operand): string[] {
  switch (operand.kind) {
    case 'path':
      return [operand.path[0]];
    case 'value':
      return [];
    case 'size':
      return attributesOfOperand(operand.of);
    default:
      return never(operand);
  }
}
