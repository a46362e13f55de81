/**
 * Patterns for paths with `/`: `*` (within a segment), `**` (any number of segments), `?`, `[abc]`, `{a,b}`.
 * Names that begin with a dot match like others: leaving out is done by name, in ignored.ts.
 */

/** A pattern that ends in `/`, and one that names a folder, take in everything below it. */
export function globMatcher(pattern: string): (path: string) => boolean {
  const body = pattern.replace(/^\.\//, '').replace(/\/+$/, '/**');
  const expression = new RegExp(`^${translate(body)}(?:/.*)?$`, 'su');
  return (path) => expression.test(path);
}

/** A path as it is, without wildcards. */
export function isLiteral(pattern: string): boolean {
  return !/[*?[\]{}]/.test(pattern);
}

/** The folder below which everything lies that a pattern can match: `src` of `src/*.ts`; empty for all. */
export function staticFolder(pattern: string): string {
  const segments = pattern.replace(/^\.\//, '').split('/');
  const firstWild = segments.findIndex((segment) => !isLiteral(segment));
  return segments.slice(0, firstWild < 0 ? segments.length - 1 : firstWild).join('/');
}

function translate(pattern: string): string {
  let result = '';
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (pattern.startsWith('**/', at) && (at === 0 || pattern.charAt(at - 1) === '/')) {
      result += '(?:[^/]+/)*';
      at += 2;
    } else if (
      pattern.startsWith('**', at) &&
      at + 2 === pattern.length &&
      (at === 0 || pattern.charAt(at - 1) === '/')
    ) {
      result += '.+';
      at += 1;
    } else if (character === '*') {
      while (pattern.charAt(at + 1) === '*') at++;
      result += '[^/]*';
    } else if (character === '?') {
      result += '[^/]';
    } else if (character === '[') {
      const end = pattern.indexOf(']', at + 2);
      if (end < 0) {
        result += '\\[';
      } else {
        const body = pattern.slice(at + 1, end);
        const negated = body.startsWith('!') || body.startsWith('^');
        result += `(?!/)[${negated ? '^' : ''}${classBody(negated ? body.slice(1) : body)}]`;
        at = end;
      }
    } else if (character === '{') {
      const end = closingBrace(pattern, at);
      if (end < 0) {
        result += '\\{';
      } else {
        result += `(?:${alternatives(pattern.slice(at + 1, end))
          .map(translate)
          .join('|')})`;
        at = end;
      }
    } else {
      result += escaped(character);
    }
  }
  return result;
}

function escaped(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

/** Ranges stay ranges, unless they run backwards; everything else means itself. */
function classBody(body: string): string {
  const range = /^([^\\])-([^\\])/u;
  let result = '';
  for (let rest = body; rest !== '';) {
    const found = range.exec(rest);
    if (found?.[1] !== undefined && found[2] !== undefined && found[1] <= found[2]) {
      result += `${classCharacter(found[1])}-${classCharacter(found[2])}`;
      rest = rest.slice(found[0].length);
    } else {
      const character = String.fromCodePoint(rest.codePointAt(0) ?? 0);
      result += classCharacter(character);
      rest = rest.slice(character.length);
    }
  }
  return result;
}

function classCharacter(character: string): string {
  return /[\\^\-[\]/]/.test(character) ? `\\${character}` : character;
}

function closingBrace(pattern: string, from: number): number {
  let depth = 0;
  for (let at = from; at < pattern.length; at++) {
    if (pattern.charAt(at) === '{') depth++;
    else if (pattern.charAt(at) === '}' && --depth === 0) return at;
  }
  return -1;
}

function alternatives(body: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of body) {
    if (character === '{') depth++;
    if (character === '}') depth--;
    if (character === ',' && depth === 0) parts.push('');
    else parts.push((parts.pop() ?? '') + character);
  }
  return parts;
}
