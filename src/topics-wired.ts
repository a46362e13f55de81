/** Topics, from what is published to those who get it, wired to the rest of the house. */
import type { SnsParts } from './aws/sns/sns-parts.ts';
import { createSnsService } from './aws/sns/sns.ts';
import type { SideOf } from './aws/authorization.ts';
import type { AwsService } from './aws/service.ts';
import { functionPermission } from './events/function-permission.ts';
import type { MessagingKeys } from './events/keys-for.ts';
import { queuePermission } from './events/queue-permission.ts';
import type { EventSource } from './events/source.ts';
import { certificatePath } from './events/topic-fan-out.ts';
import { createTopicSource } from './events/topic.ts';
import { resourceTagKeys } from './identity/condition-keys.ts';
import { createMessageSigner } from './identity/message-signer.ts';
import { createDocumentReader } from './identity/policy-document.ts';
import type { Bindings } from './registry/binding.ts';
import type { Registry } from './registry/registry.ts';
import type { Mails } from './resources/mail.ts';
import type { Queues } from './resources/queue.ts';
import { storedSubscriptions } from './resources/stored-subscription.ts';
import { Topics } from './resources/topic.ts';
import type { Log } from './store/log.ts';
import type { Records } from './store/records.ts';
import { parseArn } from './util/arn.ts';
import type { Clock } from './util/clock.ts';
import type { HttpHandler } from './util/http.ts';
import type { AccountId, Ids } from './util/ids.ts';
import type { Sealer } from './util/sealer.ts';

export type TopicsParts = {
  dataFolder: string;
  region: string;
  records: Records;
  log: Log;
  registry: Registry;
  bindings: Bindings;
  queues: Queues;
  mails: Pick<Mails, 'send'>;
  sealer: Sealer;
  /** For topics and queues that are encrypted with keys; absent: none is. */
  keys?: MessagingKeys;
  /** What who publishes seals with. */
  keysFor: SnsParts['keysFor'];
  clock: Clock;
  ids: Ids;
};

/** What the account's administrator may always do, so that a policy which keeps everybody out can be changed. */
const keptByAccount: ReadonlySet<string> = new Set([
  'sns:settopicattributes',
  'sns:gettopicattributes',
  'sns:removepermission',
  'sns:deletetopic',
]);

export type WiredTopics = {
  topics: Topics;
  source: EventSource;
  service: AwsService;
  /** What a topic says itself of who may use it. */
  side: SideOf;
  /** The certificate that messages are checked with; undefined: the path is not its address. */
  certificate(path: string): HttpHandler | undefined;
};

export async function wireTopics(parts: TopicsParts): Promise<WiredTopics> {
  const { dataFolder, region, records, log, registry, bindings, queues, mails, sealer, clock, ids } = parts;
  const topics = await Topics.open({ records, log, clock, ids, stored: storedSubscriptions(sealer) });
  const maySend = queuePermission(queues, region);
  const signer = createMessageSigner({ records, sealer, folder: dataFolder, clock, ids });
  const documentOf = createDocumentReader();

  const side: SideOf = (who, { resource }) => {
    if (!resource.startsWith('arn:aws:sns:')) return undefined;
    const arn = parseArn(resource);
    const found = arn && topics.get(arn.account as AccountId, arn.resource);
    // Of one's own that is not there, the operation says so; of another account's nobody learns whether it is.
    if (found === undefined) return { account: arn?.account === '' ? who.account : arn?.account };
    return {
      account: found.account,
      document: documentOf(found.settings),
      keptByAccount,
      keys: resourceTagKeys(found.tags),
    };
  };

  return {
    topics,
    source: createTopicSource({
      topics,
      signer,
      mails,
      mayInvoke: functionPermission(registry, ids),
      maySend,
      ...(parts.keys !== undefined && { keys: parts.keys }),
    }),
    service: createSnsService({ topics, bindings, queues, keysFor: parts.keysFor, clock }),

    side,

    certificate(path) {
      if (!/^\/SimpleNotificationService-[0-9a-f]{32}\.pem$/.test(path)) return undefined;
      return async () => {
        const { id, pem } = await signer.certificate();
        if (certificatePath(id) !== path) return { status: 404, headers: {}, body: 'There is no such certificate.\n' };
        return { status: 200, headers: { 'content-type': 'application/x-pem-file' }, body: pem };
      };
    },
  };
}
