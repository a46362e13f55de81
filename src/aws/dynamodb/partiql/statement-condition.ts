/**
 * What stands after WHERE, as a condition like those of expressions.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-operators.html, …/ql-functions.html
 */
import { type AttributeType, typeOf } from '../../../resources/table/attribute-value.ts';
import type { Condition, Operand } from '../expression/condition.ts';
import type { Comparator } from '../expression/condition-syntax.ts';
import { validationException } from '../expression/validation-exception.ts';
import { malformed } from './statement-lexer.ts';
import type { StatementReader } from './statement-reader.ts';
import { readLiteral, readPathAfter } from './statement-value.ts';

const comparators: Readonly<Record<string, Comparator>> = {
  '=': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};
/** Values after IN. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-operators.html */
const candidatesMax = 100;
export const tooManyCandidates = (count: number): Error =>
  validationException(`The IN operator is provided with too many operands; number of operands: ${count}`);
const functions = ['begins_with', 'contains', 'attribute_type'] as const;

/** In what an AND or OR is of, one operator after the other. */
export function readStatementCondition(reader: StatementReader): Condition {
  return readChain(reader, 'OR', () => readChain(reader, 'AND', () => readNot(reader)));
}

function readChain(reader: StatementReader, word: 'AND' | 'OR', read: () => Condition): Condition {
  const first = read();
  if (!reader.isWord(word)) return first;
  const conditions = [first];
  while (reader.takesWord(word)) conditions.push(read());
  return { kind: word === 'AND' ? 'and' : 'or', conditions };
}

function readNot(reader: StatementReader): Condition {
  if (reader.takesWord('NOT')) return { kind: 'not', condition: reader.nested(() => readNot(reader)) };
  if (!reader.takesSymbol('(')) return readSimple(reader);
  const condition = reader.nested(() => readStatementCondition(reader));
  reader.expectSymbol(')');
  return condition;
}

function readSimple(reader: StatementReader): Condition {
  const first = readPrimary(reader);
  if ('condition' in first) return first.condition;
  const { operand } = first;
  if (reader.takesWord('BETWEEN')) return readBetween(reader, operand);
  if (reader.takesWord('IN')) return { kind: 'in', operand, candidates: readCandidates(reader) };
  if (reader.takesWord('NOT')) {
    reader.expectWord('IN');
    return { kind: 'not', condition: { kind: 'in', operand, candidates: readCandidates(reader) } };
  }
  if (reader.takesWord('IS')) return readIs(reader, operand);
  const token = reader.peek();
  const comparator = token.kind === 'symbol' ? comparators[token.text] : undefined;
  if (comparator === undefined) return reader.refuse('an operator');
  reader.next();
  const right = readOperand(reader);
  if (comparator !== '=' && comparator !== '<>')
    for (const one of [operand, right]) requireType(comparator, one, ['S', 'N', 'B']);
  return { kind: 'comparison', comparator, left: operand, right };
}

function readBetween(reader: StatementReader, operand: Operand): Condition {
  const low = readOperand(reader);
  reader.expectWord('AND');
  const high = readOperand(reader);
  for (const one of [operand, low, high]) requireType('BETWEEN', one, ['S', 'N', 'B']);
  return { kind: 'between', operand, low, high };
}

function readCandidates(reader: StatementReader): Operand[] {
  const end = reader.takesSymbol('[') ? ']' : ')';
  if (end === ')') reader.expectSymbol('(');
  const candidates = [readOperand(reader)];
  while (reader.takesSymbol(',')) candidates.push(readOperand(reader));
  reader.expectSymbol(end);
  if (candidates.length > candidatesMax) throw tooManyCandidates(candidates.length);
  return candidates;
}

/** IS [NOT] MISSING, IS [NOT] NULL. */
function readIs(reader: StatementReader, operand: Operand): Condition {
  const isNegated = reader.takesWord('NOT');
  if (operand.kind !== 'path') throw malformed('IS is asked of a path');
  const { path } = operand;
  if (reader.takesWord('MISSING')) return { kind: isNegated ? 'attribute_exists' : 'attribute_not_exists', path };
  reader.expectWord('NULL');
  const isNull: Condition = {
    kind: 'attribute_type',
    operand,
    argument: { kind: 'value', value: { S: 'NULL' } },
  };
  return isNegated ? { kind: 'not', condition: isNull } : isNull;
}

function readOperand(reader: StatementReader): Operand {
  const read = readPrimary(reader);
  if ('condition' in read) throw malformed('a condition cannot be compared');
  return read.operand;
}

function readPrimary(reader: StatementReader): { operand: Operand } | { condition: Condition } {
  const value = readLiteral(reader);
  if (value !== undefined) return { operand: { kind: 'value', value } };
  if (reader.takesSymbol('(')) {
    const operand = reader.nested(() => readOperand(reader));
    reader.expectSymbol(')');
    return { operand };
  }
  const token = reader.peek();
  if (token.kind !== 'name' && token.kind !== 'quoted name') return reader.refuse('a path or a value');
  reader.next();
  if (token.kind === 'quoted name' || !reader.takesSymbol('('))
    return { operand: { kind: 'path', path: readPathAfter(reader, token.text) } };
  return reader.nested(() => readFunction(reader, token.text));
}

/** What follows `name(`. */
function readFunction(reader: StatementReader, text: string): { operand: Operand } | { condition: Condition } {
  const name = text.toLowerCase();
  if (name === 'size') {
    const of = readOperand(reader);
    reader.expectSymbol(')');
    return { operand: { kind: 'size', of } };
  }
  const kind = functions.find((one) => one === name);
  if (kind === undefined) throw validationException(`Invalid function name; function: ${text}`);
  const operand = readOperand(reader);
  reader.expectSymbol(',');
  const argument = readOperand(reader);
  reader.expectSymbol(')');
  if (kind === 'begins_with') for (const one of [operand, argument]) requireType(kind, one, ['S', 'B']);
  if (kind === 'attribute_type') requireType(kind, argument, ['S']);
  return { condition: { kind, operand, argument } };
}

function requireType(operator: string, operand: Operand, types: readonly AttributeType[]): void {
  const type = operand.kind === 'value' ? typeOf(operand.value) : operand.kind === 'size' ? 'N' : undefined;
  if (type === undefined || types.includes(type)) return;
  throw validationException(
    `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`,
  );
}
