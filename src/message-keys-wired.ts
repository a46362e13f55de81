/** Who may encrypt and decrypt messages of queues and topics with keys, wired to KMS and to who everybody is. */
import { createDataKeys, type DataKeysParts } from './aws/data-keys.ts';
import type { KeyCaller } from './aws/key-use.ts';
import type { AwsContext } from './aws/service.ts';
import type { KeyHolders, MessagingKeys } from './events/keys-for.ts';
import type { Principal } from './identity/principal.ts';
import type { AssumeForService } from './identity/service-session.ts';
import type { DataKeys } from './resources/data-keys.ts';
import type { Identities } from './resources/iam/identities.ts';
import type { Registry } from './registry/registry.ts';
import type { Keys } from './resources/key/keys.ts';
import type { AccountId } from './util/ids.ts';
import { PlatformError } from './util/errors.ts';
import type { WiredKms } from './kms-wired.ts';

export type MessageKeysParts = {
  region: string;
  kms: Pick<WiredKms, 'keyUse'> & { keys: Pick<Keys, 'watch'> };
  identities: Pick<Identities, 'watch'>;
  registry: Pick<Registry, 'watch'>;
  assume: AssumeForService;
  /** Who a function is when Lambda acts for it; undefined: it is not there. Throws `permission_denied` where its role is not Lambda's to have. */
  functionPrincipal: (account: AccountId, name: string, qualifier: string | undefined) => Principal | undefined;
};

export type WiredMessageKeys = MessagingKeys & {
  /** For who calls SQS or SNS himself. */
  queueKeys: (context: AwsContext) => DataKeys;
  topicKeys: (context: AwsContext) => DataKeys;
};

/** Where services act from, as conditions ask for it. */
const request = { remoteAddress: '127.0.0.1' };
const sessionName = 'mayfly';

export function wireMessageKeys(parts: MessageKeysParts): WiredMessageKeys {
  const { region, kms } = parts;
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
  const ofQueues: DataKeysParts = {
    keyUse: kms.keyUse('sqs'),
    contextOf: ({ account, name }) => ({ 'aws:sqs:arn': `arn:aws:sqs:${region}:${account}:${name}` }),
    reasonOf: (reason) => `KMS.${reason}`,
  };
  // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
  const ofTopics: DataKeysParts = {
    keyUse: kms.keyUse('sns'),
    contextOf: ({ account, name }) => ({ 'aws:sns:topicArn': `arn:aws:sns:${region}:${account}:${name}` }),
    reasonOf: (reason) => snsNames[reason],
  };
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
  const ofTables: DataKeysParts = {
    keyUse: kms.keyUse('dynamodb'),
    contextOf: ({ account, name }) => ({ 'aws:dynamodb:tableName': name, 'aws:dynamodb:subscriberId': account }),
    reasonOf: (reason) => `KMS.${reason}`,
  };
  return {
    queues: holders(ofQueues, parts),
    tables: holders(ofTables, parts),
    topics: holders(ofTopics, parts),
    queueKeys: (context) => createDataKeys(ofQueues, (account) => ({ ...context, account })),
    topicKeys: (context) => createDataKeys(ofTopics, (account) => ({ ...context, account })),
  };
}

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors */
const snsNames = {
  AccessDeniedException: 'KMSAccessDenied',
  DisabledException: 'KMSDisabled',
  InvalidKeyUsageException: 'KMSInvalidState',
  InvalidStateException: 'KMSInvalidState',
  NotFoundException: 'KMSNotFound',
} as const;

function holders(ofService: DataKeysParts, parts: MessageKeysParts): KeyHolders {
  const { assume, functionPrincipal, identities, registry, kms } = parts;
  const of = (caller: (account: AccountId) => KeyCaller): DataKeys => createDataKeys(ofService, caller);
  /** `who` is asked for each time: what was in force a while ago says nothing. */
  const as = (who: () => Principal): DataKeys => of((account) => ({ account, principal: who(), request }));
  return {
    service(behalf, roleArn) {
      const itself = of((account) => ({ account, service: behalf }));
      if (roleArn === undefined) return itself;
      const { service, sourceArn, sourceAccount } = behalf;
      const withRole = as(() => assume({ account: sourceAccount, roleArn, service, sourceArn, sessionName }));
      return firstOf(withRole, itself);
    },
    function: ({ account, functionName, qualifier }) =>
      as(() => {
        const principal = functionPrincipal(account, functionName, qualifier);
        if (principal !== undefined) return principal;
        throw new PlatformError(
          'permission_denied',
          `there is no function ${functionName} that a key could be used for`,
        );
      }),
    own: of((account) => ({ account, isOwn: true })),
    watch(changed) {
      const watches = [identities.watch(changed), registry.watch(changed), kms.keys.watch(changed)];
      return {
        stop() {
          for (const watch of watches) watch.stop();
        },
      };
    },
  };
}

/** What the first may not, the second may. */
function firstOf(first: DataKeys, second: DataKeys): DataKeys {
  const either = async <Result>(ask: (keys: DataKeys) => Promise<Result>): Promise<Result> => {
    try {
      return await ask(first);
    } catch (error) {
      if (!(error instanceof PlatformError) || error.code !== 'permission_denied') throw error;
      return ask(second).catch(() => {
        throw error;
      });
    }
  };
  return {
    require: (...given) => either((keys) => keys.require(...given)),
    make: (...given) => either((keys) => keys.make(...given)),
    open: (...given) => either((keys) => keys.open(...given)),
  };
}
