/**
 * What is wrong with an operation's input by its service's model, in the words of AWS's ValidationException: every
 * violation, in one message. It looks at the shape alone: what exists is each operation's own question.
 */
import { PlatformError } from '../util/errors.ts';
import type { ModelTable } from './protocol/shape.ts';
import type { OperationEntry, OperationTable } from './service.ts';

/** `each`, `keys`, `values`: a shape's name, for `each` also a structure's. Lengths: characters, or entries. */
export type Constraint = {
  lengthMin?: number;
  lengthMax?: number;
  min?: number;
  max?: number;
  /** Never repeated in a message. */
  isSecret?: true;
  /** AWS prints such numbers with a fraction, always. */
  isDecimal?: true;
  /** As AWS prints it; the whole value must match. */
  pattern?: string;
  enum?: readonly string[];
  each?: string;
  keys?: string;
  values?: string;
};

/** By the model's own names of structures, members and shapes. */
export type Constraints = {
  shapes: Readonly<Record<string, Constraint>>;
  members: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

/** Longest value that a message repeats. */
const shownLengthMax = 1_000;

/** `structure`: the input's, by the model's name. Errors: `invalid_argument` ValidationException. */
export function createConstraintCheck(
  model: ModelTable,
  { shapes: shapeConstraints, members: memberShapes }: Constraints,
): (structure: string, input: unknown) => void {
  return (structure, input) => {
    const violations: string[] = [];
    checkStructure(structure, input, '', violations);
    if (violations.length > 0) throw validationException(violations);
  };

  function checkStructure(structure: string, input: unknown, path: string, violations: string[]): void {
    const record = input as Readonly<Record<string, unknown>>;
    const shape = model.shapes[structure];
    for (const member of shape !== undefined && 'structure' in shape ? (shape.required ?? []) : []) {
      if (record[member] !== undefined) continue;
      violations.push(
        `Value null at '${path}${wireName(member)}' failed to satisfy constraint: Member must not be null`,
      );
    }
    const members = memberShapes[structure];
    if (members === undefined) return;
    for (const [member, shape] of Object.entries(members)) {
      const value = record[member];
      if (value !== undefined) checkValue(shape, value, path + wireName(member), violations);
    }
  }

  function checkValue(shape: string, value: unknown, path: string, violations: string[]): void {
    if (shape in memberShapes) {
      checkStructure(shape, value, `${path}.`, violations);
      return;
    }
    const constraint = shapeConstraints[shape];
    if (constraint === undefined) return;
    for (const broken of brokenBy(constraint, value)) {
      const repeated = constraint.isSecret === true ? '***' : shown(value, constraint.each);
      violations.push(`Value '${repeated}' at '${path}' failed to satisfy constraint: ${broken}`);
    }
    const { each } = constraint;
    if (each !== undefined && each in memberShapes && Array.isArray(value)) {
      value.forEach((item, index) => checkStructure(each, item, `${path}.${index + 1}.member.`, violations));
    }
  }

  /** The rules that `value` breaks; those of its entries are said of the whole, as AWS does. */
  function brokenBy(constraint: Constraint, value: unknown): string[] {
    const broken = rulesOf(constraint).filter(({ holds }) => !holds(value));
    const inside: string[] = [];
    const { each, keys, values } = constraint;
    const nested = (shape: string | undefined, items: readonly unknown[], what: string): void => {
      const rules = shape === undefined ? undefined : shapeConstraints[shape];
      if (rules === undefined || items.every((item) => rulesOf(rules).every(({ holds }) => holds(item)))) return;
      const texts = [...rulesOf(rules).map(({ text }) => text), 'Member must not be null'];
      inside.push(`${what} must satisfy constraint: [${texts.join(', ')}]`);
    };
    if (Array.isArray(value)) nested(each, value, 'Member');
    else if (typeof value === 'object' && value !== null) {
      nested(keys, Object.keys(value), 'Map keys');
      nested(values, Object.values(value), 'Map value');
    }
    return [...broken.map(({ text }) => text), ...inside];
  }
}

/** Each operation with its input held to the service model's constraints before anything else looks at it. */
export function constrained<Name extends string>(
  operations: OperationTable<Name>,
  model: ModelTable,
  constraints: Constraints,
): OperationTable<string> {
  const check = createConstraintCheck(model, constraints);
  return Object.fromEntries(
    Object.entries<OperationEntry | 'not built'>(operations).map(([name, entry]) => {
      if (entry === 'not built') return [name, entry];
      const structure = model.operations[name]?.input ?? '';
      const access: OperationEntry['access'] = (context, input) => {
        check(structure, input);
        return entry.access(context, input);
      };
      return [name, { ...entry, access }];
    }),
  );
}

/** `violations`: `Value '…' at '…' failed to satisfy constraint: …`. */
export function validationException(violations: readonly string[]): PlatformError {
  const count = violations.length === 1 ? '1 validation error' : `${violations.length} validation errors`;
  return new PlatformError('invalid_argument', `${count} detected: ${violations.join('; ')}`, {
    reason: 'ValidationException',
  });
}

/** `FunctionName` is 'functionName' in AWS's messages, `KMSKeyArn` is 'kMSKeyArn'. */
const wireName = (member: string): string => member.slice(0, 1).toLowerCase() + member.slice(1);

type Rule = { text: string; holds: (value: unknown) => boolean };

function rulesOf(constraint: Constraint): Rule[] {
  const { lengthMax, lengthMin, max, min, isDecimal, pattern, enum: words } = constraint;
  const print = (bound: number): string => (isDecimal === true ? decimal(bound) : String(bound));
  const rules: Rule[] = [];
  if (lengthMax !== undefined)
    rules.push({
      text: `Member must have length less than or equal to ${lengthMax}`,
      holds: (value) => lengthOf(value) <= lengthMax,
    });
  if (lengthMin !== undefined)
    rules.push({
      text: `Member must have length greater than or equal to ${lengthMin}`,
      holds: (value) => lengthOf(value) >= lengthMin,
    });
  if (pattern !== undefined) {
    const whole = new RegExp(`^(?:${pattern})$`, pattern.includes(String.raw`\p{`) ? 'su' : 's');
    rules.push({
      text: `Member must satisfy regular expression pattern: ${pattern}`,
      holds: (value) => typeof value !== 'string' || whole.test(value),
    });
  }
  if (words !== undefined)
    rules.push({
      text: `Member must satisfy enum value set: [${words.join(', ')}]`,
      holds: (value) => typeof value !== 'string' || words.includes(value),
    });
  if (max !== undefined)
    rules.push({
      text: `Member must have value less than or equal to ${print(max)}`,
      holds: (value) => typeof value !== 'number' || value <= max,
    });
  if (min !== undefined)
    rules.push({
      text: `Member must have value greater than or equal to ${print(min)}`,
      holds: (value) => typeof value !== 'number' || value >= min,
    });
  return rules;
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
}

const decimal = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

/** As Java prints it: `[a, b]`, of structures their name alone (`each`), `{2=0.5}`; of a map of texts, which may be secrets, the keys. */
function shown(value: unknown, each?: string): string {
  const text = Array.isArray(value)
    ? `[${value.map((item) => (typeof item === 'object' ? (each ?? 'object') : String(item))).join(', ')}]`
    : typeof value === 'object' && value !== null
      ? `{${Object.entries(value).map(shownEntry).join(', ')}}`
      : String(value);
  return text.length > shownLengthMax ? `${text.slice(0, shownLengthMax)}…` : text;
}

const shownEntry = ([key, value]: [string, unknown]): string =>
  typeof value === 'number' ? `${key}=${decimal(value)}` : key;
