/**
 * YAML text as a tree of plain values, each with where it stands: what every shape reads from. Anchors, aliases and
 * merge keys (`<<`) are resolved here, so that nothing further on knows them. Never throws: what is not YAML is a complaint.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type ParsedNode,
  type YAMLMap,
} from 'yaml';
import type { Complaint, Position } from './complaint.ts';

type Place = {
  at: Position;
  /** `functions.hello.memory`; empty for the whole file. */
  path: string;
};

type FoundScalar = Place & {
  kind: 'scalar';
  value: string | number | boolean | null;
  /** As written, without quotes: `007`, `1.50`. */
  text: string;
};
type FoundList = Place & { kind: 'list'; items: readonly Found[] };
type FoundEntry = { key: string; keyAt: Position; value: Found };
export type FoundMap = Place & { kind: 'map'; entries: readonly FoundEntry[] };
export type Found = FoundScalar | FoundList | FoundMap;

/** What stands under keys of maps, as far down as they are there. */
export function under(found: Found, ...[key, ...others]: readonly string[]): Found {
  const entry = found.kind === 'map' ? found.entries.find((one) => one.key === key) : undefined;
  return entry === undefined ? found : under(entry.value, ...others);
}

/** Far more than a manifest needs; aliases of aliases (`&a [*b, *b]` …) grow exponentially and stop here. */
const nodesMax = 50_000;
/** The manifest's own shapes end at 8. */
const depthMax = 32;
/** A manifest is written by hand. */
const manifestBytesMax = 1024 * 1024;

export function readFound(text: string, file: string): { root: Found | undefined; complaints: Complaint[] } {
  const start = { line: 1, column: 1 };
  if (text.length > manifestBytesMax) {
    const message = `the file has ${text.length} characters; at most ${manifestBytesMax} are accepted`;
    return { root: undefined, complaints: [{ file, ...start, field: '', message }] };
  }
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, merge: true, keepSourceTokens: false });
  const positionOf = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset);
    return line === 0 ? start : { line, column: col };
  };
  const complaints: Complaint[] = [
    ...withoutConsequences(document.errors).map((error) => ({
      file,
      ...positionOf(error.pos[0]),
      field: '',
      message: syntaxMessage(error.code, error.message),
    })),
    ...document.warnings.map((warning) => ({
      file,
      ...positionOf(warning.pos[0]),
      field: '',
      message: warningMessage(warning.message),
    })),
  ];
  if (complaints.length > 0) return { root: undefined, complaints };
  if (document.contents === null) return { root: undefined, complaints };
  const reader = new TreeReader(document, file, positionOf, complaints);
  return { root: reader.read(document.contents, '', 0), complaints };
}

/** Holds the budget of nodes for one document. */
class TreeReader {
  readonly #document: Document.Parsed;
  readonly #file: string;
  readonly #positionOf: (offset: number) => Position;
  readonly #complaints: Complaint[];
  #nodes = 0;

  constructor(
    document: Document.Parsed,
    file: string,
    positionOf: (offset: number) => Position,
    complaints: Complaint[],
  ) {
    this.#document = document;
    this.#file = file;
    this.#positionOf = positionOf;
    this.#complaints = complaints;
  }

  read(node: ParsedNode | null, path: string, depth: number, usedAt?: Position): Found | undefined {
    const at = usedAt ?? this.#positionOf(node?.range[0] ?? 0);
    if (++this.#nodes > nodesMax || depth > depthMax) {
      // Said once: the callers above all give up too.
      if (this.#nodes <= nodesMax + 1)
        this.#complain(
          at,
          path,
          `nested deeper than ${depthMax}, or more than ${nodesMax} values once aliases are followed`,
        );
      this.#nodes = nodesMax + 1;
      return undefined;
    }
    if (isAlias(node)) {
      const target = node.resolve(this.#document);
      if (target === undefined) {
        this.#complain(at, path, `there is no anchor &${node.source} before this alias`);
        return undefined;
      }
      return this.read(target as ParsedNode, path, depth + 1, at);
    }
    if (isMap(node)) return this.#readMap(node as YAMLMap.Parsed, path, depth, at);
    if (isSeq(node)) {
      const items: Found[] = [];
      for (const [index, item] of node.items.entries()) {
        const found = this.read(item as ParsedNode | null, `${path}[${index}]`, depth + 1);
        if (found !== undefined) items.push(found);
      }
      return { kind: 'list', at, path, items };
    }
    const scalar = isScalar(node) ? node : undefined;
    const value = scalar?.value ?? null;
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      return { kind: 'scalar', at, path, value, text: typeof value === 'string' ? value : (scalar?.source ?? '') };
    }
    this.#complain(at, path, `found ${String(scalar?.source)}; text, a number, true or false is accepted`);
    return undefined;
  }

  #readMap(map: YAMLMap.Parsed, path: string, depth: number, at: Position): Found {
    const own = new Map<string, FoundEntry>();
    const merged = new Map<string, FoundEntry>();
    for (const pair of map.items) {
      const keyAt = this.#positionOf(pair.key?.range[0] ?? map.range[0]);
      const key = isScalar(pair.key) ? pair.key.value : undefined;
      if (typeof key === 'symbol') {
        this.#merge(pair.value, path, depth, keyAt, merged);
      } else if (typeof key !== 'string' && typeof key !== 'number' && typeof key !== 'boolean') {
        this.#complain(keyAt, path, 'a key must be a word');
      } else {
        const name = String(key);
        const value = this.read(
          pair.value,
          path === '' ? name : `${path}.${name}`,
          depth + 1,
          pair.value === null ? keyAt : undefined,
        );
        if (value !== undefined) own.set(name, { key: name, keyAt, value });
      }
    }
    for (const [name, entry] of merged) if (!own.has(name)) own.set(name, entry);
    return { kind: 'map', at, path, entries: [...own.values()] };
  }

  /** `<<: *base` or `<<: [*base, *other]`, the first that has a key wins. https://yaml.org/type/merge.html */
  #merge(node: ParsedNode | null, path: string, depth: number, keyAt: Position, into: Map<string, FoundEntry>): void {
    const found = this.read(node, path, depth + 1);
    for (const source of found?.kind === 'list' ? found.items : [found]) {
      if (source === undefined) continue;
      if (source.kind !== 'map') {
        this.#complain(keyAt, path, '<< merges other maps in: write an alias of one (<<: *name)');
        continue;
      }
      for (const entry of source.entries) if (!into.has(entry.key)) into.set(entry.key, entry);
    }
  }

  #complain(at: Position, field: string, message: string): void {
    this.#complaints.push({ file: this.#file, ...at, field, message });
  }
}

/** After the first thing that is not YAML, the parser complains of everything that follows. */
function withoutConsequences(errors: Document.Parsed['errors']): Document.Parsed['errors'] {
  const first = errors.find(({ code }) => code !== 'DUPLICATE_KEY');
  return errors.filter(
    (error) =>
      error === first || (error.code === 'DUPLICATE_KEY' && (first === undefined || error.pos[0] < first.pos[0])),
  );
}

function syntaxMessage(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'this key is there twice; keep one of them';
  if (code === 'TAB_AS_INDENT') return 'a tab at the start of a line; YAML is indented with spaces';
  if (code === 'MULTIPLE_DOCS') return 'a second document begins (---); one is accepted';
  const advice = message.includes('flow-map') ? '. A value with { or } inside { … } needs quotes' : '';
  return `this is not YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}${advice}`;
}

function warningMessage(message: string): string {
  const tag = /Unresolved tag: (!\S+)/.exec(message)?.[1];
  if (tag !== undefined)
    return `${tag} is a tag of another tool (CloudFormation's !Ref, !Sub …); write the value itself`;
  return message;
}
