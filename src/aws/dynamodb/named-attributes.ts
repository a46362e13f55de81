/** Which attributes a request names: for policies that limit them, and since those of keys have nothing inside. */
import { attributesOf, type Table } from '../../resources/table/table.ts';
import { never } from '../../util/assert.ts';
import type { Condition, Operand } from './expression/condition.ts';
import type { DocumentPath } from './expression/document-path.ts';
import type { PathTree } from './expression/path-tree.ts';
import type { Projection } from './expression/projection.ts';
import type { Update, UpdateAction, UpdateOperand } from './expression/update.ts';
import { validationException } from './expression/validation-exception.ts';

/** Top-level ones. */
export const attributesOfCondition = (condition: Condition | undefined): string[] =>
  pathsOfCondition(condition).map(([name]) => name);

/** Top-level ones: what is written to, and what that is made of. */
export const attributesOfUpdate = ({ actions, paths }: Pick<Update, 'actions' | 'paths'>): string[] => [
  ...paths.map(([name]) => name),
  ...[...actions.values()].flatMap(attributesReadBy),
];

function attributesReadBy(tree: PathTree<UpdateAction>): string[] {
  switch (tree.kind) {
    case 'leaf':
      return tree.leaf.kind === 'set' ? attributesOfUpdateOperand(tree.leaf.value) : [];
    case 'members':
      return [...tree.members.values()].flatMap(attributesReadBy);
    case 'elements':
      return [...tree.elements.values()].flatMap(attributesReadBy);
    default:
      return never(tree);
  }
}

function attributesOfUpdateOperand(operand: UpdateOperand): string[] {
  switch (operand.kind) {
    case 'value':
      return [];
    case 'path':
      return [operand.path[0]];
    case 'if_not_exists':
      return [operand.path[0], ...attributesOfUpdateOperand(operand.otherwise)];
    case 'list_append':
      return [operand.first, operand.second].flatMap(attributesOfUpdateOperand);
    case 'sum':
      return [operand.left, operand.right].flatMap(attributesOfUpdateOperand);
    default:
      return never(operand);
  }
}

export function pathsOfCondition(condition: Condition | undefined): DocumentPath[] {
  if (condition === undefined) return [];
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.conditions.flatMap(pathsOfCondition);
    case 'not':
      return pathsOfCondition(condition.condition);
    case 'comparison':
      return [condition.left, condition.right].flatMap(pathsOfOperand);
    case 'between':
      return [condition.operand, condition.low, condition.high].flatMap(pathsOfOperand);
    case 'in':
      return [condition.operand, ...condition.candidates].flatMap(pathsOfOperand);
    case 'attribute_exists':
    case 'attribute_not_exists':
      return [condition.path];
    case 'attribute_type':
    case 'begins_with':
    case 'contains':
      return [condition.operand, condition.argument].flatMap(pathsOfOperand);
    default:
      return never(condition);
  }
}

function pathsOfOperand(operand: Operand): DocumentPath[] {
  switch (operand.kind) {
    case 'path':
      return [operand.path];
    case 'value':
      return [];
    case 'size':
      return pathsOfOperand(operand.of);
    default:
      return never(operand);
  }
}

/** Attributes of which only something inside is wanted. */
export const nestedAttributes = (projection: Projection | undefined): string[] =>
  [...(projection ?? [])].flatMap(([name, tree]) => (tree.kind === 'leaf' ? [] : [name]));

/** Errors: ValidationException, where something inside of a key's attribute is named. `nested`: attributes inside of which something is. */
export function requireScalarKeys(table: Pick<Table, 'key' | 'indexes'>, nested: readonly string[]): void {
  if (nested.length === 0) return;
  const refuse = (what: string, name: string): never => {
    throw validationException(
      `Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: ${what}: ${name}`,
    );
  };
  for (const { name } of attributesOf(table.key)) if (nested.includes(name)) refuse('Key', name);
  for (const index of table.indexes)
    for (const { name } of attributesOf(index.key)) if (nested.includes(name)) refuse('IndexKey', name);
}

export const nestedIn = (paths: readonly DocumentPath[]): string[] =>
  paths.flatMap((path) => (path.length > 1 ? [path[0]] : []));
