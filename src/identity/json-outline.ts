/**
 * What JSON.parse does not tell of a text that it takes: a name that an object has twice (of which it would keep the last
 * one, and with it forget a condition), and where the values of its first two levels lie.
 */

export type Extent = { start: number; end: number };

export type JsonOutline = {
  /** The first name that an object has twice. */
  repeated: string | undefined;
  /** By name: where the values of the outermost object lie, and the items of those that are lists. */
  members: ReadonlyMap<string, { extent: Extent; items: readonly Extent[] }>;
};

/** No policy is nested more deeply than this by far; it keeps strangers from filling the stack. */
const depthMax = 32;

/** `text` is JSON. Undefined: nested too deeply. */
export function outlineJson(text: string): JsonOutline | undefined {
  const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs;
  const members = new Map<string, { extent: Extent; items: Extent[] }>();
  let repeated: string | undefined;
  let isTooDeep = false;
  let token = next();

  function next(): { text: string; start: number } {
    const found = tokens.exec(text);
    return found === null ? { text: '', start: text.length } : { text: found[0], start: found.index };
  }

  /** Takes one value, and answers where it ends. */
  function value(depth: number, place: { extent: Extent; items: Extent[] } | undefined): number {
    const opening = token;
    token = next();
    if (opening.text !== '{' && opening.text !== '[') return opening.start + opening.text.length;
    if (depth > depthMax) {
      isTooDeep = true;
      return text.length;
    }
    const names = new Set<string>();
    while (token.text !== '}' && token.text !== ']' && token.text !== '' && !isTooDeep) {
      if (token.text === ',') token = next();
      if (opening.text === '{') named(depth, names);
      else {
        const start = token.start;
        const end = value(depth + 1, undefined);
        place?.items.push({ start, end });
      }
    }
    const end = token.start + token.text.length;
    token = next();
    return end;
  }

  function named(depth: number, names: Set<string>): void {
    const name = JSON.parse(token.text) as string;
    if (names.has(name)) repeated ??= name;
    names.add(name);
    next();
    token = next();
    const place = { extent: { start: token.start, end: token.start }, items: [] };
    place.extent.end = value(depth + 1, depth === 0 ? place : undefined);
    if (depth === 0) members.set(name, place);
  }

  value(0, undefined);
  return isTooDeep ? undefined : { repeated, members };
}
