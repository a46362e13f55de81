import { createHash } from 'node:crypto';
import type {
  DeleteIdentityRequest,
  DeleteVerifiedEmailAddressRequest,
  GetIdentityDkimAttributesRequest,
  GetIdentityDkimAttributesResponse,
  GetIdentityNotificationAttributesRequest,
  GetIdentityNotificationAttributesResponse,
  GetIdentityVerificationAttributesRequest,
  GetIdentityVerificationAttributesResponse,
  ListIdentitiesRequest,
  ListIdentitiesResponse,
  ListVerifiedEmailAddressesResponse,
  SetIdentityFeedbackForwardingEnabledRequest,
  SetIdentityNotificationTopicRequest,
  VerifyDomainDkimRequest,
  VerifyDomainDkimResponse,
  VerifyDomainIdentityRequest,
  VerifyDomainIdentityResponse,
  VerifyEmailAddressRequest,
} from '@aws-sdk/client-ses';
import type { MailIdentity } from '../../resources/mail.ts';
import { parseArn } from '../../util/arn.ts';
import type { AccountId } from '../../util/ids.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { addIdentity } from './identities.ts';
import { pageOf } from './pages.ts';
import { sesAccess } from './ses-access.ts';
import { invalidParameter } from './ses-errors.ts';
import type { SesParts } from './ses-parts.ts';

/** What a name server would have to say; the same each time, as people put it there once. */
const tokenOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);

const dkimTokens = (identity: string): string[] => ['1', '2', '3'].map((each) => tokenOf('dkim', identity, each));

/** Also of VerifyEmailAddress, which is its older name. */
export const verifyEmail = (parts: SesParts, action: string): OperationEntry => ({
  access: (context) => sesAccess(context, action),
  async run(context: AwsContext, { EmailAddress: address = '' }: VerifyEmailAddressRequest): Promise<object> {
    await addIdentity(parts, context.account, address, 'address');
    return {};
  },
});

export const verifyDomainIdentity = (parts: SesParts): OperationEntry => ({
  access: (context) => sesAccess(context, 'VerifyDomainIdentity'),
  async run(context: AwsContext, { Domain = '' }: VerifyDomainIdentityRequest): Promise<VerifyDomainIdentityResponse> {
    await addIdentity(parts, context.account, Domain.toLowerCase(), 'domain');
    return { VerificationToken: tokenOf('domain', Domain.toLowerCase()) };
  },
});

export const verifyDomainDkim = (parts: SesParts): OperationEntry => ({
  access: (context) => sesAccess(context, 'VerifyDomainDkim'),
  async run(context: AwsContext, { Domain = '' }: VerifyDomainDkimRequest): Promise<VerifyDomainDkimResponse> {
    await addIdentity(parts, context.account, Domain.toLowerCase(), 'domain');
    return { DkimTokens: dkimTokens(Domain.toLowerCase()) };
  },
});

export const listIdentities = ({ mails }: SesParts): OperationEntry => ({
  access: (context) => sesAccess(context, 'ListIdentities'),
  run(
    context: AwsContext,
    { IdentityType, NextToken, MaxItems }: ListIdentitiesRequest,
  ): Promise<ListIdentitiesResponse> {
    const kind = IdentityType === undefined ? undefined : { EmailAddress: 'address', Domain: 'domain' }[IdentityType];
    if (IdentityType !== undefined && kind === undefined)
      throw invalidParameter('Invalid IdentityType', 'IdentityType');
    const found = mails.identities
      .list(context.account)
      .filter(({ value }) => kind === undefined || value.kind === kind);
    const { page, ...next } = pageOf(found, NextToken, MaxItems ?? 1_000);
    return Promise.resolve({ Identities: page.map(({ name }) => name), ...next });
  },
});

export const listVerifiedEmailAddresses = ({ mails }: SesParts): OperationEntry => ({
  access: (context) => sesAccess(context, 'ListVerifiedEmailAddresses'),
  run: (context: AwsContext): Promise<ListVerifiedEmailAddressesResponse> =>
    Promise.resolve({
      VerifiedEmailAddresses: mails.identities
        .list(context.account)
        .flatMap(({ name, value }) => (value.kind === 'address' ? [name] : [])),
    }),
});

export const deleteIdentity = ({ mails }: SesParts): OperationEntry => ({
  access: (context, { Identity }: DeleteIdentityRequest) =>
    sesAccess(context, 'DeleteIdentity', `identity/${Identity ?? ''}`),
  async run(context: AwsContext, { Identity = '' }: DeleteIdentityRequest): Promise<object> {
    await mails.identities.delete(context.account, Identity);
    return {};
  },
});

export const deleteVerifiedEmailAddress = ({ mails }: SesParts): OperationEntry => ({
  access: (context) => sesAccess(context, 'DeleteVerifiedEmailAddress'),
  async run(context: AwsContext, { EmailAddress = '' }: DeleteVerifiedEmailAddressRequest): Promise<object> {
    await mails.identities.delete(context.account, EmailAddress);
    return {};
  },
});

/** Of those that are there. */
function attributesOf<Attributes>(
  { mails }: SesParts,
  account: AccountId,
  names: readonly string[] | undefined,
  describe: (identity: MailIdentity, name: string) => Attributes,
): Record<string, Attributes> {
  return Object.fromEntries(
    (names ?? []).flatMap((name) => {
      const identity = mails.identities.get(account, name);
      return identity === undefined ? [] : [[name, describe(identity, name)]];
    }),
  );
}

export const getIdentityVerificationAttributes = (parts: SesParts): OperationEntry => ({
  access: (context) => sesAccess(context, 'GetIdentityVerificationAttributes'),
  run: (
    { account }: AwsContext,
    { Identities }: GetIdentityVerificationAttributesRequest,
  ): Promise<GetIdentityVerificationAttributesResponse> =>
    Promise.resolve({
      VerificationAttributes: attributesOf(parts, account, Identities, ({ kind }, name) => ({
        VerificationStatus: 'Success' as const,
        ...(kind === 'domain' && { VerificationToken: tokenOf('domain', name) }),
      })),
    }),
});

export const getIdentityDkimAttributes = (parts: SesParts): OperationEntry => ({
  access: (context) => sesAccess(context, 'GetIdentityDkimAttributes'),
  run: (
    { account }: AwsContext,
    { Identities }: GetIdentityDkimAttributesRequest,
  ): Promise<GetIdentityDkimAttributesResponse> =>
    Promise.resolve({
      // Nothing is signed here: who relays what is sent signs it.
      DkimAttributes: attributesOf(parts, account, Identities, ({ kind }, name) => ({
        DkimEnabled: false,
        DkimVerificationStatus: 'NotStarted' as const,
        ...(kind === 'domain' && { DkimTokens: dkimTokens(name) }),
      })),
    }),
});

export const getIdentityNotificationAttributes = (parts: SesParts): OperationEntry => ({
  access: (context) => sesAccess(context, 'GetIdentityNotificationAttributes'),
  run: (
    { account }: AwsContext,
    { Identities }: GetIdentityNotificationAttributesRequest,
  ): Promise<GetIdentityNotificationAttributesResponse> =>
    Promise.resolve({
      NotificationAttributes: attributesOf(parts, account, Identities, ({ topics, forwardsFeedback }) => ({
        BounceTopic: topics.Bounce ?? '',
        ComplaintTopic: topics.Complaint ?? '',
        DeliveryTopic: topics.Delivery ?? '',
        ForwardingEnabled: forwardsFeedback,
        HeadersInBounceNotificationsEnabled: false,
        HeadersInComplaintNotificationsEnabled: false,
        HeadersInDeliveryNotificationsEnabled: false,
      })),
    }),
});

async function changeIdentity(
  { mails }: SesParts,
  account: AccountId,
  name: string,
  change: (identity: MailIdentity) => MailIdentity,
): Promise<object> {
  const identity = mails.identities.get(account, name);
  if (identity === undefined) throw invalidParameter(`Identity ${name} is not verified.`, 'Identity');
  await mails.identities.put(account, name, change(identity));
  return {};
}

export const setIdentityNotificationTopic = (parts: SesParts): OperationEntry => ({
  access: (context, { Identity, SnsTopic }: SetIdentityNotificationTopicRequest) => [
    ...sesAccess(context, 'SetIdentityNotificationTopic', `identity/${Identity ?? ''}`),
    ...(SnsTopic ? [{ action: 'sns:Publish', resource: SnsTopic }] : []),
  ],
  run({ account, region }: AwsContext, input: SetIdentityNotificationTopicRequest): Promise<object> {
    const { Identity = '', NotificationType: kind, SnsTopic } = input;
    if (kind !== 'Bounce' && kind !== 'Complaint' && kind !== 'Delivery')
      throw invalidParameter('Invalid NotificationType', 'NotificationType');
    const arn = parseArn(SnsTopic ?? '');
    const isThere =
      arn?.service === 'sns' &&
      arn.account === account &&
      arn.region === region &&
      parts.topics.get(account, arn.resource) !== undefined;
    if (SnsTopic && !isThere) throw invalidParameter(`Invalid SNS topic <${SnsTopic}>.`, 'SnsTopic');
    return changeIdentity(parts, account, Identity, (identity) => {
      const { [kind]: _before, ...others } = identity.topics;
      return { ...identity, topics: SnsTopic ? { ...others, [kind]: SnsTopic } : others };
    });
  },
});

export const setIdentityFeedbackForwardingEnabled = (parts: SesParts): OperationEntry => ({
  access: (context, { Identity }: SetIdentityFeedbackForwardingEnabledRequest) =>
    sesAccess(context, 'SetIdentityFeedbackForwardingEnabled', `identity/${Identity ?? ''}`),
  run: ({ account }: AwsContext, input: SetIdentityFeedbackForwardingEnabledRequest): Promise<object> =>
    changeIdentity(parts, account, input.Identity ?? '', (identity) => ({
      ...identity,
      forwardsFeedback: input.ForwardingEnabled === true,
    })),
});
