/**
 * Accounts: who has one, what it is bounded by, and how its first user gets in. The operator's alone.
 * docs/reference/accounts.md
 */
import { parsePolicyDocument } from '../identity/policy-document.ts';
import type { Account, AccountChange } from '../resources/accounts.ts';
import { PlatformError } from '../util/errors.ts';
import { isObject } from '../util/field.ts';
import type { AccountId } from '../util/ids.ts';
import { jsonResponse, parameter, readJson, type Call, type ControlContext, type Endpoint } from './endpoint.ts';

/** Five policies of the largest size, and some. */
const bodyBytesMax = 128 * 1024;

export type AccountView = Omit<Account, 'policies'> & { functions: number; policies: readonly unknown[] };

/** The key that the first user of a new account signs with: it is shown once, and kept sealed. */
export type AccountKey = { userName: string; accessKeyId: string; secretAccessKey: string };

export const listAccounts: Endpoint = async (context) =>
  jsonResponse({ accounts: context.accounts.list().map((account) => viewOf(context, account)) });

/** `{ name, id? }`. Answers the account and its first user's key. */
export const postAccount: Endpoint = async (context, call) => {
  const { name, id, ...others } = await readObject(call);
  refuseOthers(others, 'name and id');
  if (typeof name !== 'string') throw wrong('name', 'name must be a text: what the account is called');
  if (id !== undefined && typeof id !== 'string') throw wrong('id', 'id must be a text of twelve digits');
  const account = await context.accounts.create({ name, id });
  const key = await context.giveAdministrator(account.id);
  return jsonResponse({ account: viewOf(context, account), key }, 201);
};

export const getAccount: Endpoint = async (context, call) =>
  jsonResponse(viewOf(context, found(context, parameter(call, 'id'))));

/** `{ name?, isSuspended?, concurrencyMax?, policies? }`: what is not there stays. */
export const patchAccount: Endpoint = async (context, call) => {
  const { id } = found(context, parameter(call, 'id'));
  const { name, isSuspended, concurrencyMax, policies, ...others } = await readObject(call);
  refuseOthers(others, 'name, isSuspended, concurrencyMax and policies');
  if (name !== undefined && typeof name !== 'string') throw wrong('name', 'name must be a text');
  if (isSuspended !== undefined && typeof isSuspended !== 'boolean')
    throw wrong('isSuspended', 'isSuspended must be true or false');
  if (concurrencyMax !== undefined && typeof concurrencyMax !== 'number')
    throw wrong('concurrencyMax', 'concurrencyMax must be a number of invocations at once');
  const change: AccountChange = {
    ...(name !== undefined && { name }),
    ...(isSuspended !== undefined && { isSuspended }),
    ...(concurrencyMax !== undefined && { concurrencyMax }),
    ...(policies !== undefined && { policies: readPolicies(policies) }),
  };
  return jsonResponse(viewOf(context, await context.accounts.update(id, change)));
};

/** Only one that holds nothing. */
export const deleteAccount: Endpoint = async (context, call) => {
  const { id } = found(context, parameter(call, 'id'));
  const held = await holdings(context, id);
  if (held.length > 0)
    throw new PlatformError(
      'conflict',
      `the account ${id} still has ${held.join(', ')}; they are to be removed before`,
      {
        field: 'id',
      },
    );
  await context.accounts.remove(id);
  await context.forgetIdentities(id);
  return jsonResponse({ removed: id });
};

/** A new key for the first user, where the old one is lost: it is shown once, and the old ones stop. */
export const postAccountKey: Endpoint = async (context, call) => {
  const { id } = found(context, parameter(call, 'id'));
  if (id === context.accounts.operator)
    throw wrong('id', "the operator's own key is in the file credentials of the data folder");
  return jsonResponse({ key: await context.giveAdministrator(id) }, 201);
};

/** For people: what there is of everything that holds something. */
async function holdings(context: ControlContext, id: AccountId): Promise<string[]> {
  const counts: (readonly [number, string])[] = [
    [context.registry.list(id).length, 'function'],
    [(await context.buckets.list(id)).length, 'bucket'],
    [(await context.queues.list(id)).length, 'queue'],
    [context.topics.list(id).length, 'topic'],
    [context.buses.list(id).filter(({ name }) => name !== 'default').length, 'event bus'],
    ...context.held(id),
  ];
  return counts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${count === 1 ? what : what === 'event bus' ? 'event buses' : `${what}s`}`);
}

function viewOf({ registry }: ControlContext, account: Account): AccountView {
  const policies = account.policies.map((text): unknown => JSON.parse(text));
  return { ...account, policies, functions: registry.list(account.id).length };
}

/** By number or name. */
function found({ accounts }: ControlContext, given: string): Account {
  const account = accounts.get(given as AccountId) ?? accounts.list().find(({ name }) => name === given);
  if (account !== undefined) return account;
  throw new PlatformError('not_found', `there is no account '${given}'; mayfly accounts ls says which there are`, {
    field: 'id',
  });
}

function readPolicies(given: unknown): readonly string[] {
  if (!Array.isArray(given)) throw wrong('policies', 'policies must be a list of policy documents');
  return given.map((one: unknown, index) => {
    const text = typeof one === 'string' ? one : JSON.stringify(one);
    try {
      parsePolicyDocument(text, 'identity');
    } catch (error) {
      throw error instanceof PlatformError ? wrong(`policies[${index}]`, error.message) : error;
    }
    return text;
  });
}

async function readObject(call: Call): Promise<Readonly<Record<string, unknown>>> {
  const given = await readJson(call.request, bodyBytesMax);
  if (isObject(given)) return given;
  throw wrong('body', 'an object in JSON is accepted');
}

function refuseOthers(others: Readonly<Record<string, unknown>>, accepted: string): void {
  const [name] = Object.keys(others);
  if (name !== undefined) throw wrong(name, `'${name}' is not known; ${accepted} are accepted`);
}

const wrong = (field: string, message: string): PlatformError =>
  new PlatformError('invalid_argument', message, { field });
