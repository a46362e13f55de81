/**
 * Amazon SNS over the topic engine (resources/topic.ts); what is published is delivered by events/topic.ts.
 *
 * Gaps, each answered by name: mobile applications (platform applications and endpoints), telephones (SMS and its
 * sandbox), Firehose subscriptions, encryption with keys of KMS, archives and replay of FIFO topics, X-Ray's active tracing,
 * logs of deliveries, other accounts' topics, queues and functions. A data protection policy is kept and not applied.
 *
 * By design: a subscription that a deployment declared is shown, and changed in the manifest alone; whoever gets posts can
 * leave without a signature, those who are functions and queues cannot; subscriptions that functions make reach the open
 * internet only.
 *
 * Client quirks: the query protocol only; ListSubscriptions answers `PendingConfirmation` for an ARN that waits.
 * https://docs.aws.amazon.com/sns/latest/api/welcome.html
 */
import { snsModel, type SnsOperationName } from '../model/sns.ts';
import type { AwsService, OperationTable } from '../service.ts';
import { createTopic } from './create-topic.ts';
import { addPermission, removePermission } from './permission-operations.ts';
import { publishBatch } from './publish-batch.ts';
import { publish } from './publish.ts';
import type { SnsParts } from './sns-parts.ts';
import { subscribe } from './subscribe.ts';
import {
  confirmSubscription,
  getSubscriptionAttributes,
  listSubscriptions,
  listSubscriptionsByTopic,
  setSubscriptionAttributes,
  unsubscribe,
} from './subscription-operations.ts';
import { listTagsForResource, tagResource, untagResource } from './tag-operations.ts';
import {
  deleteTopic,
  getDataProtectionPolicy,
  getTopicAttributes,
  listTopics,
  putDataProtectionPolicy,
  setTopicAttributes,
} from './topic-operations.ts';

export function createSnsService(parts: SnsParts): AwsService {
  const operations: OperationTable<SnsOperationName> = {
    AddPermission: addPermission(parts),
    CheckIfPhoneNumberIsOptedOut: 'not built',
    ConfirmSubscription: confirmSubscription(parts),
    CreatePlatformApplication: 'not built',
    CreatePlatformEndpoint: 'not built',
    CreateSMSSandboxPhoneNumber: 'not built',
    CreateTopic: createTopic(parts),
    DeleteEndpoint: 'not built',
    DeletePlatformApplication: 'not built',
    DeleteSMSSandboxPhoneNumber: 'not built',
    DeleteTopic: deleteTopic(parts),
    GetDataProtectionPolicy: getDataProtectionPolicy(parts),
    GetEndpointAttributes: 'not built',
    GetPlatformApplicationAttributes: 'not built',
    GetSMSAttributes: 'not built',
    GetSMSSandboxAccountStatus: 'not built',
    GetSubscriptionAttributes: getSubscriptionAttributes(parts),
    GetTopicAttributes: getTopicAttributes(parts),
    ListEndpointsByPlatformApplication: 'not built',
    ListOriginationNumbers: 'not built',
    ListPhoneNumbersOptedOut: 'not built',
    ListPlatformApplications: 'not built',
    ListSMSSandboxPhoneNumbers: 'not built',
    ListSubscriptions: listSubscriptions(parts),
    ListSubscriptionsByTopic: listSubscriptionsByTopic(parts),
    ListTagsForResource: listTagsForResource(parts),
    ListTopics: listTopics(parts),
    OptInPhoneNumber: 'not built',
    Publish: publish(parts),
    PublishBatch: publishBatch(parts),
    PutDataProtectionPolicy: putDataProtectionPolicy(parts),
    RemovePermission: removePermission(parts),
    SetEndpointAttributes: 'not built',
    SetPlatformApplicationAttributes: 'not built',
    SetSMSAttributes: 'not built',
    SetSubscriptionAttributes: setSubscriptionAttributes(parts),
    SetTopicAttributes: setTopicAttributes(parts),
    Subscribe: subscribe(parts),
    TagResource: tagResource(parts),
    Unsubscribe: unsubscribe(parts),
    UntagResource: untagResource(parts),
    VerifySMSSandboxPhoneNumber: 'not built',
  };
  return { name: 'sns', signingNames: ['sns'], protocols: ['query'], model: snsModel, operations };
}
