/**
 * Policy documents as resources carry them (a topic's Policy): read once, then asked who may do what. A denying statement
 * wins over an allowing one. Pure. What it does not know is refused when the document is read, and never passed over: a
 * condition that was not understood must not let somebody in.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
import { isIP } from 'node:net';
import { PlatformError } from '../util/errors.ts';
import { isObject } from '../util/field.ts';
import type { Decision } from './policy.ts';
import { accountRoot, type Asker } from './resource-policy.ts';
import { matchesWildcard } from './wildcard.ts';

export type PolicyDocument = { statements: readonly DocumentStatement[] };

export type DocumentStatement = {
  effect: 'allow' | 'deny';
  /** Whether somebody is meant; `*`, an account, an ARN, or a service. */
  names(asker: Asker): boolean;
  actions: Listed;
  resources: Listed;
  holds(context: ConditionContext): boolean;
};

/** Patterns; `isExcept`: everything that matches none of them. */
type Listed = { patterns: readonly string[]; isExcept: boolean };

/** By key in lower case (`aws:sourcearn`); what is not there is not known of this request. */
export type ConditionContext = Readonly<Record<string, string | undefined>>;

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

export function decide(document: PolicyDocument, { action, resource, asker, context }: DocumentRequest): Decision {
  const known = { ...contextOf(asker), ...context };
  let decision: Decision = 'not_allowed';
  for (const { effect, names, actions, resources, holds } of document.statements) {
    const applies = includes(actions, action, 'i') && includes(resources, resource, '') && names(asker) && holds(known);
    if (!applies) continue;
    if (effect === 'deny') return 'denied';
    decision = 'allowed';
  }
  return decision;
}

/** Errors: `invalid_argument` saying what is wrong with it. */
export function parsePolicyDocument(text: string): PolicyDocument {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return refuse('it is no JSON');
  }
  if (!isObject(parsed)) return refuse('it is no object');
  const unknown = Object.keys(parsed).find((name) => !['Version', 'Id', 'Statement'].includes(name));
  if (unknown !== undefined) refuse(`${unknown} is no element of it`);
  const { Version = '2008-10-17', Statement } = parsed;
  if (Version !== '2012-10-17' && Version !== '2008-10-17') refuse(`the Version ${shown(Version)} is not 2012-10-17`);
  const statements: readonly unknown[] = Array.isArray(Statement) ? Statement : [Statement];
  if (statements.length === 0 || statements.length > statementsMax)
    refuse(`it has ${statements.length} statements; 1 to ${statementsMax} are accepted`);
  return { statements: statements.map((statement, index) => readStatement(statement, `statement ${index + 1}`)) };
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

function readStatement(statement: unknown, where: string): DocumentStatement {
  if (!isObject(statement)) return refuse(`${where} is no object`);
  const { Effect, Condition = {} } = statement;
  const elements = ['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource'];
  const unknown = Object.keys(statement).find((name) => name !== 'Condition' && !elements.includes(name));
  if (unknown !== undefined) refuse(`${where} has ${unknown}`);
  if (Effect !== 'Allow' && Effect !== 'Deny') refuse(`the Effect of ${where} is ${shown(Effect)}, not Allow or Deny`);
  return {
    effect: Effect === 'Deny' ? 'deny' : 'allow',
    names: readPrincipal(statement, where),
    actions: readListed(statement, 'Action', where),
    resources: readListed(statement, 'Resource', where),
    holds: readConditions(Condition, where),
  };
}

function readListed(statement: Readonly<Record<string, unknown>>, name: string, where: string): Listed {
  const [own, except] = [statement[name], statement[`Not${name}`]];
  if ((own === undefined) === (except === undefined))
    return refuse(`${where} needs ${name} or Not${name}, one of them`);
  return { patterns: texts(own ?? except, `${name} of ${where}`), isExcept: own === undefined };
}

function includes({ patterns, isExcept }: Listed, text: string, flag: 'i' | ''): boolean {
  const fold = (one: string): string => (flag === 'i' ? one.toLowerCase() : one);
  return patterns.some((pattern) => matchesWildcard(fold(pattern), fold(text))) !== isExcept;
}

function readPrincipal(statement: Readonly<Record<string, unknown>>, where: string): (asker: Asker) => boolean {
  const { Principal, NotPrincipal } = statement;
  if ((Principal === undefined) === (NotPrincipal === undefined))
    return refuse(`${where} needs Principal or NotPrincipal, one of them`);
  const isWanted = NotPrincipal === undefined;
  const given = Principal ?? NotPrincipal;
  if (given === '*') return () => isWanted;
  if (!isObject(given)) return refuse(`the Principal of ${where} is ${shown(given)}, neither "*" nor an object`);
  const tests = Object.entries(given).map(([kind, names]): ((asker: Asker) => boolean) => {
    const listed = texts(names, `Principal of ${where}`);
    switch (kind) {
      case 'AWS':
        return (asker) => asker.kind === 'principal' && listed.some((name) => isPrincipal(name, asker));
      case 'Service':
        return (asker) => asker.kind === 'service' && listed.some((name) => name === '*' || name === asker.service);
      // There is nobody of these kinds here.
      case 'Federated':
      case 'CanonicalUser':
        return () => false;
      default:
        return refuse(`the Principal of ${where} has ${shown(kind)}; AWS and Service are accepted`);
    }
  });
  return (asker) => tests.some((test) => test(asker)) === isWanted;
}

/** An account's number or root means its administrator, as in resource-policy.ts: a function is named by its own ARN or role. */
function isPrincipal(name: string, { principal }: Extract<Asker, { kind: 'principal' }>): boolean {
  if (name === '*') return true;
  switch (principal.kind) {
    case 'anonymous':
      return false;
    case 'function':
      return name === principal.arn || name === `arn:aws:iam::${principal.account}:role/${principal.functionName}`;
    case 'user':
    case 'federated':
      return name === principal.arn;
    case 'role':
      return name === principal.arn || name === principal.roleArn;
    case 'administrator':
      return name === principal.arn || name === principal.account || name === accountRoot(principal.account);
  }
}

function contextOf(asker: Asker): ConditionContext {
  if (asker.kind === 'service') {
    return {
      'aws:sourcearn': asker.sourceArn,
      'aws:sourceaccount': asker.sourceAccount,
      'aws:sourceowner': asker.sourceAccount,
      'aws:principalservicename': asker.service,
      'aws:principalisawsservice': 'true',
    };
  }
  const { principal } = asker;
  if (principal.kind === 'anonymous') return { 'aws:principalisawsservice': 'false' };
  return {
    'aws:principalarn': principal.arn,
    'aws:principalaccount': principal.account,
    'aws:principalisawsservice': 'false',
  };
}

type Test = (value: string, wanted: string) => boolean;

/** `ArnLike`: each of the six parts by itself, so that a `*` does not reach over a colon. */
const isArnLike: Test = (value, wanted) => {
  const parts = (arn: string): string[] => {
    const all = arn.split(':');
    return [...all.slice(0, 5), all.slice(5).join(':')];
  };
  const [patterns, found] = [parts(wanted), parts(value)];
  return patterns.every((pattern, index) => matchesWildcard(pattern, found[index] ?? ''));
};

/** By operator in lower case. `isNegative`: none of the values may match, and a key that is not there is well. */
const operators: Readonly<Record<string, { test: Test; isNegative: boolean }>> = {
  stringequals: { test: (value, wanted) => value === wanted, isNegative: false },
  stringnotequals: { test: (value, wanted) => value === wanted, isNegative: true },
  stringequalsignorecase: {
    test: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(),
    isNegative: false,
  },
  stringnotequalsignorecase: {
    test: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(),
    isNegative: true,
  },
  stringlike: { test: (value, wanted) => matchesWildcard(wanted, value), isNegative: false },
  stringnotlike: { test: (value, wanted) => matchesWildcard(wanted, value), isNegative: true },
  arnequals: { test: isArnLike, isNegative: false },
  arnlike: { test: isArnLike, isNegative: false },
  arnnotequals: { test: isArnLike, isNegative: true },
  arnnotlike: { test: isArnLike, isNegative: true },
  bool: { test: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(), isNegative: false },
  ipaddress: { test: isInRange, isNegative: false },
  notipaddress: { test: isInRange, isNegative: true },
};

/** IPv4 alone: `aws:SourceIp` is one wherever a request comes from here. */
function isInRange(value: string, range: string): boolean {
  if (isIP(value) !== 4) return false;
  const [address = '', bits = '32'] = range.split('/');
  const size = 2 ** (32 - Number(bits));
  return Math.floor(numberOf(value) / size) === Math.floor(numberOf(address) / size);
}

function isRange(text: string): boolean {
  const [address = '', bits = '32', ...more] = text.split('/');
  return isIP(address) === 4 && /^\d{1,2}$/.test(bits) && Number(bits) <= 32 && more.length === 0;
}

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

function readConditions(condition: unknown, where: string): (context: ConditionContext) => boolean {
  if (!isObject(condition)) return refuse(`the Condition of ${where} is no object`);
  const tests = Object.entries(condition).flatMap(([operator, keys]) => {
    if (!isObject(keys)) return refuse(`${operator} of ${where} is no object`);
    return Object.entries(keys).map(([key, values]) => readCondition(operator, key, values, where));
  });
  return (context) => tests.every((test) => test(context));
}

function readCondition(
  operator: string,
  key: string,
  values: unknown,
  where: string,
): (context: ConditionContext) => boolean {
  const wanted = texts(values, `${key} of ${where}`);
  const name = key.toLowerCase();
  if (operator.toLowerCase() === 'null') return (context) => String(context[name] === undefined) === wanted[0];
  // Every key here has one value at most, so that of several it makes no difference whether all or any are meant.
  const [, plain = '', ifExists] = /^(?:ForAllValues:|ForAnyValue:)?([A-Za-z]+?)(IfExists)?$/i.exec(operator) ?? [];
  const known = Object.hasOwn(operators, plain.toLowerCase()) ? operators[plain.toLowerCase()] : undefined;
  if (known === undefined) return refuse(`${where} has the condition ${shown(operator)}, which is not available here`);
  const { test, isNegative } = known;
  const noRange = test === isInRange ? wanted.find((one) => !isRange(one)) : undefined;
  if (noRange !== undefined) return refuse(`the ${key} of ${where} is ${shown(noRange)}, no range of IPv4 addresses`);
  const whenAbsent = ifExists !== undefined || isNegative || /^ForAllValues:/i.test(operator);
  return (context) => {
    const value = context[name];
    return value === undefined ? whenAbsent : wanted.some((one) => test(value, one)) !== isNegative;
  };
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
