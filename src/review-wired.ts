/** What permissions are explained and judged from, of all the engines that there are. */
import type { SideOf } from './aws/authorization.ts';
import { keyAccess } from './aws/key-access.ts';
import type { ReviewParts } from './control/review/review-parts.ts';
import { createAccountLimits } from './identity/account-limits.ts';
import { createStandings } from './identity/standing.ts';
import { liveAlias, type FunctionRecord, type FunctionVersion } from './registry/function.ts';
import type { Registry } from './registry/registry.ts';
import type { Accounts } from './resources/accounts.ts';
import type { EventBuses } from './resources/event-bus/event-buses.ts';
import type { Identities } from './resources/iam/identities.ts';
import type { Keys } from './resources/key/keys.ts';
import type { Buckets } from './resources/bucket.ts';
import type { Queues } from './resources/queue.ts';
import type { Secrets } from './resources/secret/secrets.ts';
import { tableArn } from './resources/table/table.ts';
import type { Tables } from './resources/table/tables.ts';
import type { Topics } from './resources/topic.ts';
import type { UsedPermissions } from './resources/used-permissions.ts';
import { controlBuckets } from './control-engines.ts';
import type { Clock } from './util/clock.ts';
import type { Ids, RequestId } from './util/ids.ts';

export type ReviewWiring = {
  region: string;
  accounts: Accounts;
  identities: Identities;
  registry: Registry;
  used: UsedPermissions;
  sides: readonly SideOf[];
  buckets: Buckets;
  queues: Queues;
  topics: Topics;
  buses: EventBuses;
  secrets: Secrets;
  tables: Pick<Tables, 'list'>;
  keys: Keys;
  clock: Clock;
  ids: Ids;
};

export function wireReview(parts: ReviewWiring): ReviewParts {
  const { region, accounts, identities, registry, used, sides, keys, clock, ids } = parts;

  function liveOf(record: FunctionRecord): FunctionVersion {
    const { account, name, aliases, latest } = record;
    const live = aliases[liveAlias]?.version;
    const resolved = live === undefined ? undefined : registry.resolve(account, name, live, ids.uuid() as RequestId);
    return resolved?.version ?? latest;
  }

  return {
    identities,
    registry,
    used,
    liveOf,
    clock,
    standingOf: createStandings({
      identities,
      clock,
      grantsOf({ account, functionName }) {
        const record = registry.get(account, functionName);
        return record && liveOf(record).settings;
      },
      limitsOf: createAccountLimits(accounts),
    }),
    sideOf(principal, access) {
      const id = /^arn:aws:kms:[^:]*:\d{12}:key\/(.+)$/.exec(access.resource)?.[1];
      const key = id === undefined ? undefined : keys.byId(id);
      const whole = key === undefined ? access : keyAccess(keys, { principal }, access.action, key);
      for (const side of sides) {
        const found = side(principal, whole, {});
        if (found !== undefined) return found;
      }
      return undefined;
    },
    resources: async (account) => [
      ...(await controlBuckets(parts.buckets).list(account)).map(({ name }) => `arn:aws:s3:::${name}`),
      ...parts.queues.list(account).map(({ name }) => `arn:aws:sqs:${region}:${account}:${name}`),
      ...parts.topics.list(account).map(({ name }) => `arn:aws:sns:${region}:${account}:${name}`),
      ...parts.buses.buses(account).map(({ name }) => `arn:aws:events:${region}:${account}:event-bus/${name}`),
      ...parts.secrets.list(account).map((secret) => parts.secrets.arn(secret)),
      ...parts.tables.list(account).map((table) => tableArn(region, table)),
      ...keys.list(account).map((key) => keys.arnOf(key)),
    ],
  };
}
