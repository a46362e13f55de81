/**
 * Conditions, filters and key conditions as they are written: one grammar, from the loosest to the tightest,
 *
 *   or := and (OR and)*      and := not (AND not)*      not := NOT not | comparison
 *   comparison := operand (= <> < <= > >=) operand | operand BETWEEN operand AND operand | operand IN (operand, …) | primary
 *   primary := function(operand, …) | :value | path | (or)
 *
 * What is in parentheses may be an operand or a condition: which it was, is seen once it has been read.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */
import { type PathSyntax, readPath, readPathRest } from './document-path.ts';
import { createTokenReader, type TokenReader } from './token-reader.ts';
import { validationException } from './validation-exception.ts';

export type OperandSyntax =
  | { kind: 'path'; path: PathSyntax }
  | { kind: 'value'; reference: string }
  | { kind: 'function'; name: string; args: readonly OperandSyntax[] };

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type ConditionSyntax =
  | { kind: 'and' | 'or'; conditions: readonly ConditionSyntax[] }
  | { kind: 'not'; condition: ConditionSyntax }
  | { kind: 'comparison'; comparator: Comparator; left: OperandSyntax; right: OperandSyntax }
  | { kind: 'between'; operand: OperandSyntax; low: OperandSyntax; high: OperandSyntax }
  | { kind: 'in'; operand: OperandSyntax; candidates: readonly OperandSyntax[] }
  | { kind: 'function'; name: string; args: readonly OperandSyntax[] };

export type ReadCondition = { condition: ConditionSyntax; hasRedundantParentheses: boolean };

/** Of operators and functions in one expression, and of operands of IN. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const operatorsMax = 300;
const candidatesMax = 100;
/** Of parentheses in each other: more than there could be operators to put in them. */
const depthMax = operatorsMax;

const comparators: readonly Comparator[] = ['=', '<>', '<', '<=', '>', '>='];
const keywords: ReadonlySet<string> = new Set(['AND', 'OR', 'NOT', 'IN', 'BETWEEN']);
const isKeyword = (word: string): boolean => keywords.has(word);

/** `isCondition`: it holds or does not; else it is a value. A function by itself may be either. */
type Read =
  | { isCondition: true; condition: ConditionSyntax; isInParentheses: boolean }
  | { isCondition: false; operand: OperandSyntax; isInParentheses: boolean };

/** `name`: of the parameter. Errors: ValidationException. */
export function readCondition(name: string, source: string): ReadCondition {
  const reader = createTokenReader(name, source);
  const state = { name, reader, operators: 0, depth: 0, hasRedundantParentheses: false };
  const read = readOr(state);
  if (reader.peek().kind !== 'end') reader.refuse();
  return { condition: asCondition(state, read), hasRedundantParentheses: state.hasRedundantParentheses };
}

type State = { name: string; reader: TokenReader; operators: number; depth: number; hasRedundantParentheses: boolean };

function readOr(state: State): Read {
  return readChain(state, 'or', (inner) => readChain(inner, 'and', readNot));
}

function readChain(state: State, kind: 'and' | 'or', readInner: (state: State) => Read): Read {
  const first = readInner(state);
  if (!state.reader.isWord(kind.toUpperCase())) return first;
  const conditions = [asCondition(state, first)];
  while (state.reader.takesWord(kind.toUpperCase())) {
    countOperator(state);
    conditions.push(asCondition(state, readInner(state)));
  }
  return { isCondition: true, condition: { kind, conditions }, isInParentheses: false };
}

function readNot(state: State): Read {
  if (!state.reader.takesWord('NOT')) return readComparison(state);
  countOperator(state);
  const condition = asCondition(state, readNot(state));
  return { isCondition: true, condition: { kind: 'not', condition }, isInParentheses: false };
}

function readComparison(state: State): Read {
  const first = readPrimary(state);
  const condition = readOperator(state, () => asOperand(state, first));
  if (condition === undefined) return first;
  return { isCondition: true, condition, isInParentheses: false };
}

/** Undefined: no operator follows. `left`: what came before it. */
function readOperator(state: State, left: () => OperandSyntax): ConditionSyntax | undefined {
  const { reader } = state;
  const comparator = comparators.find((text) => reader.isSymbol(text));
  if (comparator !== undefined) {
    const operand = left();
    reader.next();
    countOperator(state);
    return { kind: 'comparison', comparator, left: operand, right: readOperand(state) };
  }
  if (reader.isWord('BETWEEN')) {
    const operand = left();
    reader.next();
    countOperator(state);
    const low = readOperand(state);
    if (!reader.takesWord('AND')) reader.refuse();
    return { kind: 'between', operand, low, high: readOperand(state) };
  }
  if (!reader.isWord('IN')) return undefined;
  const operand = left();
  reader.next();
  countOperator(state);
  const candidates = readList(state);
  if (candidates.length > candidatesMax)
    throw validationException(
      `Invalid ${state.name}: The IN operator is provided with too many operands; number of operands: ${candidates.length}`,
    );
  return { kind: 'in', operand, candidates };
}

const readOperand = (state: State): OperandSyntax => asOperand(state, readPrimary(state));

function readPrimary(state: State): Read {
  const { reader } = state;
  const token = reader.peek();
  if (token.kind === 'value reference') {
    reader.next();
    return { isCondition: false, operand: { kind: 'value', reference: token.text }, isInParentheses: false };
  }
  if (reader.isSymbol('(')) return readParentheses(state);
  if (token.kind === 'name' && reader.isSymbol('(', 1) && !isKeyword(token.text.toUpperCase())) {
    reader.next();
    countOperator(state);
    const args = readList(state);
    return { isCondition: false, operand: { kind: 'function', name: token.text, args }, isInParentheses: false };
  }
  return { isCondition: false, operand: { kind: 'path', path: readPath(reader, isKeyword) }, isInParentheses: false };
}

function readParentheses(state: State): Read {
  const { reader } = state;
  reader.expectSymbol('(');
  state.depth += 1;
  if (state.depth > depthMax) throw tooManyOperators(state.name);
  const inner = readOr(state);
  reader.expectSymbol(')');
  state.depth -= 1;
  if (inner.isInParentheses) state.hasRedundantParentheses = true;
  if (inner.isCondition) return { ...inner, isInParentheses: true };
  const { operand } = inner;
  if (operand.kind !== 'path' || !(reader.isSymbol('.') || reader.isSymbol('[')))
    return { ...inner, isInParentheses: true };
  const path = [...operand.path];
  readPathRest(reader, isKeyword, path);
  return { isCondition: false, operand: { kind: 'path', path }, isInParentheses: false };
}

function readList(state: State): OperandSyntax[] {
  const { reader } = state;
  reader.expectSymbol('(');
  state.depth += 1;
  if (state.depth > depthMax) throw tooManyOperators(state.name);
  const operands = [readOperand(state)];
  while (reader.takesSymbol(',')) operands.push(readOperand(state));
  reader.expectSymbol(')');
  state.depth -= 1;
  return operands;
}

function asCondition({ reader }: State, read: Read): ConditionSyntax {
  if (read.isCondition) return read.condition;
  const { operand } = read;
  return operand.kind === 'function' ? operand : reader.refuse();
}

function asOperand({ reader }: State, read: Read): OperandSyntax {
  return read.isCondition ? reader.refuse() : read.operand;
}

function countOperator(state: State): void {
  state.operators += 1;
  if (state.operators > operatorsMax) throw tooManyOperators(state.name);
}

const tooManyOperators = (name: string): Error =>
  validationException(
    `Invalid ${name}: The expression contains too many operators; operator count: ${operatorsMax + 1}`,
  );
