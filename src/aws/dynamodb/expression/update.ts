/** Updates whose references are resolved, and which make sense. */
import { type AttributeType, type AttributeValue, typeOf } from '../../../resources/table/attribute-value.ts';
import type { DocumentPath, PathSyntax } from './document-path.ts';
import type { ExpressionNames } from './expression-names.ts';
import { addPath, type PathForest } from './path-tree.ts';
import { createProblems, type Problems } from './problems.ts';
import { requireExpression } from './require-expression.ts';
import { type ReferenceProblem, resolvePath, resolveValue } from './resolve-path.ts';
import { readUpdate, type UpdateOperandSyntax, type UpdateSyntax } from './update-syntax.ts';

export type UpdateOperand =
  | { kind: 'path'; path: DocumentPath }
  | { kind: 'value'; value: AttributeValue }
  | { kind: 'if_not_exists'; path: DocumentPath; otherwise: UpdateOperand }
  | { kind: 'list_append'; first: UpdateOperand; second: UpdateOperand }
  | { kind: 'sum'; sign: '+' | '-'; left: UpdateOperand; right: UpdateOperand };

export type UpdateAction =
  | { kind: 'set'; value: UpdateOperand }
  | { kind: 'remove' }
  /** `isLegacy`: of AttributeUpdates, which says in other words what does not fit, and adds lists to lists too. */
  | { kind: 'add' | 'delete'; value: AttributeValue; isLegacy?: true };

export type Update = {
  actions: PathForest<UpdateAction>;
  /** In the order in which they are written. */
  paths: readonly DocumentPath[];
  /** Types of values that attributes are set to, as far as they are known beforehand. */
  setTypes: ReadonlyMap<string, AttributeType>;
};

type Kind = ReferenceProblem | 'function name' | 'section' | 'overlap' | 'conflict' | 'operand type' | 'arguments';
const kinds: readonly Kind[] = [
  'reserved',
  'function name',
  'section',
  'undefined name',
  'undefined value',
  'overlap',
  'conflict',
  'operand type',
  'arguments',
];

/** What stands in the place of something that was refused. */
const nothing: UpdateOperand = Object.freeze({ kind: 'value', value: Object.freeze({ NULL: true }) });

type State = { names: ExpressionNames; problems: Problems<Kind> };

/** Errors: ValidationException. */
export function parseUpdate(source: string, names: ExpressionNames): Update {
  requireExpression('UpdateExpression', source);
  const { updates, repeatedSection } = readUpdate(source);
  const problems = createProblems<Kind>();
  const state: State = { names, problems };
  if (repeatedSection !== undefined)
    problems.found('section', `The "${repeatedSection}" section can only be used once in an update expression;`);
  const actions: PathForest<UpdateAction> = new Map();
  const paths: DocumentPath[] = [];
  const setTypes = new Map<string, AttributeType>();
  for (const syntax of updates) {
    const path = resolvePath(syntax.path, names, problems);
    const action = resolveAction(state, syntax);
    if (path === undefined) continue;
    const collision = addPath(actions, path, action);
    if (collision !== undefined) problems.found(collision.kind, collision.message);
    paths.push(path);
    const type = typeSet(action);
    if (path.length === 1 && type !== undefined) setTypes.set(path[0], type);
  }
  problems.refuse('UpdateExpression', kinds);
  return { actions, paths, setTypes };
}

function resolveAction(state: State, syntax: UpdateSyntax): UpdateAction {
  switch (syntax.section) {
    case 'SET':
      return { kind: 'set', value: resolveOperand(state, syntax.value) };
    case 'REMOVE':
      return { kind: 'remove' };
    case 'ADD':
    case 'DELETE': {
      const value = resolveValue(syntax.reference, state.names, state.problems);
      if (value === undefined) return { kind: 'remove' };
      checkOperand(state, syntax.section, value);
      return { kind: syntax.section === 'ADD' ? 'add' : 'delete', value };
    }
  }
}

const longTypeNames: Readonly<Record<AttributeType, string>> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  NULL: 'NULL',
  BOOL: 'BOOLEAN',
  L: 'LIST',
  M: 'MAP',
  SS: 'SS',
  NS: 'NS',
  BS: 'BS',
};

function checkOperand({ problems }: State, section: 'ADD' | 'DELETE', value: AttributeValue): void {
  const type = typeOf(value);
  if (type === 'SS' || type === 'NS' || type === 'BS' || (section === 'ADD' && type === 'N')) return;
  problems.found(
    'operand type',
    `Incorrect operand type for operator or function; operator: ${section}, operand type: ${longTypeNames[type]}, typeSet: ALLOWED_FOR_${section}_OPERAND`,
  );
}

function resolveOperand(state: State, syntax: UpdateOperandSyntax): UpdateOperand {
  switch (syntax.kind) {
    case 'path':
      return resolvePathOperand(state, syntax.path);
    case 'value': {
      const value = resolveValue(syntax.reference, state.names, state.problems);
      return value === undefined ? nothing : { kind: 'value', value };
    }
    case 'sum': {
      const left = resolveOperand(state, syntax.left);
      const right = resolveOperand(state, syntax.right);
      for (const operand of [left, right]) requireType(state, syntax.sign, operand, 'N');
      return { kind: 'sum', sign: syntax.sign, left, right };
    }
    case 'function':
      return resolveFunction(state, syntax.name, syntax.args);
  }
}

function resolvePathOperand(state: State, syntax: PathSyntax): UpdateOperand {
  const path = resolvePath(syntax, state.names, state.problems);
  return path === undefined ? nothing : { kind: 'path', path };
}

function resolveFunction(state: State, name: string, args: readonly UpdateOperandSyntax[]): UpdateOperand {
  const { problems } = state;
  const operands = args.map((operand) => resolveOperand(state, operand));
  const first: UpdateOperand = operands[0] ?? nothing;
  const second: UpdateOperand = operands[1] ?? nothing;
  if (name !== 'if_not_exists' && name !== 'list_append') {
    problems.found('function name', `Invalid function name; function: ${name}`);
    return nothing;
  }
  if (operands.length !== 2) {
    problems.found(
      'arguments',
      `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`,
    );
    return nothing;
  }
  if (name === 'list_append') {
    for (const operand of [first, second]) requireType(state, name, operand, 'L');
    return { kind: 'list_append', first, second };
  }
  if (first.kind === 'path') return { kind: 'if_not_exists', path: first.path, otherwise: second };
  if (first !== nothing)
    problems.found('arguments', `Operator or function requires a document path; operator or function: ${name}`);
  return nothing;
}

function requireType({ problems }: State, name: string, operand: UpdateOperand, type: AttributeType): void {
  const known = operand === nothing ? undefined : typeKnown(operand);
  if (known === undefined || known === type) return;
  problems.found(
    'arguments',
    `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${known}`,
  );
}

/** Undefined: it depends on the item. */
function typeKnown(operand: UpdateOperand): AttributeType | undefined {
  switch (operand.kind) {
    case 'value':
      return typeOf(operand.value);
    case 'list_append':
      return 'L';
    case 'sum':
      return 'N';
    case 'path':
    case 'if_not_exists':
      return undefined;
  }
}

function typeSet(action: UpdateAction): AttributeType | undefined {
  if (action.kind === 'remove') return undefined;
  if (action.kind !== 'set') return typeOf(action.value);
  return typeKnown(action.value.kind === 'if_not_exists' ? action.value.otherwise : action.value);
}
