/** Where in an item something is: `orders[2].price` is ['orders', 2, 'price']. */
import type { AttributeValue, Item } from '../../../resources/table/attribute-value.ts';
import type { TokenReader } from './token-reader.ts';

export type DocumentPath = readonly [string, ...(string | number)[]];

/** As an expression says it: names and references not yet told apart. */
export type PathSyntax = readonly PathPart[];
export type PathPart = { name: string } | { reference: string } | { index: number };

/** As deep as items are. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
export const pathPartsMax = 32;

export function valueAt(item: Item, path: DocumentPath): AttributeValue | undefined {
  let value = item[path[0]];
  for (let depth = 1; depth < path.length && value !== undefined; depth += 1) {
    const part = path[depth];
    if (typeof part === 'string') value = 'M' in value ? value.M[part] : undefined;
    else if (part !== undefined) value = 'L' in value ? value.L[part] : undefined;
  }
  return value;
}

/** As DynamoDB's messages show it: `[orders, [2], price]`. */
export const printPath = (path: DocumentPath): string =>
  `[${path.map((part) => (typeof part === 'number' ? `[${part}]` : part)).join(', ')}]`;

/** A path, which begins at the next token. `isKeyword`: words that are no names here. */
export function readPath(reader: TokenReader, isKeyword: (word: string) => boolean): PathPart[] {
  const parts: PathPart[] = [readPathName(reader, isKeyword)];
  readPathRest(reader, isKeyword, parts);
  return parts;
}

/** What follows a path's beginning: `.name`, `[index]`. */
export function readPathRest(reader: TokenReader, isKeyword: (word: string) => boolean, parts: PathPart[]): void {
  for (;;) {
    if (reader.takesSymbol('.')) parts.push(readPathName(reader, isKeyword));
    else if (reader.takesSymbol('[')) {
      const token = reader.next();
      if (token.kind !== 'number') reader.refuse(token);
      parts.push({ index: Number(token.text) });
      reader.expectSymbol(']');
    } else return;
  }
}

function readPathName(reader: TokenReader, isKeyword: (word: string) => boolean): PathPart {
  const token = reader.next();
  if (token.kind === 'name reference') return { reference: token.text };
  if (token.kind !== 'name' || isKeyword(token.text.toUpperCase())) reader.refuse(token);
  return { name: token.text };
}
