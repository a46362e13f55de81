/** Conditions whose references are resolved, and which make sense: what holds of an item or does not. */
import { type AttributeValue, compareValues, typeOf } from '../../../resources/table/attribute-value.ts';
import { printValue } from '../print-value.ts';
import type { Comparator, ConditionSyntax, OperandSyntax } from './condition-syntax.ts';
import { readCondition } from './condition-syntax.ts';
import { type DocumentPath, printPath } from './document-path.ts';
import type { ExpressionNames } from './expression-names.ts';
import { createProblems, type Problems } from './problems.ts';
import { type ReferenceProblem, resolvePath, resolveValue } from './resolve-path.ts';
import { requireExpression } from './require-expression.ts';

export type Operand =
  | { kind: 'path'; path: DocumentPath }
  | { kind: 'value'; value: AttributeValue }
  | { kind: 'size'; of: Operand };

export type Condition =
  | { kind: 'and' | 'or'; conditions: readonly Condition[] }
  | { kind: 'not'; condition: Condition }
  | { kind: 'comparison'; comparator: Comparator; left: Operand; right: Operand }
  | { kind: 'between'; operand: Operand; low: Operand; high: Operand }
  | { kind: 'in'; operand: Operand; candidates: readonly Operand[] }
  | { kind: 'attribute_exists' | 'attribute_not_exists'; path: DocumentPath }
  | { kind: 'attribute_type' | 'begins_with' | 'contains'; operand: Operand; argument: Operand };

type Kind = ReferenceProblem | 'parentheses' | 'function name' | 'misuse' | 'operand count' | 'distinct' | 'type';
/** The order in which DynamoDB says them: of the whole expression, and of each condition. */
const wholeKinds: readonly Kind[] = ['parentheses', 'function name', 'misuse', 'reserved'];
const conditionKinds: readonly Kind[] = ['undefined name', 'undefined value', 'operand count', 'distinct', 'type'];

const argumentCounts = {
  attribute_exists: 1,
  attribute_not_exists: 1,
  attribute_type: 2,
  begins_with: 2,
  contains: 2,
  size: 1,
} as const satisfies Record<string, number>;
type FunctionName = keyof typeof argumentCounts;
const isFunctionName = (name: string): name is FunctionName => Object.hasOwn(argumentCounts, name);

const attributeTypeNames = ['B', 'NULL', 'SS', 'BOOL', 'L', 'BS', 'N', 'NS', 'S', 'M'];

/** What stands in the place of something that was refused. */
const nothing: Operand = Object.freeze({ kind: 'value', value: Object.freeze({ NULL: true }) });

type State = { names: ExpressionNames; problems: Problems<Kind>; first: string | undefined };

/** `name`: of the parameter. Errors: ValidationException. */
export function parseCondition(name: string, source: string, names: ExpressionNames): Condition {
  requireExpression(name, source);
  const { condition: syntax, hasRedundantParentheses } = readCondition(name, source);
  const problems = createProblems<Kind>();
  if (hasRedundantParentheses) problems.found('parentheses', 'The expression has redundant parentheses;');
  const state: State = { names, problems, first: undefined };
  const condition = resolve(state, syntax);
  problems.refuse(name, wholeKinds);
  if (state.first !== undefined)
    problems.refuse(
      name,
      conditionKinds.filter((kind) => problems.first([kind]) === state.first),
    );
  return condition;
}

function resolve(state: State, syntax: ConditionSyntax): Condition {
  switch (syntax.kind) {
    case 'and':
    case 'or':
      return { kind: syntax.kind, conditions: syntax.conditions.map((condition) => resolve(state, condition)) };
    case 'not':
      return { kind: 'not', condition: resolve(state, syntax.condition) };
    case 'comparison':
    case 'between':
    case 'in':
    case 'function': {
      const condition = resolveSimple(state, syntax);
      state.first ??= state.problems.first(conditionKinds);
      return condition;
    }
  }
}

function resolveSimple(
  state: State,
  syntax: Exclude<ConditionSyntax, { kind: 'and' | 'or' } | { kind: 'not' }>,
): Condition {
  switch (syntax.kind) {
    case 'comparison': {
      const left = resolveOperand(state, syntax.left);
      const right = resolveOperand(state, syntax.right);
      refuseSame(state, syntax.comparator, left, right);
      if (syntax.comparator !== '=' && syntax.comparator !== '<>')
        for (const operand of [left, right]) requireOrder(state, syntax.comparator, operand);
      return { kind: 'comparison', comparator: syntax.comparator, left, right };
    }
    case 'between': {
      const operand = resolveOperand(state, syntax.operand);
      const low = resolveOperand(state, syntax.low);
      const high = resolveOperand(state, syntax.high);
      checkBounds(state, low, high);
      for (const one of [operand, low, high]) requireOrder(state, 'BETWEEN', one);
      return { kind: 'between', operand, low, high };
    }
    case 'in': {
      const operand = resolveOperand(state, syntax.operand);
      return { kind: 'in', operand, candidates: syntax.candidates.map((one) => resolveOperand(state, one)) };
    }
    case 'function':
      return resolveFunction(state, syntax.name, syntax.args);
  }
}

function resolveOperand(state: State, syntax: OperandSyntax): Operand {
  switch (syntax.kind) {
    case 'path': {
      const path = resolvePath(syntax.path, state.names, state.problems);
      return path === undefined ? nothing : { kind: 'path', path };
    }
    case 'value': {
      const value = resolveValue(syntax.reference, state.names, state.problems);
      return value === undefined ? nothing : { kind: 'value', value };
    }
    case 'function': {
      const { name, args } = syntax;
      if (!isFunctionName(name)) state.problems.found('function name', `Invalid function name; function: ${name}`);
      else if (name !== 'size') refuseUse(state, name);
      else {
        const operands = args.map((operand) => resolveOperand(state, operand));
        checkArguments(state, name, operands);
        return { kind: 'size', of: operands[0] ?? nothing };
      }
      for (const operand of args) resolveOperand(state, operand);
      return nothing;
    }
  }
}

function resolveFunction(state: State, name: string, args: readonly OperandSyntax[]): Condition {
  const operands = args.map((operand) => resolveOperand(state, operand));
  const [operand = nothing, argument = nothing] = operands;
  const path: DocumentPath = operand.kind === 'path' ? operand.path : [''];
  if (!isFunctionName(name)) {
    state.problems.found('function name', `Invalid function name; function: ${name}`);
    return { kind: 'attribute_exists', path };
  }
  if (name === 'size') {
    refuseUse(state, name);
    return { kind: 'attribute_exists', path };
  }
  checkArguments(state, name, operands);
  if (name === 'attribute_exists' || name === 'attribute_not_exists') return { kind: name, path };
  return { kind: name, operand, argument };
}

const refuseUse = ({ problems }: State, name: string): void =>
  problems.found('misuse', `The function is not allowed to be used this way in an expression; function: ${name}`);

function checkArguments(state: State, name: FunctionName, operands: readonly Operand[]): void {
  const { problems } = state;
  if (operands.length !== argumentCounts[name]) {
    problems.found(
      'operand count',
      `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`,
    );
    return;
  }
  const [operand = nothing, argument = nothing] = operands;
  if (operands.length === 2) refuseSame(state, name, operand, argument);
  switch (name) {
    case 'attribute_exists':
    case 'attribute_not_exists':
      if (operand.kind !== 'path')
        problems.found('type', `Operator or function requires a document path; operator or function: ${name}`);
      return;
    case 'begins_with':
      for (const one of [operand, argument]) {
        const type = knownType(one);
        if (type !== undefined && type !== 'S' && type !== 'B') wrongType(state, name, type);
      }
      return;
    case 'attribute_type': {
      const type = knownType(argument) ?? '{NS,SS,L,BS,N,M,B,BOOL,NULL,S}';
      if (argument.kind !== 'value' || !('S' in argument.value)) wrongType(state, name, type);
      else if (!attributeTypeNames.includes(argument.value.S))
        problems.found(
          'type',
          `Invalid attribute type name found; type: ${argument.value.S}, valid types: {${attributeTypeNames.join(',')}}`,
        );
      return;
    }
    case 'size': {
      const type = knownType(operand);
      if (type === 'N' || type === 'BOOL' || type === 'NULL') wrongType(state, name, type);
      return;
    }
    case 'contains':
  }
}

const wrongType = ({ problems }: State, name: string, type: string): void =>
  problems.found(
    'type',
    `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${type}`,
  );

/** What is known of an operand's type before there is an item. What is not defined has been refused for that. */
function knownType(operand: Operand): string | undefined {
  if (operand === nothing) return undefined;
  if (operand.kind === 'size') return 'N';
  return operand.kind === 'value' ? typeOf(operand.value) : undefined;
}

function requireOrder(state: State, operator: string, operand: Operand): void {
  const type = knownType(operand);
  if (type !== undefined && type !== 'S' && type !== 'N' && type !== 'B') wrongType(state, operator, type);
}

function refuseSame({ problems }: State, operator: string, one: Operand, other: Operand): void {
  if (one.kind !== 'path' || other.kind !== 'path' || printPath(one.path) !== printPath(other.path)) return;
  problems.found(
    'distinct',
    `The first operand must be distinct from the remaining operands for this operator or function; operator: ${operator}, first operand: ${printPath(one.path)}`,
  );
}

function checkBounds({ problems }: State, low: Operand, high: Operand): void {
  if (low === nothing || high === nothing || low.kind !== 'value' || high.kind !== 'value') return;
  const shown = `lower bound operand: AttributeValue: ${printValue(low.value)}, upper bound operand: AttributeValue: ${printValue(high.value)}`;
  if (typeOf(low.value) !== typeOf(high.value))
    problems.found('type', `The BETWEEN operator requires same data type for lower and upper bounds; ${shown}`);
  else if ((compareValues(low.value, high.value) ?? 0) > 0)
    problems.found(
      'type',
      `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${shown}`,
    );
}
