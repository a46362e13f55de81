/**
 * Paths of one expression as a tree, so that each is known to be apart from the others, and an item is gone through once for
 * all of them.
 */
import { type DocumentPath, printPath } from './document-path.ts';

export type PathTree<Leaf> =
  | { kind: 'leaf'; leaf: Leaf; first: DocumentPath }
  | { kind: 'members'; members: Map<string, PathTree<Leaf>>; first: DocumentPath }
  | { kind: 'elements'; elements: Map<number, PathTree<Leaf>>; first: DocumentPath };

/** By the attributes' names. */
export type PathForest<Leaf> = Map<string, PathTree<Leaf>>;

/** `overlap`: one is the other, or inside it. `conflict`: one takes for a list what the other takes for a map. */
export type PathCollision = { kind: 'overlap' | 'conflict'; message: string };

/** Undefined: it is in. */
export function addPath<Leaf>(forest: PathForest<Leaf>, path: DocumentPath, leaf: Leaf): PathCollision | undefined {
  let branches: Map<string | number, PathTree<Leaf>> = forest as Map<string | number, PathTree<Leaf>>;
  for (let depth = 0; ; depth += 1) {
    const part = path[depth];
    if (part === undefined) throw new Error('a path ends with a leaf');
    const next = path[depth + 1];
    const known = branches.get(part);
    if (known === undefined) {
      const made = newTree(path, leaf, next);
      branches.set(part, made);
      if (made.kind === 'leaf') return undefined;
      branches = branchesOf(made);
      continue;
    }
    if (known.kind === 'leaf' || next === undefined) return collision('overlap', known.first, path);
    if ((known.kind === 'elements') !== (typeof next === 'number')) return collision('conflict', known.first, path);
    branches = branchesOf(known);
  }
}

function newTree<Leaf>(path: DocumentPath, leaf: Leaf, next: string | number | undefined): PathTree<Leaf> {
  if (next === undefined) return { kind: 'leaf', leaf, first: path };
  return typeof next === 'number'
    ? { kind: 'elements', elements: new Map(), first: path }
    : { kind: 'members', members: new Map(), first: path };
}

function branchesOf<Leaf>(tree: PathTree<Leaf>): Map<string | number, PathTree<Leaf>> {
  if (tree.kind === 'leaf') throw new Error('nothing is below a leaf');
  return (tree.kind === 'members' ? tree.members : tree.elements) as Map<string | number, PathTree<Leaf>>;
}

const collision = (kind: 'overlap' | 'conflict', one: DocumentPath, other: DocumentPath): PathCollision => ({
  kind,
  message: `Two document paths ${kind} with each other; must remove or rewrite one of these paths; path one: ${printPath(one)}, path two: ${printPath(other)}`,
});
