/** Whether a condition holds of an item. What is not there, or has another type, makes a comparison fail and nothing else. */
import {
  type AttributeValue,
  bytesKey,
  compareValues,
  isEqual,
  type Item,
  typeOf,
} from '../../../resources/table/attribute-value.ts';
import type { Condition, Operand } from './condition.ts';
import type { Comparator } from './condition-syntax.ts';
import { valueAt } from './document-path.ts';
import { includesBytes, includesText } from './includes.ts';

export const holds = (condition: Condition, item: Item): boolean => evaluate(condition, { item, known: new Map() });

/**
 * An item that is asked. What takes long to compare is compared once: a condition may ask 300 times whether one map of 400 KB is
 * another one, and nobody else would be served meanwhile.
 */
type Asked = { item: Item; known: Map<AttributeValue, Map<AttributeValue, Map<string, boolean>>> };

function evaluate(condition: Condition, asked: Asked): boolean {
  const valueOf = (operand: Operand): AttributeValue | undefined => operandValue(operand, asked.item);
  switch (condition.kind) {
    case 'and':
      return condition.conditions.every((one) => evaluate(one, asked));
    case 'or':
      return condition.conditions.some((one) => evaluate(one, asked));
    case 'not':
      return !evaluate(condition.condition, asked);
    case 'comparison':
      return once(asked, condition.comparator, valueOf(condition.left), valueOf(condition.right), (left, right) =>
        compares(condition.comparator, left, right),
      );
    case 'between': {
      const value = valueOf(condition.operand);
      return compares('>=', value, valueOf(condition.low)) && compares('<=', value, valueOf(condition.high));
    }
    case 'in': {
      const value = valueOf(condition.operand);
      return condition.candidates.some((one) =>
        once(asked, '=', value, valueOf(one), (left, right) => compares('=', left, right)),
      );
    }
    case 'attribute_exists':
      return valueAt(asked.item, condition.path) !== undefined;
    case 'attribute_not_exists':
      return valueAt(asked.item, condition.path) === undefined;
    case 'attribute_type': {
      const value = valueOf(condition.operand);
      const type = valueOf(condition.argument);
      return value !== undefined && type !== undefined && 'S' in type && typeOf(value) === type.S;
    }
    case 'begins_with':
      return beginsWith(valueOf(condition.operand), valueOf(condition.argument));
    case 'contains':
      return once(asked, 'contains', valueOf(condition.operand), valueOf(condition.argument), contains);
  }
}

function once(
  { known }: Asked,
  operator: string,
  left: AttributeValue | undefined,
  right: AttributeValue | undefined,
  work: (left: AttributeValue | undefined, right: AttributeValue | undefined) => boolean,
): boolean {
  if (left === undefined || right === undefined || !isLarge(left)) return work(left, right);
  const ofLeft = known.get(left) ?? new Map<AttributeValue, Map<string, boolean>>();
  known.set(left, ofLeft);
  const answers = ofLeft.get(right) ?? new Map<string, boolean>();
  ofLeft.set(right, answers);
  const answer = answers.get(operator) ?? work(left, right);
  answers.set(operator, answer);
  return answer;
}

/** Longer texts, and whatever has members. */
const largeMin = 1_000;

const isLarge = (value: AttributeValue): boolean =>
  ('S' in value && value.S.length >= largeMin) ||
  ('B' in value && value.B.byteLength >= largeMin) ||
  'L' in value ||
  'M' in value ||
  'SS' in value ||
  'NS' in value ||
  'BS' in value;

function operandValue(operand: Operand, item: Item): AttributeValue | undefined {
  switch (operand.kind) {
    case 'path':
      return valueAt(item, operand.path);
    case 'value':
      return operand.value;
    case 'size': {
      const value = operandValue(operand.of, item);
      const size = value === undefined ? undefined : sizeOf(value);
      return size === undefined ? undefined : { N: String(size) };
    }
  }
}

/** What is not equal to something that is there, is what is not there too. */
export function compares(
  comparator: Comparator,
  left: AttributeValue | undefined,
  right: AttributeValue | undefined,
): boolean {
  if (comparator === '<>') return left === undefined || right === undefined || !isEqual(left, right);
  if (left === undefined || right === undefined) return false;
  if (comparator === '=') return isEqual(left, right);
  const order = compareValues(left, right);
  if (order === undefined) return false;
  switch (comparator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

export function beginsWith(value: AttributeValue | undefined, start: AttributeValue | undefined): boolean {
  if (value === undefined || start === undefined) return false;
  if ('S' in value && 'S' in start) return value.S.startsWith(start.S);
  if (!('B' in value) || !('B' in start)) return false;
  return Buffer.compare(value.B.subarray(0, start.B.byteLength), start.B) === 0;
}

/** A part of a text or of bytes, a member of a set, an element of a list. */
function contains(value: AttributeValue | undefined, wanted: AttributeValue | undefined): boolean {
  if (value === undefined || wanted === undefined) return false;
  if ('L' in value) return value.L.some((element) => isEqual(element, wanted));
  if ('S' in wanted) {
    if ('S' in value) return includesText(value.S, wanted.S);
    return 'SS' in value && value.SS.includes(wanted.S);
  }
  if ('N' in wanted) return 'NS' in value && value.NS.includes(wanted.N);
  if (!('B' in wanted)) return false;
  if ('B' in value) return includesBytes(value.B, wanted.B);
  const key = bytesKey(wanted.B);
  return 'BS' in value && value.BS.some((member) => bytesKey(member) === key);
}

/** Undefined: values of its type have none. */
function sizeOf(value: AttributeValue): number | undefined {
  if ('S' in value) return value.S.length;
  if ('B' in value) return value.B.byteLength;
  if ('L' in value) return value.L.length;
  if ('M' in value) return Object.keys(value.M).length;
  if ('SS' in value) return value.SS.length;
  if ('NS' in value) return value.NS.length;
  return 'BS' in value ? value.BS.length : undefined;
}
