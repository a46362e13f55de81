/** The least input of an operation that its model takes: every required member, with values that say what they are of. */
import type { Member, Shape, StructureShape } from '../../src/aws/protocol/shape.ts';

/** By the member's name, or by structure and member (`CreateQueueRequest.QueueName`). */
export type KnownValues = Readonly<Record<string, unknown>>;

/** `wanted`: members of the input that are given though the model does not require them. */
export function minimalInput(
  shape: StructureShape,
  known: KnownValues,
  wanted: readonly string[] = [],
): Record<string, unknown> {
  return structure(shape, known, [...shape.required, ...wanted], 0);
}

/** Shapes contain themselves. */
const depthMax = 8;

function structure(
  shape: StructureShape,
  known: KnownValues,
  names: readonly string[],
  depth: number,
): Record<string, unknown> {
  // Of a union, one.
  const chosen = shape.union ? shape.members.slice(0, 1).map(({ name }) => name) : names;
  const members = shape.members.filter(({ name }) => chosen.includes(name));
  return Object.fromEntries(members.map((member) => [member.name, valueOf(shape.name, member, known, depth)]));
}

function valueOf(owner: string, { name, shape }: Member, known: KnownValues, depth: number): unknown {
  for (const key of [`${owner}.${name}`, name]) if (Object.hasOwn(known, key)) return known[key];
  return ofShape(shape, name, known, depth);
}

function ofShape(shape: Shape, name: string, known: KnownValues, depth: number): unknown {
  if (depth > depthMax) return undefined;
  switch (shape.type) {
    case 'structure':
      return structure(shape, known, shape.required, depth + 1);
    case 'list':
      return [valueOf(shape.name, { ...shape.member, name }, known, depth + 1)];
    case 'map':
      return { matrix: ofShape(shape.value.shape, name, known, depth + 1) };
    case 'number':
    case 'bigInteger':
    case 'bigDecimal':
      return 1;
    case 'boolean':
      return false;
    case 'blob':
      return new Uint8Array([1]);
    case 'timestamp':
    case 'dateTime':
    case 'httpDate':
    case 'epochSeconds':
      return new Date(Date.UTC(2031, 0, 1));
    case 'document':
      return {};
    case 'string':
    case 'unit':
      return 'matrix';
  }
}
