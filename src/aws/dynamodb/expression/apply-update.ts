/**
 * What an item is after an update. Every value is of the item as it was before, whatever the order in which the expression
 * says them; so are the indexes of lists: what is removed is removed by the places it had.
 */
import { type AttributeValue, bytesKey, type Item, newItem } from '../../../resources/table/attribute-value.ts';
import { itemBytesMax } from '../../../resources/table/item-size.ts';
import { addNumbers, subtractNumbers } from '../../../resources/table/number.ts';
import { numberProblems } from '../attribute-input.ts';
import { type DocumentPath, valueAt } from './document-path.ts';
import type { PathForest, PathTree } from './path-tree.ts';
import type { Update, UpdateAction, UpdateOperand } from './update.ts';
import { validationException } from './validation-exception.ts';

/** Errors: ValidationException, where the item is not what the update takes it for. */
export const applyUpdate = (item: Item, update: Pick<Update, 'actions'>): Item =>
  applyToMembers(item, update.actions, { item, appended: 0 });

/** `appended`: elements of lists that were put together until now. */
type Evaluation = { readonly item: Item; appended: number };

function applyToMembers(members: Item, actions: PathForest<UpdateAction>, evaluation: Evaluation): Item {
  const changed: Record<string, AttributeValue> = Object.assign(newItem(), members);
  for (const [name, tree] of actions) {
    const value = applyToValue(members[name], tree, evaluation);
    if (value === undefined) delete changed[name];
    else changed[name] = value;
  }
  return changed;
}

/** Undefined: there is nothing any more, or still. */
function applyToValue(
  value: AttributeValue | undefined,
  tree: PathTree<UpdateAction>,
  evaluation: Evaluation,
): AttributeValue | undefined {
  if (tree.kind === 'leaf') return act(tree.leaf, value, evaluation);
  if (tree.kind === 'members') {
    if (value === undefined || !('M' in value)) throw invalidPath();
    return { M: applyToMembers(value.M, tree.members, evaluation) };
  }
  if (value === undefined || !('L' in value)) throw invalidPath();
  return { L: applyToElements(value.L, tree.elements, evaluation) };
}

function applyToElements(
  elements: readonly AttributeValue[],
  actions: ReadonlyMap<number, PathTree<UpdateAction>>,
  evaluation: Evaluation,
): AttributeValue[] {
  const changed: (AttributeValue | undefined)[] = [...elements];
  const added: AttributeValue[] = [];
  for (const index of [...actions.keys()].toSorted((one, other) => one - other)) {
    const tree = actions.get(index);
    if (tree === undefined) continue;
    const value = applyToValue(elements[index], tree, evaluation);
    if (index < elements.length) changed[index] = value;
    // Beyond the end, whatever the index, it is the next one.
    else if (value !== undefined) added.push(value);
  }
  return [...changed.filter((value) => value !== undefined), ...added];
}

function act(
  action: UpdateAction,
  value: AttributeValue | undefined,
  evaluation: Evaluation,
): AttributeValue | undefined {
  switch (action.kind) {
    case 'set':
      return evaluate(action.value, evaluation);
    case 'remove':
      return undefined;
    case 'add':
      return sumOf(value, action.value, action.isLegacy);
    case 'delete':
      return differenceOf(value, action.value, action.isLegacy);
  }
}

function evaluate(operand: UpdateOperand, evaluation: Evaluation): AttributeValue {
  switch (operand.kind) {
    case 'value':
      return operand.value;
    case 'path':
      return existing(evaluation.item, operand.path);
    case 'if_not_exists':
      return valueAt(evaluation.item, operand.path) ?? evaluate(operand.otherwise, evaluation);
    case 'list_append': {
      const parts = listsIn(operand, evaluation);
      // All of it will be in the item, where an element takes a byte: what cannot fit is not put together first.
      evaluation.appended += parts.reduce((elements, part) => elements + part.length, 0);
      if (evaluation.appended > itemBytesMax) throw tooLargeAfterUpdate();
      return { L: parts.flat() };
    }
    case 'sum': {
      const left = evaluate(operand.left, evaluation);
      if (!('N' in left)) throw wrongType();
      const right = evaluate(operand.right, evaluation);
      if (!('N' in right)) throw wrongType();
      return operand.sign === '+' ? numberOf(addNumbers(left.N, right.N)) : numberOf(subtractNumbers(left.N, right.N));
    }
  }
}

/** The lists that one is put together from, however often `list_append` stands in itself: each element is copied once. */
function listsIn(operand: UpdateOperand, evaluation: Evaluation): (readonly AttributeValue[])[] {
  if (operand.kind === 'list_append')
    return [...listsIn(operand.first, evaluation), ...listsIn(operand.second, evaluation)];
  const value = evaluate(operand, evaluation);
  if (!('L' in value)) throw wrongType();
  return [value.L];
}

export const tooLargeAfterUpdate = (): Error =>
  validationException('Item size to update has exceeded the maximum allowed size');

function existing(item: Item, path: DocumentPath): AttributeValue {
  const value = valueAt(item, path);
  if (value === undefined)
    throw validationException('The provided expression refers to an attribute that does not exist in the item');
  return value;
}

function numberOf(sum: ReturnType<typeof addNumbers>): AttributeValue {
  if ('number' in sum) return { N: sum.number };
  if (sum.problem === 'not a number') throw new Error('a sum of numbers is one');
  throw validationException(numberProblems[sum.problem]);
}

/** ADD. */
function sumOf(value: AttributeValue | undefined, addend: AttributeValue, isLegacy?: true): AttributeValue {
  if (value === undefined) return addend;
  if ('N' in value && 'N' in addend) return numberOf(addNumbers(value.N, addend.N));
  if ('SS' in value && 'SS' in addend) return { SS: [...new Set([...value.SS, ...addend.SS])] };
  if ('NS' in value && 'NS' in addend) return { NS: [...new Set([...value.NS, ...addend.NS])] };
  if (isLegacy === true && 'L' in value && 'L' in addend) return { L: [...value.L, ...addend.L] };
  if (!('BS' in value) || !('BS' in addend)) throw wrongType(isLegacy);
  const known = new Set(value.BS.map(bytesKey));
  return { BS: [...value.BS, ...addend.BS.filter((bytes) => !known.has(bytesKey(bytes)))] };
}

/** DELETE. Undefined: nothing is left, and a set is never empty. */
function differenceOf(
  value: AttributeValue | undefined,
  taken: AttributeValue,
  isLegacy?: true,
): AttributeValue | undefined {
  if (value === undefined) return undefined;
  if ('SS' in value && 'SS' in taken) {
    const left = without(value.SS, new Set(taken.SS));
    return left.length === 0 ? undefined : { SS: left };
  }
  if ('NS' in value && 'NS' in taken) {
    const left = without(value.NS, new Set(taken.NS));
    return left.length === 0 ? undefined : { NS: left };
  }
  if (!('BS' in value) || !('BS' in taken)) throw wrongType(isLegacy);
  const gone = new Set(taken.BS.map(bytesKey));
  const left = value.BS.filter((bytes) => !gone.has(bytesKey(bytes)));
  return left.length === 0 ? undefined : { BS: left };
}

const without = (members: readonly string[], gone: ReadonlySet<string>): string[] =>
  members.filter((member) => !gone.has(member));

const wrongType = (isLegacy?: true): Error =>
  validationException(
    isLegacy === true
      ? 'Type mismatch for attribute to update'
      : 'An operand in the update expression has an incorrect data type',
  );

const invalidPath = (): Error =>
  validationException('The document path provided in the update expression is invalid for update');
