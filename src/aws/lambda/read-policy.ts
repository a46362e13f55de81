/**
 * A policy document that somebody wrote, as statements. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 *
 * Gaps, each refused by name: statements that deny, NotPrincipal, NotAction and NotResource, several principals, actions
 * or resources in one statement, and every condition that AddPermission has no parameter for.
 */
import type { ResourceStatement } from '../../registry/function.ts';
import { isObject } from '../../util/field.ts';
import { invalidParameterValue } from './lambda-errors.ts';
import { writePrincipal } from './policy-statement.ts';

/** Longer values say no more to the reader. */
const shownLengthMax = 100;

const refuse = (what: string): never => {
  throw invalidParameterValue(`The policy is invalid: ${what}`, { field: 'Policy' });
};

/** `resource`: what it is for. Errors: InvalidParameterValueException. */
export function readPolicy(text: string, resource: string): ResourceStatement[] {
  const document = parsed(text);
  const { Version, Statement } = document;
  if (Version !== '2012-10-17' && Version !== '2008-10-17') refuse('Version must be 2012-10-17.');
  const unknown = Object.keys(document).find((name) => !['Version', 'Id', 'Statement'].includes(name));
  if (unknown !== undefined) refuse(`${unknown} is no element of a policy.`);
  const statements = (Array.isArray(Statement) ? Statement : [Statement]).map((statement: unknown, index) =>
    readStatement(statement, `Statement ${index + 1}`, resource),
  );
  const ids = new Set(statements.map(({ id }) => id));
  if (ids.size < statements.length) refuse('each Sid must be there once.');
  return statements;
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return refuse('it is no JSON.');
  }
  return isObject(document) ? document : refuse('it is no object.');
}

const elements = new Set(['Sid', 'Effect', 'Principal', 'Action', 'Resource', 'Condition']);

function readStatement(statement: unknown, where: string, resource: string): ResourceStatement {
  if (!isObject(statement)) return refuse(`${where} is no object.`);
  const unknown = Object.keys(statement).find((name) => !elements.has(name));
  if (unknown !== undefined) refuse(`${where} has ${unknown}, which is not available here.`);
  const { Sid, Effect, Principal, Action, Resource, Condition = {} } = statement;
  if (Effect !== 'Allow') refuse(`${where} has the Effect ${shown(Effect)}; only Allow is available here.`);
  const id = Sid ?? where.replaceAll(' ', '');
  if (typeof id !== 'string' || !/^[a-zA-Z0-9_-]{1,100}$/.test(id)) {
    return refuse(`the Sid ${shown(Sid)} is not 1 to 100 letters, digits, - and _.`);
  }
  const action = one(Action, `Action of ${where}`);
  if (!/^(\*|lambda:(\*|[a-zA-Z]+))$/.test(action)) refuse(`${shown(action)} is no action of Lambda's.`);
  if (one(Resource, `Resource of ${where}`) !== resource) {
    refuse(`the Resource of ${where} must be what the policy is put on, ${resource}.`);
  }
  return { id, principal: readPrincipal(Principal, where), action, ...readCondition(Condition, where) };
}

function readPrincipal(principal: unknown, where: string): string {
  const [kind, named] = isObject(principal) ? (Object.entries(principal)[0] ?? []) : ['*', principal];
  const isSingle = !isObject(principal) || Object.keys(principal).length === 1;
  if (kind === undefined || !isSingle || !['*', 'AWS', 'Service'].includes(kind)) {
    return refuse(`the Principal of ${where} must be "*", or one AWS or Service.`);
  }
  const name = one(named, `Principal of ${where}`);
  const written = writePrincipal(name);
  const isService = typeof written === 'object' && 'Service' in written;
  const fits = kind === '*' ? name === '*' : written !== undefined && isService === (kind === 'Service');
  return fits ? name : refuse(`the Principal ${shown(principal)} of ${where} is nobody.`);
}

type Conditions = Omit<ResourceStatement, 'id' | 'principal' | 'action'>;

/** By operator and key, in lower case: where a value goes. */
const conditions: Readonly<Record<string, (value: string) => Conditions | undefined>> = {
  'arnlike aws:sourcearn': (sourceArn) => ({ sourceArn }),
  'arnequals aws:sourcearn': (sourceArn) => ({ sourceArn }),
  'stringequals aws:sourceaccount': (sourceAccount) => ({ sourceAccount }),
  'stringequals aws:principalorgid': (principalOrgId) => ({ principalOrgId }),
  'stringequals lambda:eventsourcetoken': (eventSourceToken) => ({ eventSourceToken }),
  'stringequals lambda:functionurlauthtype': (type) =>
    type === 'NONE' || type === 'AWS_IAM' ? { functionUrlAuth: type === 'NONE' ? 'none' : 'iam' } : undefined,
  'bool lambda:invokedviafunctionurl': (value) =>
    value === 'true' || value === 'false' ? { viaUrl: value === 'true' } : undefined,
};

function readCondition(condition: unknown, where: string): Conditions {
  if (!isObject(condition)) return refuse(`the Condition of ${where} is no object.`);
  let read: Conditions = {};
  for (const [operator, keys] of Object.entries(condition)) {
    if (!isObject(keys)) return refuse(`${operator} in the Condition of ${where} is no object.`);
    for (const [key, value] of Object.entries(keys)) {
      const name = `${operator} ${key}`.toLowerCase();
      const reader = Object.hasOwn(conditions, name) ? conditions[name] : undefined;
      if (reader === undefined)
        return refuse(`${where} has the condition ${operator} ${key}, which is not available here.`);
      // JSON's own true and false are as good as theirs in strings.
      const member = reader(one(typeof value === 'boolean' ? String(value) : value, `${key} of ${where}`));
      if (member === undefined) return refuse(`${key} of ${where} has the value ${shown(value)}.`);
      read = { ...read, ...member };
    }
  }
  return read;
}

/** A string, also alone in a list. */
function one(value: unknown, what: string): string {
  const single: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return typeof single === 'string' ? single : refuse(`the ${what} must be one string; it is ${shown(value)}.`);
}

const shown = (value: unknown): string => String(JSON.stringify(value)).slice(0, shownLengthMax);
