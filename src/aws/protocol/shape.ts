/**
 * Shapes: what an AWS operation's input and output look like, and where each member travels.
 *
 * Two forms. A *table* (`ModelTable`) is the compact literal that scripts/generate-aws-models.ts writes into
 * aws/model/. A *model* is the same linked: references resolved, traits merged, members in order. Protocols read
 * models only. See docs/decisions/030-aws-shape-tables.md.
 */

/** Smithy's traits as far as the wire needs them. https://smithy.io/2.0/spec/http-bindings.html, …/spec/protocol-traits.html */
export type Traits = {
  /** Part of the path (or, for S3's bucket, of the host). */
  label?: true;
  header?: string;
  /** Every header with this prefix, into a map. */
  prefixHeaders?: string;
  query?: string;
  /** Every query parameter, into a map. */
  queryParams?: true;
  /** The member is the whole body. */
  payload?: true;
  /** The member is the status code. */
  responseCode?: true;
  hostLabel?: true;
  idempotencyToken?: true;
  streaming?: true;
  jsonName?: string;
  mediaType?: string;
  xmlName?: string;
  /** List or map without an element of its own round its entries. */
  flattened?: true;
  attribute?: true;
  /** URI, and the prefix to declare it with. */
  xmlNamespace?: string | readonly [prefix: string, uri: string];
  eventHeader?: true;
  eventPayload?: true;
  /** Error shapes: whose fault, HTTP status, and the code in the Query protocol. */
  fault?: 'client' | 'server';
  status?: number;
  queryError?: readonly [code: string, status: number];
};

const simpleTypes = [
  'string',
  'number',
  'boolean',
  'blob',
  'document',
  'bigInteger',
  'bigDecimal',
  'timestamp',
  'dateTime',
  'httpDate',
  'epochSeconds',
  'unit',
] as const;
export type SimpleType = (typeof simpleTypes)[number];

/** `string`, `#Owner` (a shape of the table), `[string]` (a list of it), `{string}` (a map to it), or one of these with the member's traits. */
export type Reference = string | readonly [target: string, traits: Traits];

export type ShapeTable =
  | { structure: Readonly<Record<string, Reference>>; required?: readonly string[]; union?: true; traits?: Traits }
  | { list: Reference; traits?: Traits }
  | { map: readonly [key: Reference, value: Reference]; traits?: Traits }
  | { simple: SimpleType; traits: Traits };

export type OperationTableEntry = {
  /** Absent where the protocol is not bound to paths. */
  http?: readonly [method: string, uri: string, status: number];
  /** A shape, or `unit`. */
  input: string;
  output: string;
  /** The body may or must carry a checksum of the caller's choice. */
  checksum?: true;
  /** The operation whose second address this is; absent: the one of the entry's own name. */
  isOf?: string;
};

export type ModelTable = {
  /** npm package and version that the table was made from. */
  generatedFrom: string;
  serviceId: string;
  version: string;
  /** Smithy's: `com.amazonaws.sqs`. */
  namespace: string;
  /** The part of X-Amz-Target before the dot. */
  targetPrefix: string;
  xmlNamespace?: string;
  /** The service spoke Query before, and its errors keep their old codes in a header. */
  queryCompatible?: true;
  operations: Readonly<Record<string, OperationTableEntry>>;
  shapes: Readonly<Record<string, ShapeTable>>;
  errors: Readonly<Record<string, ShapeTable>>;
};

export type StructureShape = {
  type: 'structure';
  name: string;
  union: boolean;
  members: readonly Member[];
  /** Names of the members that must be there. */
  required: readonly string[];
  traits: Traits;
  /** Members by their own name, by their element's (or attribute's), and by their JSON key. */
  byName: ReadonlyMap<string, Member>;
  byXmlName: ReadonlyMap<string, Member>;
  byJsonName: ReadonlyMap<string, Member>;
};

export type Shape =
  | StructureShape
  | { type: 'list'; name: string; member: Member; traits: Traits }
  | { type: 'map'; name: string; key: Member; value: Member; traits: Traits }
  | { type: SimpleType; name: string; traits: Traits };

/** A shape in its place. `traits`: the shape's own, overridden by the place's. */
export type Member = { name: string; shape: Shape; traits: Traits; /** The place's own alone. */ ownTraits: Traits };

export type Operation = {
  name: string;
  http: { method: string; uri: string; status: number } | undefined;
  input: StructureShape;
  output: StructureShape;
  /** Whether there is an input or output shape at all, as opposed to one without members. */
  hasInput: boolean;
  hasOutput: boolean;
  /** Checksums in its headers and trailers are of its body (and not, as for a completed upload, of an object). */
  hasBodyChecksum: boolean;
};

export type Model = {
  serviceId: string;
  version: string;
  namespace: string;
  targetPrefix: string;
  xmlNamespace: string | undefined;
  queryCompatible: boolean;
  operations: ReadonlyMap<string, Operation>;
  errors: ReadonlyMap<string, StructureShape>;
};

const noTraits: Traits = Object.freeze({});
const unit: StructureShape = Object.freeze({
  type: 'structure',
  name: 'Unit',
  union: false,
  members: [],
  required: [],
  traits: noTraits,
  byName: new Map(),
  byXmlName: new Map(),
  byJsonName: new Map(),
});

/** Links a table. A reference to nothing is a bug in the table and throws. */
export function linkModel(table: ModelTable): Model {
  const linked = new Map<string, Shape>();

  function named(name: string): Shape {
    const known = linked.get(name);
    if (known !== undefined) return known;
    const entry = table.shapes[name];
    if (entry === undefined) throw new Error(`shape table of ${table.serviceId}: no shape '${name}'`);
    return link(name, entry, linked);
  }

  /** A shape is registered before its members are linked, because shapes may contain themselves. */
  function link(name: string, entry: ShapeTable, registry: Map<string, Shape>): Shape {
    const traits = entry.traits ?? noTraits;
    if ('simple' in entry) {
      const shape: Shape = { type: entry.simple, name, traits };
      registry.set(name, shape);
      return shape;
    }
    if ('list' in entry) {
      const shape = { type: 'list' as const, name, traits, member: pending };
      registry.set(name, shape);
      shape.member = member('member', entry.list);
      return shape;
    }
    if ('map' in entry) {
      const shape = { type: 'map' as const, name, traits, key: pending, value: pending };
      registry.set(name, shape);
      shape.key = member('key', entry.map[0]);
      shape.value = member('value', entry.map[1]);
      return shape;
    }
    const members: Member[] = [];
    const byName = new Map<string, Member>();
    const byXmlName = new Map<string, Member>();
    const byJsonName = new Map<string, Member>();
    const shape: StructureShape = {
      type: 'structure',
      name,
      union: entry.union === true,
      members,
      required: entry.required ?? [],
      traits,
      byName,
      byXmlName,
      byJsonName,
    };
    registry.set(name, shape);
    for (const [memberName, reference] of Object.entries(entry.structure)) {
      const linkedMember = member(memberName, reference);
      members.push(linkedMember);
      byName.set(memberName, linkedMember);
      byXmlName.set(linkedMember.ownTraits.xmlName ?? memberName, linkedMember);
      byJsonName.set(linkedMember.ownTraits.jsonName ?? memberName, linkedMember);
    }
    return shape;
  }

  function member(name: string, reference: Reference): Member {
    const [target, ownTraits] = typeof reference === 'string' ? [reference, noTraits] : reference;
    const shape = resolve(target);
    return { name, shape, ownTraits, traits: { ...shape.traits, ...ownTraits } };
  }

  function resolve(target: string): Shape {
    if (target.startsWith('#')) return named(target.slice(1));
    if (target.startsWith('[')) {
      return { type: 'list', name: target, traits: noTraits, member: member('member', target.slice(1, -1)) };
    }
    if (target.startsWith('{')) {
      return {
        type: 'map',
        name: target,
        traits: noTraits,
        key: member('key', 'string'),
        value: member('value', target.slice(1, -1)),
      };
    }
    const simple = simpleTypes.find((type) => type === target);
    if (simple === undefined) throw new Error(`shape table of ${table.serviceId}: no type '${target}'`);
    return { type: simple, name: simple, traits: noTraits };
  }

  function structure(name: string): StructureShape {
    if (name === 'unit') return unit;
    const shape = named(name);
    if (shape.type !== 'structure') throw new Error(`shape table of ${table.serviceId}: '${name}' is not a structure`);
    return shape;
  }

  const operations = new Map<string, Operation>();
  for (const [name, entry] of Object.entries(table.operations)) {
    operations.set(name, {
      name: entry.isOf ?? name,
      http: entry.http === undefined ? undefined : { method: entry.http[0], uri: entry.http[1], status: entry.http[2] },
      input: structure(entry.input),
      output: structure(entry.output),
      hasInput: entry.input !== 'unit',
      hasOutput: entry.output !== 'unit',
      hasBodyChecksum: entry.checksum === true,
    });
  }
  const errors = new Map<string, StructureShape>();
  for (const [name, entry] of Object.entries(table.errors)) {
    const shape = link(name, entry, new Map());
    if (shape.type === 'structure') errors.set(name, shape);
  }
  return {
    serviceId: table.serviceId,
    version: table.version,
    namespace: table.namespace,
    targetPrefix: table.targetPrefix,
    xmlNamespace: table.xmlNamespace,
    queryCompatible: table.queryCompatible === true,
    operations,
    errors,
  };
}

/** Stands in a shape's place until its members are linked; never seen outside `linkModel`. */
const pending: Member = Object.freeze({
  name: '',
  shape: Object.freeze({ type: 'unit', name: '', traits: noTraits }),
  traits: noTraits,
  ownTraits: noTraits,
});
