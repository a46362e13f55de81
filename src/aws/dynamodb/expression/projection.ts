/** ProjectionExpression: the parts of an item that are wanted, in their places. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ProjectionExpressions.html */
import { type AttributeValue, type Item, newItem } from '../../../resources/table/attribute-value.ts';
import { type DocumentPath, readPath } from './document-path.ts';
import type { ExpressionNames } from './expression-names.ts';
import { addPath, type PathForest, type PathTree } from './path-tree.ts';
import { createProblems } from './problems.ts';
import { requireExpression } from './require-expression.ts';
import { type ReferenceProblem, resolvePath } from './resolve-path.ts';
import { createTokenReader } from './token-reader.ts';

export type Projection = PathForest<true>;

type Kind = ReferenceProblem | 'overlap' | 'conflict';
const kinds: readonly Kind[] = ['reserved', 'undefined name', 'overlap', 'conflict'];

const name = 'ProjectionExpression';

/** Errors: ValidationException. */
export function parseProjection(source: string, names: ExpressionNames): Projection {
  requireExpression(name, source);
  const reader = createTokenReader(name, source);
  const paths = [readPath(reader, () => false)];
  while (reader.takesSymbol(',')) paths.push(readPath(reader, () => false));
  if (reader.peek().kind !== 'end') reader.refuse();
  const problems = createProblems<Kind>();
  const projection: Projection = new Map();
  for (const syntax of paths) {
    const path = resolvePath(syntax, names, problems);
    if (path === undefined) continue;
    const collision = addPath(projection, path, true);
    if (collision !== undefined) problems.found(collision.kind, collision.message);
  }
  problems.refuse(name, kinds);
  return projection;
}

/** Of paths that are apart from each other. */
export function projectionOf(paths: Iterable<DocumentPath>): Projection {
  const projection: Projection = new Map();
  for (const path of paths) addPath(projection, path, true);
  return projection;
}

/** What the item has of it: maps and lists with nothing in them but what is wanted, lists without gaps. */
export function project(item: Item, projection: Projection): Item {
  const part = newItem();
  for (const [attribute, tree] of projection) {
    const value = item[attribute];
    const wanted = value === undefined ? undefined : projectValue(value, tree);
    if (wanted !== undefined) part[attribute] = wanted;
  }
  return part;
}

function projectValue(value: AttributeValue, tree: PathTree<true>): AttributeValue | undefined {
  if (tree.kind === 'leaf') return value;
  if (tree.kind === 'members') {
    if (!('M' in value)) return undefined;
    const map = project(value.M, tree.members);
    return Object.keys(map).length === 0 ? undefined : { M: map };
  }
  if (!('L' in value)) return undefined;
  const { L } = value;
  const indexes = [...tree.elements.keys()].toSorted((one, other) => one - other);
  const list = indexes.flatMap((index) => {
    const element = L[index];
    const inner = tree.elements.get(index);
    const wanted = element === undefined || inner === undefined ? undefined : projectValue(element, inner);
    return wanted === undefined ? [] : [wanted];
  });
  return list.length === 0 ? undefined : { L: list };
}
