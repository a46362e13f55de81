import type { AttributeValue } from '../../../resources/table/attribute-value.ts';
import { type DocumentPath, pathPartsMax, type PathSyntax } from './document-path.ts';
import type { ExpressionNames } from './expression-names.ts';
import type { Problems } from './problems.ts';
import { isReservedWord } from './reserved-words.ts';

/** What may be wrong with a path or a value, whatever the expression. */
export type ReferenceProblem = 'reserved' | 'undefined name' | 'undefined value';

/** Undefined: a name of it is not defined, which is said. */
export function resolvePath(
  path: PathSyntax,
  names: ExpressionNames,
  problems: Problems<ReferenceProblem>,
): DocumentPath | undefined {
  const parts: (string | number)[] = [];
  for (const part of path) {
    if ('index' in part) parts.push(part.index);
    else if ('name' in part) {
      if (isReservedWord(part.name))
        problems.found('reserved', `Attribute name is a reserved keyword; reserved keyword: ${part.name}`);
      parts.push(part.name);
    } else {
      const name = names.nameOf(part.reference);
      if (name === undefined) {
        problems.found(
          'undefined name',
          `An expression attribute name used in the document path is not defined; attribute name: ${part.reference}`,
        );
        return undefined;
      }
      parts.push(name);
    }
  }
  if (parts.length > pathPartsMax)
    problems.found('undefined name', `The document path has too many nesting elements; nesting level: ${parts.length}`);
  const [first, ...rest] = parts;
  if (typeof first !== 'string') throw new Error('a path begins with a name');
  return [first, ...rest];
}

/** Undefined: it is not defined, which is said. */
export function resolveValue(
  reference: string,
  names: ExpressionNames,
  problems: Problems<ReferenceProblem>,
): AttributeValue | undefined {
  const value = names.valueOf(reference);
  if (value === undefined)
    problems.found(
      'undefined value',
      `An expression attribute value used in expression is not defined; attribute value: ${reference}`,
    );
  return value;
}
