/** Expressions as tokens. Every text has some: what no expression may contain is a token that no rule takes. */

export type TokenKind = 'name' | 'name reference' | 'value reference' | 'number' | 'symbol' | 'end';

export type Token = {
  kind: TokenKind;
  text: string;
  /** In the source, in UTF-16 units. */
  start: number;
  end: number;
};

const shapes: readonly (readonly [TokenKind, RegExp])[] = [
  ['name', /[a-zA-Z][a-zA-Z0-9_]*/y],
  ['name reference', /#[a-zA-Z0-9_]+/y],
  ['value reference', /:[a-zA-Z0-9_]+/y],
  ['number', /[0-9]+/y],
  ['symbol', /<>|<=|>=|./suy],
];
const space = /[ \t\r\n]*/y;

const endText = '<EOF>';

export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  for (;;) {
    space.lastIndex = position;
    space.exec(source);
    position = space.lastIndex;
    if (position >= source.length) break;
    for (const [kind, shape] of shapes) {
      shape.lastIndex = position;
      const text = shape.exec(source)?.[0];
      if (text === undefined) continue;
      tokens.push({ kind, text, start: position, end: position + text.length });
      position += text.length;
      break;
    }
  }
  tokens.push({ kind: 'end', text: endText, start: source.length, end: source.length });
  return tokens;
}
