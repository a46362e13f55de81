/** Goes over an expression's tokens, and says where it stops making sense in the words of DynamoDB. */
import { type Token, tokensOf } from './lexer.ts';
import { validationException } from './validation-exception.ts';

export type TokenReader = {
  /** The next token, or the one after as many more. */
  peek(ahead?: number): Token;
  next(): Token;
  /** Takes the symbol, if it is next. */
  takesSymbol(text: string): boolean;
  /** Takes the word, if it is next, in whatever case. */
  takesWord(word: string): boolean;
  isSymbol(text: string, ahead?: number): boolean;
  isWord(word: string): boolean;
  expectSymbol(text: string): void;
  /** Never returns. `token`: the one that is not understood; the next one if absent. */
  refuse(token?: Token): never;
};

/** `name`: of the parameter: `ConditionExpression`. */
export function createTokenReader(name: string, source: string): TokenReader {
  const tokens = tokensOf(source);
  let position = 0;
  const last = tokens.length - 1;
  const at = (index: number): Token => {
    const token = tokens[Math.min(index, last)];
    if (token === undefined) throw new Error('no tokens, not even the end');
    return token;
  };
  const reader: TokenReader = {
    peek: (ahead = 0) => at(position + ahead),
    next: () => {
      const token = at(position);
      if (position < last) position += 1;
      return token;
    },
    isSymbol: (text, ahead = 0) => {
      const token = at(position + ahead);
      return token.kind === 'symbol' && token.text === text;
    },
    isWord: (word) => isTheWord(at(position), word),
    takesSymbol: (text) => {
      if (!reader.isSymbol(text)) return false;
      position += 1;
      return true;
    },
    takesWord: (word) => {
      if (!reader.isWord(word)) return false;
      position += 1;
      return true;
    },
    expectSymbol: (text) => {
      if (!reader.takesSymbol(text)) reader.refuse();
    },
    refuse: (token = at(position)) => {
      const index = tokens.indexOf(token);
      // What is near: the source from the token before to the one after.
      const near = source.slice(at(Math.max(index - 1, 0)).start, at(index + 1).end).trim();
      throw validationException(`Invalid ${name}: Syntax error; token: "${token.text}", near: "${near}"`);
    },
  };
  return reader;
}

export const isTheWord = (token: Token, word: string): boolean =>
  token.kind === 'name' && token.text.toUpperCase() === word;
