/** Goes over a statement's tokens and its parameters. */
import type { AttributeValue } from '../../../resources/table/attribute-value.ts';
import { validationException } from '../expression/validation-exception.ts';
import { malformed, type StatementToken, statementTokens } from './statement-lexer.ts';

/** Of values, parentheses and functions in each other. */
const depthMax = 100;

export type StatementReader = {
  peek(): StatementToken;
  next(): StatementToken;
  isWord(word: string): boolean;
  isSymbol(text: string): boolean;
  takesWord(word: string): boolean;
  takesSymbol(text: string): boolean;
  expectWord(word: string): void;
  expectSymbol(text: string): void;
  /** The value of the next `?`. */
  parameter(): AttributeValue;
  /** One level further in. Errors: ValidationException, where that is too far. */
  nested<Result>(read: () => Result): Result;
  /** Errors: ValidationException, where something is left: of the statement, or of its parameters. */
  end(): void;
  /** Never returns. */
  refuse(expected: string): never;
};

export function createStatementReader(source: string, parameters: readonly AttributeValue[]): StatementReader {
  const tokens = statementTokens(source);
  const last = tokens.length - 1;
  let position = 0;
  let parameterCount = 0;
  let depth = 0;
  const at = (index: number): StatementToken => {
    const token = tokens[Math.min(index, last)];
    if (token === undefined) throw new Error('no tokens, not even the end');
    return token;
  };
  const reader: StatementReader = {
    peek: () => at(position),
    next: () => {
      const token = at(position);
      position = Math.min(position + 1, last);
      return token;
    },
    isWord: (word) => at(position).kind === 'name' && at(position).text.toUpperCase() === word,
    isSymbol: (text) => at(position).kind === 'symbol' && at(position).text === text,
    takesWord: (word) => {
      const isNext = reader.isWord(word);
      if (isNext) position += 1;
      return isNext;
    },
    takesSymbol: (text) => {
      const isNext = reader.isSymbol(text);
      if (isNext) position += 1;
      return isNext;
    },
    expectWord: (word) => {
      if (!reader.takesWord(word)) reader.refuse(word);
    },
    expectSymbol: (text) => {
      if (!reader.takesSymbol(text)) reader.refuse(`'${text}'`);
    },
    parameter: () => {
      const value = parameters[parameterCount];
      parameterCount += 1;
      if (value === undefined) throw wrongCount();
      return value;
    },
    nested: (read) => {
      depth += 1;
      if (depth > depthMax) throw malformed(`it is nested deeper than ${depthMax} levels`);
      const result = read();
      depth -= 1;
      return result;
    },
    end: () => {
      reader.takesSymbol(';');
      if (at(position).kind !== 'end') reader.refuse('the end of the statement');
      if (parameterCount !== parameters.length) throw wrongCount();
    },
    refuse: (expected) => {
      throw malformed(`expected ${expected}, found '${at(position).text}'`);
    },
  };
  return reader;
}

const wrongCount = (): Error => validationException("Number of parameters in request and statement don't match.");
