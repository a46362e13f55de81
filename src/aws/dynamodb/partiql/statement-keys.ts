/** What a statement's condition says of a table's keys. */
import { type AttributeValue, type Item, newItem } from '../../../resources/table/attribute-value.ts';
import type { SortCondition } from '../../../resources/table/item-page.ts';
import { keyValueOf } from '../../../resources/table/item-places.ts';
import type { KeyValue } from '../../../resources/table/key-text.ts';
import { attributesOf, type KeyAttribute, type TableKey } from '../../../resources/table/table.ts';
import type { Condition, Operand } from '../expression/condition.ts';
import { validationException } from '../expression/validation-exception.ts';
import { tooManyCandidates } from './statement-condition.ts';

/** Of partition keys after IN, each a query of its own. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-operators.html */
const partitionsMax = 50;

/** All of which must hold. */
const parts = (where: Condition | undefined): readonly Condition[] =>
  where === undefined ? [] : where.kind === 'and' ? where.conditions.flatMap(parts) : [where];

/** The whole key, where the condition says each of its attributes to be equal to a value. */
export function keyIn(where: Condition | undefined, key: TableKey): Item | undefined {
  const item = newItem();
  for (const attribute of attributesOf(key)) {
    const value = equalTo(where, attribute);
    if (value === undefined) return undefined;
    item[attribute.name] = value;
  }
  return item;
}

/** The values that the partition key may have; undefined: whatever there is. Errors: ValidationException, of another type. */
export function partitionsIn(where: Condition | undefined, { partition }: TableKey): KeyValue[] | undefined {
  const value = equalTo(where, partition);
  if (value !== undefined) return [asKeyValue(value, partition)];
  for (const part of parts(where)) {
    if (part.kind !== 'in' || !isAttribute(part.operand, partition)) continue;
    const values = part.candidates.flatMap((one) => (one.kind === 'value' ? [asKeyValue(one.value, partition)] : []));
    if (values.length !== part.candidates.length) continue;
    if (values.length > partitionsMax) throw tooManyCandidates(values.length);
    return distinct(values);
  }
  return undefined;
}

/** What can be asked of the sort key by its order; the rest is for who filters. */
export function sortIn(where: Condition | undefined, { sort }: TableKey): SortCondition | undefined {
  if (sort === undefined) return undefined;
  for (const part of parts(where)) {
    const condition = sortOf(part, sort);
    if (condition !== undefined) return condition;
  }
  return undefined;
}

const mirrored = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

function sortOf(part: Condition, sort: KeyAttribute): SortCondition | undefined {
  if (part.kind === 'comparison' && part.comparator !== '<>') {
    const { comparator, left, right } = part;
    if (isAttribute(left, sort) && right.kind === 'value') {
      const value = keyValue(right.value, sort);
      return value === undefined ? undefined : { operator: comparator, value };
    }
    if (!isAttribute(right, sort) || left.kind !== 'value') return undefined;
    const value = keyValue(left.value, sort);
    return value === undefined ? undefined : { operator: mirrored[comparator], value };
  }
  if (part.kind === 'between' && isAttribute(part.operand, sort)) {
    const { low, high } = part;
    if (low.kind !== 'value' || high.kind !== 'value') return undefined;
    const [from, to] = [keyValue(low.value, sort), keyValue(high.value, sort)];
    return from === undefined || to === undefined ? undefined : { operator: 'between', low: from, high: to };
  }
  if (part.kind !== 'begins_with' || !isAttribute(part.operand, sort) || part.argument.kind !== 'value')
    return undefined;
  const value = keyValue(part.argument.value, sort);
  return value === undefined ? undefined : { operator: 'begins_with', value };
}

function equalTo(where: Condition | undefined, attribute: KeyAttribute): AttributeValue | undefined {
  for (const part of parts(where)) {
    if (part.kind !== 'comparison' || part.comparator !== '=') continue;
    const { left, right } = part;
    if (isAttribute(left, attribute) && right.kind === 'value') return right.value;
    if (isAttribute(right, attribute) && left.kind === 'value') return left.value;
  }
  return undefined;
}

const isAttribute = (operand: Operand, { name }: KeyAttribute): boolean =>
  operand.kind === 'path' && operand.path.length === 1 && operand.path[0] === name;

const keyValue = (value: AttributeValue, attribute: KeyAttribute): KeyValue | undefined =>
  keyValueOf({ [attribute.name]: value }, attribute);

function asKeyValue(value: AttributeValue, attribute: KeyAttribute): KeyValue {
  const found = keyValue(value, attribute);
  if (found === undefined)
    throw validationException(
      'One or more parameter values were invalid: Condition parameter type does not match schema type',
    );
  return found;
}

const distinct = (values: readonly KeyValue[]): KeyValue[] => [
  ...new Map(values.map((value) => [JSON.stringify(value), value])).values(),
];
