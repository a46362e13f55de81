/**
 * Policy documents: read once, then asked. What a statement says of an action, a resource, somebody and his circumstances
 * is here; what follows from several documents together is evaluate.ts. Pure. What it does not know is refused when the
 * document is read, and never passed over: a condition that was not understood must not let somebody in.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
import { PlatformError } from '../util/errors.ts';
import { isObject } from '../util/field.ts';
import { readCondition, type Condition } from './condition.ts';
import type { ConditionContext, ConditionKeys } from './condition-keys.ts';
import { askerKeys } from './asker-keys.ts';
import { outlineJson, type Extent } from './json-outline.ts';
import { isResolved, matchesPattern, readPattern, variablesOf, type Pattern } from './pattern.ts';
import { reachOf, type Asker, type PrincipalElement, type Reach } from './principal-element.ts';

export type { ConditionContext } from './condition-keys.ts';

/**
 * `identity`: of a user, a group, a role, a session. `resource`: of a bucket, a queue, a key. `trust`: of a role, who may
 * assume it.
 */
export type PolicyKind = 'identity' | 'resource' | 'trust';

export type PolicyDocument = { statements: readonly Statement[] };

export type Statement = {
  id: string | undefined;
  effect: 'allow' | 'deny';
  /** Undefined: whoever has the policy. */
  principal: { element: PrincipalElement; isExcept: boolean } | undefined;
  actions: Listed;
  /** Undefined: what the policy belongs to. */
  resources: Listed | undefined;
  conditions: readonly Condition[];
  /** Where it lies in the document's text; undefined for what was never text. */
  extent: Extent | undefined;
};

/** `isExcept`: everything that none of the patterns matches. */
export type Listed = { patterns: readonly Pattern[]; isExcept: boolean };

export type Decision = 'allowed' | 'denied' | 'not_allowed';

/** What a statement is asked. `action`: in lower case. */
export type StatementRequest = { action: string; resource: string; asker: Asker; keys: ConditionKeys };

export type DocumentRequest = {
  action: string;
  /** An ARN. */
  resource: string;
  asker: Asker;
  /** What the asker does not say already. */
  context?: ConditionContext;
};

/** Longer values say no more to the reader. */
const shownCharactersMax = 100;
/** Statements of one document: more than fits into the largest that AWS takes. */
const statementsMax = 1_000;

/** What one document alone says: enough for a service that asks on behalf of a resource. */
export function decide(document: PolicyDocument, { action, resource, asker, context }: DocumentRequest): Decision {
  const keys = askerKeys(asker, context);
  const request = { action: action.toLowerCase(), resource, asker, keys };
  let decision: Decision = 'not_allowed';
  for (const statement of document.statements) {
    if (decision === 'allowed' && statement.effect === 'allow') continue;
    const reach = reachIn(statement, request);
    if (reach === undefined) continue;
    if (statement.effect === 'deny') return 'denied';
    // What is left to an account is for the policies of its own to say; its administrator needs none.
    if (reach !== 'account' || isAdministrator(asker)) decision = 'allowed';
  }
  return decision;
}

const isAdministrator = (asker: Asker): boolean =>
  asker.kind === 'principal' && asker.principal.kind === 'administrator';

/** Whether a statement applies, and how closely it means who asks. Undefined: it does not. */
export function reachIn(statement: Statement, request: StatementRequest): Reach | undefined {
  const { action, resource, asker, keys } = request;
  if (!includes(statement, statement.actions, action, keys)) return undefined;
  if (statement.resources !== undefined && !includes(statement, statement.resources, resource, keys)) return undefined;
  const reach = reachOfStatement(statement, asker);
  if (reach === undefined) return undefined;
  return statement.conditions.every((condition) => condition.holds(keys)) ? reach : undefined;
}

export function includes(
  { effect }: Pick<Statement, 'effect'>,
  { patterns, isExcept }: Listed,
  text: string,
  keys: ConditionKeys,
): boolean {
  // An exception that cannot be told must not widen what is allowed.
  if (isExcept && effect === 'allow' && !patterns.every((pattern) => isResolved(pattern, keys))) return false;
  return patterns.some((pattern) => matchesPattern(pattern, text, keys)) !== isExcept;
}

export function reachOfStatement({ principal }: Statement, asker: Asker): Reach | undefined {
  if (principal === undefined) return 'self';
  const reach = reachOf(principal.element, asker);
  if (!principal.isExcept) return reach;
  return reach === undefined ? 'everyone' : undefined;
}

/** Keys that the document asks for, as they are written. */
export function keysAsked({ statements }: PolicyDocument): ReadonlySet<string> {
  return new Set(
    statements.flatMap(({ actions, resources, conditions }) => [
      ...[...actions.patterns, ...(resources?.patterns ?? [])].flatMap(variablesOf),
      ...conditions.flatMap(({ key, variables }) => [key, ...variables]),
    ]),
  );
}

/** Errors: `invalid_argument` saying what is wrong with it. */
export function parsePolicyDocument(text: string, kind: PolicyKind = 'resource'): PolicyDocument {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return refuse('it is no JSON');
  }
  if (!isObject(parsed)) return refuse('it is no object');
  const outline = outlineJson(text) ?? refuse('it is nested too deeply');
  if (outline.repeated !== undefined) refuse(`it has ${shown(outline.repeated)} twice in one object`);
  const unknown = Object.keys(parsed).find((name) => !['Version', 'Id', 'Statement'].includes(name));
  if (unknown !== undefined) refuse(`${shown(unknown)} is no element of it`);
  const { Version = '2008-10-17', Statement } = parsed;
  if (Version !== '2012-10-17' && Version !== '2008-10-17') refuse(`the Version ${shown(Version)} is not 2012-10-17`);
  const statements: readonly unknown[] = Array.isArray(Statement) ? Statement : [Statement];
  if (statements.length === 0 || statements.length > statementsMax)
    refuse(`it has ${statements.length} statements; 1 to ${statementsMax} are accepted`);
  const place = outline.members.get('Statement');
  const extents = Array.isArray(Statement) ? (place?.items ?? []) : [place?.extent];
  const hasVariables = Version === '2012-10-17';
  return {
    statements: statements.map((statement, index) => ({
      ...readStatement(statement, { kind, hasVariables, where: `statement ${index + 1}` }),
      extent: extents[index],
    })),
  };
}

/** Documents parsed once for as long as what they are part of is there: settings, of which each change makes new ones. */
export function createDocumentReader(): (settings: Readonly<{ policy?: string }>) => PolicyDocument | undefined {
  const parsed = new WeakMap<object, PolicyDocument>();
  return (settings) => {
    if (settings.policy === undefined) return undefined;
    const document = parsed.get(settings) ?? parsePolicyDocument(settings.policy);
    parsed.set(settings, document);
    return document;
  };
}

type Reading = { kind: PolicyKind; hasVariables: boolean; where: string };

const elements = ['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource'];

function readStatement(statement: unknown, reading: Reading): Omit<Statement, 'extent'> {
  const { where, kind } = reading;
  if (!isObject(statement)) return refuse(`${where} is no object`);
  const { Sid, Effect, Condition: given = {} } = statement;
  const unknown = Object.keys(statement).find((name) => name !== 'Condition' && !elements.includes(name));
  if (unknown !== undefined) refuse(`${where} has ${shown(unknown)}`);
  if (Effect !== 'Allow' && Effect !== 'Deny') refuse(`the Effect of ${where} is ${shown(Effect)}, not Allow or Deny`);
  if (Sid !== undefined && typeof Sid !== 'string') refuse(`the Sid of ${where} is ${shown(Sid)}, which is no text`);
  const isOwn = kind === 'identity';
  if (isOwn && (statement['Principal'] ?? statement['NotPrincipal']) !== undefined)
    refuse(`${where} has a principal, which is whoever has the policy`);
  const isOfRole = kind === 'trust';
  if (isOfRole && (statement['Resource'] ?? statement['NotResource']) !== undefined)
    refuse(`${where} has a resource, which is the role itself`);
  return {
    id: typeof Sid === 'string' && Sid !== '' ? Sid : undefined,
    effect: Effect === 'Deny' ? 'deny' : 'allow',
    principal: isOwn ? undefined : readPrincipal(statement, where),
    actions: readListed(statement, 'Action', { folds: true, hasVariables: false }, where),
    resources: isOfRole
      ? undefined
      : readListed(statement, 'Resource', { folds: false, hasVariables: reading.hasVariables }, where),
    conditions: readConditions(given, reading),
  };
}

function readListed(
  statement: Readonly<Record<string, unknown>>,
  name: string,
  options: { folds: boolean; hasVariables: boolean },
  where: string,
): Listed {
  const [own, except] = [statement[name], statement[`Not${name}`]];
  if ((own === undefined) === (except === undefined))
    return refuse(`${where} needs ${name} or Not${name}, one of them`);
  const patterns = texts(own ?? except, `${name} of ${where}`);
  return {
    patterns: patterns.map((pattern) => readPattern(pattern, { ...options, hasWildcards: true })),
    isExcept: own === undefined,
  };
}

function readPrincipal(statement: Readonly<Record<string, unknown>>, where: string): Statement['principal'] {
  const { Principal, NotPrincipal } = statement;
  if ((Principal === undefined) === (NotPrincipal === undefined))
    return refuse(`${where} needs Principal or NotPrincipal, one of them`);
  const isExcept = Principal === undefined;
  const given = Principal ?? NotPrincipal;
  if (given === '*') return { element: { kind: 'everyone' }, isExcept };
  if (!isObject(given)) return refuse(`the Principal of ${where} is ${shown(given)}, neither "*" nor an object`);
  const unknown = Object.keys(given).find((name) => !['AWS', 'Service', 'Federated', 'CanonicalUser'].includes(name));
  if (unknown !== undefined || Object.keys(given).length === 0)
    return refuse(`the Principal of ${where} has ${shown(unknown)}; AWS, Service and Federated are accepted`);
  const named = (name: string): readonly string[] =>
    given[name] === undefined ? [] : texts(given[name], `Principal of ${where}`);
  // Nobody here has a canonical id.
  named('CanonicalUser');
  return {
    element: { kind: 'listed', aws: named('AWS'), services: named('Service'), providers: named('Federated') },
    isExcept,
  };
}

function readConditions(condition: unknown, { where, hasVariables }: Reading): Condition[] {
  if (!isObject(condition)) return refuse(`the Condition of ${where} is no object`);
  return Object.entries(condition).flatMap(([operator, keys]) => {
    if (!isObject(keys)) return refuse(`${shown(operator)} of ${where} is no object`);
    return Object.entries(keys).map(([key, values]) =>
      readCondition(operator, key, texts(values, `${key} of ${where}`), {
        hasVariables,
        refuse: (why) => refuse(`in ${where}, ${why.slice(0, 2 * shownCharactersMax)}`),
      }),
    );
  });
}

/** A text, or a list of some; JSON's own numbers, true and false are as good as theirs in quotes. */
function texts(value: unknown, what: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) refuse(`the ${what} is empty`);
  return list.map((one) =>
    typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean'
      ? String(one)
      : refuse(`the ${what} has ${shown(one)} in it, which is no text`),
  );
}

const shown = (value: unknown): string => String(JSON.stringify(value)).slice(0, shownCharactersMax);

function refuse(why: string): never {
  throw new PlatformError('invalid_argument', `The policy is not accepted: ${why}.`, { field: 'Policy' });
}
