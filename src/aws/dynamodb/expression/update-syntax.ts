/**
 * UpdateExpression as it is written.
 *
 *   update := (SET set, … | REMOVE path, … | ADD path :value, … | DELETE path :value, …)+, each section once
 *   set := path = operand [(+|-) operand]
 *   operand := function(operand, …) | :value | path | (operand)
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
 */
import { type PathSyntax, readPath } from './document-path.ts';
import { createTokenReader, isTheWord, type TokenReader } from './token-reader.ts';
import { validationException } from './validation-exception.ts';

export const updateSections = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const;
export type UpdateSection = (typeof updateSections)[number];

export type UpdateOperandSyntax =
  | { kind: 'path'; path: PathSyntax }
  | { kind: 'value'; reference: string }
  | { kind: 'function'; name: string; args: readonly UpdateOperandSyntax[] }
  | { kind: 'sum'; sign: '+' | '-'; left: UpdateOperandSyntax; right: UpdateOperandSyntax };

export type UpdateSyntax =
  | { section: 'SET'; path: PathSyntax; value: UpdateOperandSyntax }
  | { section: 'REMOVE'; path: PathSyntax }
  | { section: 'ADD' | 'DELETE'; path: PathSyntax; reference: string };

/** In the order in which they are written. */
export type ReadUpdate = { updates: readonly UpdateSyntax[]; repeatedSection: UpdateSection | undefined };

const name = 'UpdateExpression';
/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const operatorsMax = 300;

const keywords: ReadonlySet<string> = new Set(updateSections);
const isKeyword = (word: string): boolean => keywords.has(word);

type State = { reader: TokenReader; operators: number; depth: number };

/** Errors: ValidationException. */
export function readUpdate(source: string): ReadUpdate {
  const reader = createTokenReader(name, source);
  const state: State = { reader, operators: 0, depth: 0 };
  const updates: UpdateSyntax[] = [];
  const seen = new Set<UpdateSection>();
  let repeatedSection: UpdateSection | undefined;
  do {
    const section = readSection(reader);
    if (seen.has(section)) repeatedSection ??= section;
    seen.add(section);
    do updates.push(readOne(state, section));
    while (reader.takesSymbol(','));
  } while (reader.peek().kind !== 'end');
  return { updates, repeatedSection };
}

function readSection(reader: TokenReader): UpdateSection {
  const token = reader.next();
  return updateSections.find((word) => isTheWord(token, word)) ?? reader.refuse(token);
}

function readOne(state: State, section: UpdateSection): UpdateSyntax {
  const { reader } = state;
  const path = readPath(reader, isKeyword);
  switch (section) {
    case 'SET':
      reader.expectSymbol('=');
      return { section, path, value: readSum(state) };
    case 'REMOVE':
      return { section, path };
    case 'ADD':
    case 'DELETE': {
      const token = reader.next();
      if (token.kind !== 'value reference') reader.refuse(token);
      return { section, path, reference: token.text };
    }
  }
}

function readSum(state: State): UpdateOperandSyntax {
  const { reader } = state;
  const left = readOperand(state);
  const sign = reader.isSymbol('+') ? '+' : reader.isSymbol('-') ? '-' : undefined;
  if (sign === undefined) return left;
  reader.next();
  countOperator(state);
  return { kind: 'sum', sign, left, right: readOperand(state) };
}

function readOperand(state: State): UpdateOperandSyntax {
  const { reader } = state;
  const token = reader.peek();
  if (token.kind === 'value reference') {
    reader.next();
    return { kind: 'value', reference: token.text };
  }
  if (reader.isSymbol('(')) {
    reader.next();
    enter(state);
    const operand = readSum(state);
    reader.expectSymbol(')');
    state.depth -= 1;
    return operand;
  }
  if (token.kind !== 'name' || !reader.isSymbol('(', 1) || isKeyword(token.text.toUpperCase()))
    return { kind: 'path', path: readPath(reader, isKeyword) };
  reader.next();
  reader.next();
  enter(state);
  countOperator(state);
  const args = [readOperand(state)];
  while (reader.takesSymbol(',')) args.push(readOperand(state));
  reader.expectSymbol(')');
  state.depth -= 1;
  return { kind: 'function', name: token.text, args };
}

/** Parentheses in each other are bounded by how many operators there could be in them. */
function enter(state: State): void {
  state.depth += 1;
  if (state.depth > operatorsMax) throw tooManyOperators();
}

function countOperator(state: State): void {
  state.operators += 1;
  if (state.operators > operatorsMax) throw tooManyOperators();
}

const tooManyOperators = (): Error =>
  validationException(
    `Invalid ${name}: The expression contains too many operators; operator count: ${operatorsMax + 1}`,
  );
