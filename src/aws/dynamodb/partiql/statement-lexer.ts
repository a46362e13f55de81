/** PartiQL's statements as tokens. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html */
import { validationException } from '../expression/validation-exception.ts';

export type StatementToken = {
  /** `name`: unquoted, and so a keyword perhaps. `quoted name`: in double quotes. */
  kind: 'name' | 'quoted name' | 'text' | 'number' | 'symbol' | 'end';
  /** Without its quotes. */
  text: string;
};

export const malformed = (detail: string): Error =>
  validationException(`Statement wasn't well formed, can't be processed: ${detail}`);

const space = /(?:[ \t\r\n]+|--[^\n]*)*/y;
const name = /[a-zA-Z_$][a-zA-Z0-9_$]*/y;
const number = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const quotedText = /'((?:[^']|'')*)'/y;
const quotedName = /"((?:[^"]|"")*)"/y;
const symbol = /<<|>>|<>|!=|<=|>=|[-+*=<>()[\]{},.:?;]/y;

/** Errors: ValidationException. */
export function statementTokens(source: string): StatementToken[] {
  const tokens: StatementToken[] = [];
  let position = 0;
  const match = (shape: RegExp): RegExpExecArray | undefined => {
    shape.lastIndex = position;
    const found = shape.exec(source);
    if (found === null) return undefined;
    position = shape.lastIndex;
    return found;
  };
  for (;;) {
    match(space);
    if (position >= source.length) break;
    const token = nextToken(match);
    if (token === undefined) {
      const character = source[position] ?? '';
      throw malformed(
        character === "'" || character === '"'
          ? `the quote at position ${position + 1} has no end`
          : `unexpected '${character}' at position ${position + 1}`,
      );
    }
    tokens.push(token);
  }
  tokens.push({ kind: 'end', text: 'the end' });
  return tokens;
}

function nextToken(match: (shape: RegExp) => RegExpExecArray | undefined): StatementToken | undefined {
  const quoted = match(quotedText);
  if (quoted !== undefined) return { kind: 'text', text: (quoted[1] ?? '').replaceAll("''", "'") };
  const named = match(quotedName);
  if (named !== undefined) return { kind: 'quoted name', text: (named[1] ?? '').replaceAll('""', '"') };
  const plain = match(name);
  if (plain !== undefined) return { kind: 'name', text: plain[0] };
  const digits = match(number);
  if (digits !== undefined) return { kind: 'number', text: digits[0] };
  const sign = match(symbol);
  return sign === undefined ? undefined : { kind: 'symbol', text: sign[0] };
}
