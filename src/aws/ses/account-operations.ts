import type {
  ConfigurationSet,
  CreateConfigurationSetRequest,
  DeleteConfigurationSetRequest,
  DescribeConfigurationSetRequest,
  DescribeConfigurationSetResponse,
  GetAccountSendingEnabledResponse,
  GetSendQuotaResponse,
  GetSendStatisticsResponse,
  ListConfigurationSetsRequest,
  ListConfigurationSetsResponse,
  UpdateAccountSendingEnabledRequest,
} from '@aws-sdk/client-ses';
import type { AwsContext, OperationEntry } from '../service.ts';
import { pageOf } from './pages.ts';
import { sesAccess } from './ses-access.ts';
import { noConfigurationSet, refused } from './ses-errors.ts';
import type { SesParts } from './ses-parts.ts';
import { quota, sendStatistics, sentLastDay } from './statistics.ts';

export const getSendQuota = (parts: SesParts): OperationEntry => ({
  access: (context) => sesAccess(context, 'GetSendQuota'),
  run: (context: AwsContext): Promise<GetSendQuotaResponse> =>
    Promise.resolve({ ...quota, SentLast24Hours: sentLastDay(parts, context) }),
});

export const getSendStatistics = (parts: SesParts): OperationEntry => ({
  access: (context) => sesAccess(context, 'GetSendStatistics'),
  run: (context: AwsContext): Promise<GetSendStatisticsResponse> =>
    Promise.resolve({ SendDataPoints: sendStatistics(parts, context) }),
});

export const getAccountSendingEnabled = ({ mails }: SesParts): OperationEntry => ({
  access: (context) => sesAccess(context, 'GetAccountSendingEnabled'),
  run: ({ account }: AwsContext): Promise<GetAccountSendingEnabledResponse> =>
    Promise.resolve({ Enabled: mails.account(account).isSending }),
});

export const updateAccountSendingEnabled = ({ mails }: SesParts): OperationEntry => ({
  access: (context) => sesAccess(context, 'UpdateAccountSendingEnabled'),
  async run({ account }: AwsContext, { Enabled }: UpdateAccountSendingEnabledRequest): Promise<object> {
    await mails.setAccount(account, { isSending: Enabled === true });
    return {};
  },
});

/** Kept, and a name for clients to send with; nothing that a set could say is built. */
export async function createSet(
  { mails, clock }: SesParts,
  { account }: AwsContext,
  name: string,
  options: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name))
    throw refused('InvalidConfigurationSet', `The configuration set name ${name} is not valid.`);
  if (mails.configurationSets.get(account, name) !== undefined)
    throw refused('ConfigurationSetAlreadyExists', `Configuration set <${name}> already exists.`);
  await mails.configurationSets.put(account, name, { createdMs: clock.now(), options });
}

export const createConfigurationSet = (parts: SesParts): OperationEntry => ({
  access: (context) => sesAccess(context, 'CreateConfigurationSet'),
  async run(context: AwsContext, { ConfigurationSet: set }: CreateConfigurationSetRequest): Promise<object> {
    await createSet(parts, context, set?.Name ?? '', {});
    return {};
  },
});

export const describeConfigurationSet = ({ mails }: SesParts): OperationEntry => ({
  access: (context) => sesAccess(context, 'DescribeConfigurationSet'),
  run(
    { account }: AwsContext,
    { ConfigurationSetName: name = '' }: DescribeConfigurationSetRequest,
  ): Promise<DescribeConfigurationSetResponse> {
    if (mails.configurationSets.get(account, name) === undefined) throw noConfigurationSet(name);
    return Promise.resolve({ ConfigurationSet: { Name: name } });
  },
});

export const listConfigurationSets = ({ mails }: SesParts): OperationEntry => ({
  access: (context) => sesAccess(context, 'ListConfigurationSets'),
  run(
    { account }: AwsContext,
    { NextToken, MaxItems }: ListConfigurationSetsRequest,
  ): Promise<ListConfigurationSetsResponse> {
    const { page, ...next } = pageOf(mails.configurationSets.list(account), NextToken, MaxItems ?? 1_000);
    return Promise.resolve({ ConfigurationSets: page.map(({ name }): ConfigurationSet => ({ Name: name })), ...next });
  },
});

export const deleteConfigurationSet = ({ mails }: SesParts): OperationEntry => ({
  access: (context) => sesAccess(context, 'DeleteConfigurationSet'),
  async run(
    { account }: AwsContext,
    { ConfigurationSetName: name = '' }: DeleteConfigurationSetRequest,
  ): Promise<object> {
    if (!(await mails.configurationSets.delete(account, name))) throw noConfigurationSet(name);
    return {};
  },
});
