/**
 * What an application has made, beyond the functions and bindings that carry its name themselves: so that what leaves
 * the application can be removed, and what belongs to another is left alone.
 */
import type { AccountId } from '../util/ids.ts';
import type { ControlContext } from './endpoint.ts';

export type Owned = {
  application: string;
  buckets: readonly string[];
  queues: readonly string[];
  topics: readonly string[];
  buses: readonly string[];
  tables: readonly string[];
};

export type OwnedKind = Exclude<keyof Owned, 'application'>;

const prefixOf = (account: AccountId): string => `application/${account}/`;
const keyOf = (account: AccountId, application: string): string => `${prefixOf(account)}${application}`;

/** Applications of one account: what one page of the store gives, and more than anybody has. */
const applicationsMax = 10_000;

export async function readOwned(context: ControlContext, account: AccountId, application: string): Promise<Owned> {
  const entry = await context.records.get(keyOf(account, application));
  return complete(entry?.value as Partial<Owned> | undefined, application);
}

/** An earlier release knew of no topics, no buses, and no tables. */
const complete = (owned: Partial<Owned> | undefined, application: string): Owned => ({
  application,
  buckets: [],
  queues: [],
  topics: [],
  buses: [],
  tables: [],
  ...owned,
});

export async function writeOwned(context: ControlContext, account: AccountId, owned: Owned): Promise<void> {
  await context.records.transact([{ kind: 'put', key: keyOf(account, owned.application), value: owned }]);
}

export async function forgetOwned(context: ControlContext, account: AccountId, application: string): Promise<void> {
  await context.records.transact([{ kind: 'delete', key: keyOf(account, application) }]);
}

async function all(context: ControlContext, account: AccountId): Promise<Owned[]> {
  const entries = await context.records.range({ prefix: prefixOf(account), limit: applicationsMax });
  return entries.map(({ value }) => complete(value as Partial<Owned>, ''));
}

export type OwnerOf = (what: OwnedKind, name: string) => string | undefined;

/** Which application made a resource; `application` itself does not count. */
export async function ownersBeside(context: ControlContext, account: AccountId, application: string): Promise<OwnerOf> {
  const others = (await all(context, account)).filter((owned) => owned.application !== application);
  return (what, name) => others.find((owned) => owned[what].includes(name))?.application;
}

/** Every application that has something, by name. */
export async function listApplications(context: ControlContext, account: AccountId): Promise<string[]> {
  const names = new Set((await all(context, account)).map(({ application }) => application));
  for (const { application } of context.registry.list(account)) if (application !== undefined) names.add(application);
  return [...names].toSorted();
}
