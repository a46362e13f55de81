/** Event buses, schedules and pipes, from what is put or due to those who get it, wired to the rest of the house. */
import { createEventsService } from './aws/events/events.ts';
import { createPipesService } from './aws/pipes/pipes.ts';
import { createSchedulerService } from './aws/scheduler/scheduler.ts';
import type { AwsService } from './aws/service.ts';
import type { SideOf } from './aws/authorization.ts';
import { createBusSource } from './events/bus.ts';
import { busPermission } from './events/bus-permission.ts';
import { createApiDestinationCaller } from './events/call-api-destination.ts';
import { functionPermission } from './events/function-permission.ts';
import { createPipeSource } from './events/pipe.ts';
import type { MessagingKeys } from './events/keys-for.ts';
import { queuePermission } from './events/queue-permission.ts';
import { createSchedulerSource } from './events/scheduler.ts';
import type { Roles } from './events/role-permission.ts';
import type { ServiceCalls } from './events/service-calls.ts';
import type { EventSource } from './events/source.ts';
import { topicPermission } from './events/topic-permission.ts';
import { resourceTagKeys } from './identity/condition-keys.ts';
import { createDocumentReader } from './identity/policy-document.ts';
import type { Registry } from './registry/registry.ts';
import { EventBuses } from './resources/event-bus/event-buses.ts';
import { Pipes } from './resources/pipe/pipes.ts';
import type { Queues } from './resources/queue.ts';
import { Schedules } from './resources/scheduler/schedules.ts';
import type { TableStreams } from './resources/stream/table-streams.ts';
import type { Topics } from './resources/topic.ts';
import type { Log } from './store/log.ts';
import type { Records } from './store/records.ts';
import { parseArn } from './util/arn.ts';
import type { Clock } from './util/clock.ts';
import type { AccountId, Ids } from './util/ids.ts';
import type { Sealer } from './util/sealer.ts';

export type BusesParts = {
  region: string;
  records: Records;
  log: Log;
  registry: Registry;
  queues: Queues;
  topics: Topics;
  tableStreams: TableStreams;
  serviceCalls: ServiceCalls;
  roles: Roles;
  keys: MessagingKeys;
  sealer: Sealer;
  clock: Clock;
  ids: Ids;
};

export type WiredBuses = {
  buses: EventBuses;
  schedules: Schedules;
  pipes: Pipes;
  sources: EventSource[];
  services: AwsService[];
  /** What a bus says itself of who may use it. */
  side: SideOf;
};

/** What the account's administrator may always do, so that a policy which keeps everybody out can be changed. */
const keptByAccount: ReadonlySet<string> = new Set([
  'events:putpermission',
  'events:removepermission',
  'events:describeeventbus',
  'events:deleteeventbus',
]);

export async function wireBuses(parts: BusesParts): Promise<WiredBuses> {
  const { region, records, log, registry, queues, topics, serviceCalls, roles, keys, sealer, clock, ids } = parts;
  const { tableStreams } = parts;
  const buses = await EventBuses.open({ records, log, clock, ids });
  const schedules = await Schedules.open({ records, clock });
  const pipes = await Pipes.open({ records, clock, ids });
  const targets = {
    buses,
    topics,
    serviceCalls,
    roles,
    keys,
    callDestination: createApiDestinationCaller({ apis: buses.apis, sealer, clock }),
    mayInvoke: functionPermission(registry, ids),
    maySend: queuePermission(queues, region),
    mayPublish: topicPermission(topics, region),
    mayPut: busPermission(buses, region),
  };
  const documentOf = createDocumentReader();
  const side: SideOf = (_who, { resource }) => {
    const arn = parseArn(resource);
    if (arn?.service !== 'events' || !arn.resource.startsWith('event-bus/')) return undefined;
    const account = arn.account as AccountId;
    const found = buses.bus(account, arn.resource.slice('event-bus/'.length));
    // Of another account's nobody learns whether it is there; of one's own, the operation says so.
    if (found === undefined) return { account };
    return { account, document: documentOf(found), keptByAccount, keys: resourceTagKeys(found.tags) };
  };
  return {
    buses,
    schedules,
    pipes,
    side,
    sources: [
      createSchedulerSource({ schedules, buses }),
      createBusSource(targets),
      createPipeSource({ ...targets, pipes, tableStreams }),
    ],
    services: [
      createEventsService({ buses, sealer, clock, ids }),
      createSchedulerService({ schedules, serviceCalls }),
      createPipesService({ pipes, queues, tableStreams }),
    ],
  };
}
