/** Values and paths of statements. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.data-types.html */
import { type AttributeValue, newItem, typeOf } from '../../../resources/table/attribute-value.ts';
import { readValue, type WireValue } from '../attribute-input.ts';
import { type DocumentPath, pathPartsMax } from '../expression/document-path.ts';
import { malformed } from './statement-lexer.ts';
import type { StatementReader } from './statement-reader.ts';

/** Undefined: no value begins here. */
export function readLiteral(reader: StatementReader): AttributeValue | undefined {
  const token = reader.peek();
  if (token.kind === 'text') {
    reader.next();
    return { S: token.text };
  }
  if (token.kind === 'number') {
    reader.next();
    return readValue({ N: token.text });
  }
  if (reader.takesSymbol('?')) return reader.parameter();
  for (const sign of ['-', '+']) {
    if (!reader.takesSymbol(sign)) continue;
    const digits = reader.next();
    if (digits.kind !== 'number') throw malformed(`expected a number after '${sign}', found '${digits.text}'`);
    return readValue({ N: sign === '-' ? `-${digits.text}` : digits.text });
  }
  if (reader.takesWord('TRUE')) return { BOOL: true };
  if (reader.takesWord('FALSE')) return { BOOL: false };
  if (reader.takesWord('NULL')) return { NULL: true };
  if (reader.takesSymbol('[')) return { L: reader.nested(() => readValues(reader, ']')) };
  if (reader.takesSymbol('<<')) return readSet(reader.nested(() => readValues(reader, '>>')));
  if (reader.takesSymbol('{')) return { M: reader.nested(() => readMembers(reader)) };
  return undefined;
}

function readLiteralHere(reader: StatementReader): AttributeValue {
  return readLiteral(reader) ?? reader.refuse('a value');
}

function readValues(reader: StatementReader, end: string): AttributeValue[] {
  if (reader.takesSymbol(end)) return [];
  const values = [readLiteralHere(reader)];
  while (reader.takesSymbol(',')) values.push(readLiteralHere(reader));
  reader.expectSymbol(end);
  return values;
}

/** What follows `{`. */
function readMembers(reader: StatementReader): Record<string, AttributeValue> {
  const members = newItem();
  if (reader.takesSymbol('}')) return members;
  do {
    const name = reader.next();
    if (name.kind !== 'text' && name.kind !== 'quoted name')
      throw malformed(`expected a name in quotes, found '${name.text}'`);
    reader.expectSymbol(':');
    members[name.text] = readLiteralHere(reader);
  } while (reader.takesSymbol(','));
  reader.expectSymbol('}');
  return members;
}

/** Errors: ValidationException, where its members are not all texts, numbers or binary values. */
function readSet(values: readonly AttributeValue[]): AttributeValue {
  const [first] = values;
  const type = first === undefined ? 'S' : typeOf(first);
  if (type !== 'S' && type !== 'N' && type !== 'B') throw malformed(`a set cannot have members of type ${type}`);
  if (values.some((value) => typeOf(value) !== type)) throw malformed('the members of a set must be of one type');
  const wire: WireValue =
    type === 'S'
      ? { SS: values.flatMap((value) => ('S' in value ? [value.S] : [])) }
      : type === 'N'
        ? { NS: values.flatMap((value) => ('N' in value ? [value.N] : [])) }
        : { BS: values.flatMap((value) => ('B' in value ? [value.B] : [])) };
  return readValue(wire);
}

/** `first`: a name that has been taken already. */
export function readPathAfter(reader: StatementReader, first: string): DocumentPath {
  const path: [string, ...(string | number)[]] = [first];
  for (;;) {
    if (reader.takesSymbol('.')) {
      const token = reader.next();
      if (token.kind !== 'name' && token.kind !== 'quoted name')
        throw malformed(`expected a name after '.', found '${token.text}'`);
      path.push(token.text);
    } else if (reader.takesSymbol('[')) {
      const token = reader.next();
      if (token.kind === 'text') path.push(token.text);
      else if (token.kind === 'number' && /^\d+$/.test(token.text)) path.push(Number(token.text));
      else throw malformed(`expected an index or a name, found '${token.text}'`);
      reader.expectSymbol(']');
    } else break;
    if (path.length > pathPartsMax) throw malformed(`a path has ${pathPartsMax} parts at most`);
  }
  return path;
}

export function readPathHere(reader: StatementReader): DocumentPath {
  const token = reader.peek();
  if (token.kind !== 'name' && token.kind !== 'quoted name') return reader.refuse('a path');
  reader.next();
  return readPathAfter(reader, token.text);
}
