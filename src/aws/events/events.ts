/**
 * Amazon EventBridge over the bus engine (resources/event-bus/): buses, rules and their targets, archives and replays,
 * connections and API destinations. docs/reference/eventbridge.md says what differs.
 *
 * Partners' event sources and global endpoints are answered as not built.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/Welcome.html
 */
import { constrained } from '../constraints.ts';
import { eventsModel, type EventsOperationName } from '../model/events.ts';
import type { AwsService, OperationTable } from '../service.ts';
import {
  createApiDestination,
  deleteApiDestination,
  describeApiDestination,
  listApiDestinations,
  updateApiDestination,
} from './api-destination-operations.ts';
import { createArchive, deleteArchive, describeArchive, listArchives, updateArchive } from './archive-operations.ts';
import { createEventBus, deleteEventBus, describeEventBus, listEventBuses, updateEventBus } from './bus-operations.ts';
import {
  createConnection,
  deauthorizeConnection,
  deleteConnection,
  describeConnection,
  listConnections,
  updateConnection,
} from './connection-operations.ts';
import { memberShapes, shapeConstraints } from './constraint-table.ts';
import type { EventsParts } from './events-parts.ts';
import { putPermission, removePermission } from './permission-operations.ts';
import { putEvents, testEventPattern } from './put-events.ts';
import { cancelReplay, describeReplay, listReplays, startReplay } from './replay-operations.ts';
import {
  deleteRule,
  describeRule,
  disableRule,
  enableRule,
  listRuleNamesByTarget,
  listRules,
  putRule,
} from './rule-operations.ts';
import { listTagsForResource, tagResource, untagResource } from './tag-operations.ts';
import { listTargetsByRule, putTargets, removeTargets } from './target-operations.ts';

export function createEventsService(parts: EventsParts): AwsService {
  const operations: OperationTable<EventsOperationName> = {
    ActivateEventSource: 'not built',
    CancelReplay: cancelReplay(parts),
    CreateApiDestination: createApiDestination(parts),
    CreateArchive: createArchive(parts),
    CreateConnection: createConnection(parts),
    CreateEndpoint: 'not built',
    CreateEventBus: createEventBus(parts),
    CreatePartnerEventSource: 'not built',
    DeactivateEventSource: 'not built',
    DeauthorizeConnection: deauthorizeConnection(parts),
    DeleteApiDestination: deleteApiDestination(parts),
    DeleteArchive: deleteArchive(parts),
    DeleteConnection: deleteConnection(parts),
    DeleteEndpoint: 'not built',
    DeleteEventBus: deleteEventBus(parts),
    DeletePartnerEventSource: 'not built',
    DeleteRule: deleteRule(parts),
    DescribeApiDestination: describeApiDestination(parts),
    DescribeArchive: describeArchive(parts),
    DescribeConnection: describeConnection(parts),
    DescribeEndpoint: 'not built',
    DescribeEventBus: describeEventBus(parts),
    DescribeEventSource: 'not built',
    DescribePartnerEventSource: 'not built',
    DescribeReplay: describeReplay(parts),
    DescribeRule: describeRule(parts),
    DisableRule: disableRule(parts),
    EnableRule: enableRule(parts),
    ListApiDestinations: listApiDestinations(parts),
    ListArchives: listArchives(parts),
    ListConnections: listConnections(parts),
    ListEndpoints: 'not built',
    ListEventBuses: listEventBuses(parts),
    ListEventSources: 'not built',
    ListPartnerEventSourceAccounts: 'not built',
    ListPartnerEventSources: 'not built',
    ListReplays: listReplays(parts),
    ListRuleNamesByTarget: listRuleNamesByTarget(parts),
    ListRules: listRules(parts),
    ListTagsForResource: listTagsForResource(parts),
    ListTargetsByRule: listTargetsByRule(parts),
    PutEvents: putEvents(parts),
    PutPartnerEvents: 'not built',
    PutPermission: putPermission(parts),
    PutRule: putRule(parts),
    PutTargets: putTargets(parts),
    RemovePermission: removePermission(parts),
    RemoveTargets: removeTargets(parts),
    StartReplay: startReplay(parts),
    TagResource: tagResource(parts),
    TestEventPattern: testEventPattern(),
    UntagResource: untagResource(parts),
    UpdateApiDestination: updateApiDestination(parts),
    UpdateArchive: updateArchive(parts),
    UpdateConnection: updateConnection(parts),
    UpdateEndpoint: 'not built',
    UpdateEventBus: updateEventBus(parts),
  };
  return {
    name: 'events',
    signingNames: ['events'],
    protocols: ['json-1.1'],
    model: eventsModel,
    operations: constrained(operations, eventsModel, { shapes: shapeConstraints, members: memberShapes }),
  };
}
