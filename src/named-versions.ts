/** Who calls a version by its number, or will: what a deployment asks before it removes one that it has left behind. */
import type { Asynchronous } from './events/asynchronous.ts';
import type { Registry } from './registry/registry.ts';
import type { Accounts } from './resources/accounts.ts';
import type { EventBuses } from './resources/event-bus/event-buses.ts';
import type { Pipes } from './resources/pipe/pipes.ts';
import type { Schedules } from './resources/scheduler/schedules.ts';
import type { Secrets } from './resources/secret/secrets.ts';
import type { Topics } from './resources/topic.ts';
import { functionArn, type AccountId, type VersionId } from './util/ids.ts';

export type NamedVersionsParts = {
  region: string;
  accounts: Pick<Accounts, 'ids'>;
  registry: Pick<Registry, 'all'>;
  topics: Pick<Topics, 'allSubscriptions'>;
  buses: Pick<EventBuses, 'allRules'>;
  schedules: Pick<Schedules, 'all'>;
  pipes: Pick<Pipes, 'all'>;
  secrets: Pick<Secrets, 'list'>;
  asynchronous: Pick<Asynchronous, 'mayWaitFor'>;
};

/** True also where that cannot be told at once: what stays for nothing is asked about again by the next deployment. */
export async function isVersionNamed(
  parts: NamedVersionsParts,
  account: AccountId,
  name: string,
  version: VersionId,
): Promise<boolean> {
  const arn = `${functionArn(parts.region, account, name)}:${version}`;
  for (const named of arnsIn(parts)) if (named === arn) return true;
  return parts.asynchronous.mayWaitFor(account, name, version);
}

/** Of every account: who was let in from another one names it too. */
function* arnsIn(parts: NamedVersionsParts): Generator<string | undefined> {
  const { accounts, registry, topics, buses, schedules, pipes, secrets } = parts;
  for (const { endpoint } of topics.allSubscriptions()) yield endpoint;
  for (const { targets } of buses.allRules()) for (const { arn } of targets) yield arn;
  for (const { settings } of schedules.all()) yield settings.target.arn;
  for (const { settings } of pipes.all()) {
    yield settings.enrichment?.arn;
    yield settings.target.arn;
  }
  for (const { extras } of registry.all()) {
    for (const { onSuccess, onFailure } of Object.values(extras.eventInvokes)) {
      yield onSuccess;
      yield onFailure;
    }
  }
  for (const account of accounts.ids()) for (const { rotation } of secrets.list(account)) yield rotation?.functionArn;
}
