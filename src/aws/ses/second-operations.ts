import type {
  CreateConfigurationSetRequest,
  CreateEmailIdentityRequest,
  CreateEmailIdentityResponse,
  CreateEmailTemplateRequest,
  DeleteConfigurationSetRequest,
  DeleteEmailIdentityRequest,
  DeleteEmailTemplateRequest,
  DeleteSuppressedDestinationRequest,
  EmailTemplateContent,
  GetAccountResponse,
  GetConfigurationSetRequest,
  GetConfigurationSetResponse,
  GetEmailIdentityRequest,
  GetEmailIdentityResponse,
  GetEmailTemplateRequest,
  GetEmailTemplateResponse,
  GetSuppressedDestinationRequest,
  GetSuppressedDestinationResponse,
  ListConfigurationSetsRequest,
  ListConfigurationSetsResponse,
  ListEmailIdentitiesRequest,
  ListEmailIdentitiesResponse,
  ListEmailTemplatesRequest,
  ListEmailTemplatesResponse,
  ListSuppressedDestinationsRequest,
  ListSuppressedDestinationsResponse,
  PutAccountSendingAttributesRequest,
  PutAccountSuppressionAttributesRequest,
  PutSuppressedDestinationRequest,
  TestRenderEmailTemplateRequest,
  TestRenderEmailTemplateResponse,
  UpdateEmailTemplateRequest,
} from '@aws-sdk/client-sesv2';
import { isAddress } from '../../events/compose-mail.ts';
import type { MailIdentity } from '../../resources/mail.ts';
import type { OperationEntry } from '../service.ts';
import { createSet } from './account-operations.ts';
import { addIdentity } from './identities.ts';
import { pageOf } from './pages.ts';
import { badRequest, notFound, second } from './second-api.ts';
import { needTemplate, renderTemplate } from './send-mail.ts';
import { sesAccess } from './ses-access.ts';
import { noConfigurationSet, noTemplate, refused } from './ses-errors.ts';
import type { SesParts } from './ses-parts.ts';
import { quota, sentLastDay } from './statistics.ts';
import { renderedText } from './template-operations.ts';
import { createTemplate, updateTemplate, type TemplateText } from './templates.ts';

const kindOf = ({ kind }: MailIdentity) => (kind === 'domain' ? ('DOMAIN' as const) : ('EMAIL_ADDRESS' as const));
// Nothing is signed here: who relays what is sent signs it.
const noDkim = { SigningEnabled: false, Status: 'NOT_STARTED' as const };

export const createEmailIdentity = (parts: SesParts): OperationEntry =>
  second<CreateEmailIdentityRequest, CreateEmailIdentityResponse>(
    (context, input) => sesAccess(context, 'CreateEmailIdentity', `identity/${input.EmailIdentity ?? ''}`),
    async ({ account }, { EmailIdentity: name = '' }) => {
      if (parts.mails.identities.get(account, name) !== undefined)
        throw refused('AlreadyExists', `Email identity ${name} already exist.`);
      const identity = await addIdentity(parts, account, name);
      return { IdentityType: kindOf(identity), VerifiedForSendingStatus: true, DkimAttributes: noDkim };
    },
  );

export const getEmailIdentity = ({ mails }: SesParts): OperationEntry =>
  second<GetEmailIdentityRequest, GetEmailIdentityResponse>(
    (context, input) => sesAccess(context, 'GetEmailIdentity', `identity/${input.EmailIdentity ?? ''}`),
    ({ account }, { EmailIdentity: name = '' }) => {
      const identity = mails.identities.get(account, name);
      if (identity === undefined) throw notFound(`Email identity ${name} does not exist.`);
      return Promise.resolve({
        IdentityType: kindOf(identity),
        FeedbackForwardingStatus: identity.forwardsFeedback,
        VerifiedForSendingStatus: true,
        VerificationStatus: 'SUCCESS',
        DkimAttributes: noDkim,
        Policies: {},
        Tags: [],
      });
    },
  );

export const listEmailIdentities = ({ mails }: SesParts): OperationEntry =>
  second<ListEmailIdentitiesRequest, ListEmailIdentitiesResponse>(
    (context) => sesAccess(context, 'ListEmailIdentities'),
    ({ account }, { NextToken, PageSize = 1_000 }) => {
      const { page, ...next } = pageOf(mails.identities.list(account), NextToken, PageSize);
      return Promise.resolve({
        EmailIdentities: page.map(({ name, value }) => ({
          IdentityName: name,
          IdentityType: kindOf(value),
          SendingEnabled: true,
          VerificationStatus: 'SUCCESS' as const,
        })),
        ...next,
      });
    },
  );

export const deleteEmailIdentity = ({ mails }: SesParts): OperationEntry =>
  second<DeleteEmailIdentityRequest, object>(
    (context, input) => sesAccess(context, 'DeleteEmailIdentity', `identity/${input.EmailIdentity ?? ''}`),
    async ({ account }, { EmailIdentity: name = '' }) => {
      if (!(await mails.identities.delete(account, name))) throw notFound(`Email identity ${name} does not exist.`);
      return {};
    },
  );

const textOf = (content: EmailTemplateContent | undefined): TemplateText => ({
  subject: content?.Subject,
  text: content?.Text,
  html: content?.Html,
});

export const createEmailTemplate = (parts: SesParts): OperationEntry =>
  second<CreateEmailTemplateRequest, object>(
    (context, input) => sesAccess(context, 'CreateEmailTemplate', `template/${input.TemplateName ?? ''}`),
    async (context, { TemplateName = '', TemplateContent }) => {
      await createTemplate(parts, context, TemplateName, textOf(TemplateContent));
      return {};
    },
  );

export const updateEmailTemplate = (parts: SesParts): OperationEntry =>
  second<UpdateEmailTemplateRequest, object>(
    (context, input) => sesAccess(context, 'UpdateEmailTemplate', `template/${input.TemplateName ?? ''}`),
    async (context, { TemplateName = '', TemplateContent }) => {
      await updateTemplate(parts, context, TemplateName, textOf(TemplateContent));
      return {};
    },
  );

export const getEmailTemplate = (parts: SesParts): OperationEntry =>
  second<GetEmailTemplateRequest, GetEmailTemplateResponse>(
    (context, input) => sesAccess(context, 'GetEmailTemplate', `template/${input.TemplateName ?? ''}`),
    (context, { TemplateName = '' }) => {
      const { subject, text, html } = needTemplate(parts, context, TemplateName);
      return Promise.resolve({ TemplateName, TemplateContent: { Subject: subject, Text: text, Html: html }, Tags: [] });
    },
  );

export const listEmailTemplates = ({ mails }: SesParts): OperationEntry =>
  second<ListEmailTemplatesRequest, ListEmailTemplatesResponse>(
    (context) => sesAccess(context, 'ListEmailTemplates'),
    ({ account }, { NextToken, PageSize = 100 }) => {
      const { page, ...next } = pageOf(mails.templates.list(account), NextToken, PageSize);
      return Promise.resolve({
        TemplatesMetadata: page.map(({ name, value }) => ({
          TemplateName: name,
          CreatedTimestamp: new Date(value.createdMs),
        })),
        ...next,
      });
    },
  );

export const deleteEmailTemplate = ({ mails }: SesParts): OperationEntry =>
  second<DeleteEmailTemplateRequest, object>(
    (context, input) => sesAccess(context, 'DeleteEmailTemplate', `template/${input.TemplateName ?? ''}`),
    async ({ account }, { TemplateName = '' }) => {
      if (!(await mails.templates.delete(account, TemplateName))) throw noTemplate(TemplateName);
      return {};
    },
  );

export const testRenderEmailTemplate = (parts: SesParts): OperationEntry =>
  second<TestRenderEmailTemplateRequest, TestRenderEmailTemplateResponse>(
    (context, input) => sesAccess(context, 'TestRenderEmailTemplate', `template/${input.TemplateName ?? ''}`),
    (context, { TemplateName, TemplateData }) => {
      const written = renderTemplate(needTemplate(parts, context, TemplateName), TemplateData);
      return Promise.resolve({ RenderedTemplate: renderedText(written) });
    },
  );

const suppressedName = (address: string): string => {
  if (!isAddress(address)) throw badRequest(`${address} is no e-mail address.`);
  return address.toLowerCase();
};

export const putSuppressedDestination = ({ mails, clock }: SesParts): OperationEntry =>
  second<PutSuppressedDestinationRequest, object>(
    (context) => sesAccess(context, 'PutSuppressedDestination'),
    async ({ account }, { EmailAddress = '', Reason: reason }) => {
      if (reason !== 'BOUNCE' && reason !== 'COMPLAINT') throw badRequest('The Reason must be BOUNCE or COMPLAINT.');
      await mails.suppressed.put(account, suppressedName(EmailAddress), { reason, updatedMs: clock.now() });
      return {};
    },
  );

export const getSuppressedDestination = ({ mails }: SesParts): OperationEntry =>
  second<GetSuppressedDestinationRequest, GetSuppressedDestinationResponse>(
    (context) => sesAccess(context, 'GetSuppressedDestination'),
    ({ account }, { EmailAddress = '' }) => {
      const found = mails.suppressed.get(account, suppressedName(EmailAddress));
      if (found === undefined) throw notFound(`Email address ${EmailAddress} does not exist on your suppression list.`);
      return Promise.resolve({
        SuppressedDestination: {
          EmailAddress,
          Reason: found.reason,
          LastUpdateTime: new Date(found.updatedMs),
          ...(found.mailId !== undefined && { Attributes: { MessageId: found.mailId } }),
        },
      });
    },
  );

export const listSuppressedDestinations = ({ mails }: SesParts): OperationEntry =>
  second<ListSuppressedDestinationsRequest, ListSuppressedDestinationsResponse>(
    (context) => sesAccess(context, 'ListSuppressedDestinations'),
    ({ account }, { NextToken, PageSize = 1_000, Reasons, StartDate, EndDate }) => {
      const found = mails.suppressed
        .list(account)
        .filter(
          ({ value: { reason, updatedMs } }) =>
            (Reasons === undefined || Reasons.includes(reason)) &&
            (StartDate === undefined || updatedMs >= StartDate.getTime()) &&
            (EndDate === undefined || updatedMs <= EndDate.getTime()),
        );
      const { page, ...next } = pageOf(found, NextToken, PageSize);
      return Promise.resolve({
        SuppressedDestinationSummaries: page.map(({ name, value }) => ({
          EmailAddress: name,
          Reason: value.reason,
          LastUpdateTime: new Date(value.updatedMs),
        })),
        ...next,
      });
    },
  );

export const deleteSuppressedDestination = ({ mails }: SesParts): OperationEntry =>
  second<DeleteSuppressedDestinationRequest, object>(
    (context) => sesAccess(context, 'DeleteSuppressedDestination'),
    async ({ account }, { EmailAddress = '' }) => {
      if (!(await mails.suppressed.delete(account, suppressedName(EmailAddress))))
        throw notFound(`Email address ${EmailAddress} does not exist on your suppression list.`);
      return {};
    },
  );

export const getAccount = (parts: SesParts): OperationEntry =>
  second<object, GetAccountResponse>(
    (context) => sesAccess(context, 'GetAccount'),
    (context) => {
      const { isSending, suppresses } = parts.mails.account(context.account);
      return Promise.resolve({
        DedicatedIpAutoWarmupEnabled: false,
        EnforcementStatus: 'HEALTHY',
        ProductionAccessEnabled: true,
        SendQuota: { ...quota, SentLast24Hours: sentLastDay(parts, context) },
        SendingEnabled: isSending,
        SuppressionAttributes: { SuppressedReasons: [...suppresses] },
      });
    },
  );

export const putAccountSendingAttributes = ({ mails }: SesParts): OperationEntry =>
  second<PutAccountSendingAttributesRequest, object>(
    (context) => sesAccess(context, 'PutAccountSendingAttributes'),
    async ({ account }, { SendingEnabled }) => {
      await mails.setAccount(account, { isSending: SendingEnabled === true });
      return {};
    },
  );

export const putAccountSuppressionAttributes = ({ mails }: SesParts): OperationEntry =>
  second<PutAccountSuppressionAttributesRequest, object>(
    (context) => sesAccess(context, 'PutAccountSuppressionAttributes'),
    async ({ account }, { SuppressedReasons = [] }) => {
      const suppresses = (['BOUNCE', 'COMPLAINT'] as const).filter((reason) => SuppressedReasons.includes(reason));
      await mails.setAccount(account, { suppresses });
      return {};
    },
  );

export const createConfigurationSetSecond = (parts: SesParts): OperationEntry =>
  second<CreateConfigurationSetRequest, object>(
    (context, input) =>
      sesAccess(context, 'CreateConfigurationSet', `configuration-set/${input.ConfigurationSetName ?? ''}`),
    async (context, { ConfigurationSetName: name = '', ...options }) => {
      await createSet(parts, context, name, options);
      return {};
    },
  );

export const getConfigurationSet = ({ mails }: SesParts): OperationEntry =>
  second<GetConfigurationSetRequest, GetConfigurationSetResponse>(
    (context, input) =>
      sesAccess(context, 'GetConfigurationSet', `configuration-set/${input.ConfigurationSetName ?? ''}`),
    ({ account }, { ConfigurationSetName: name = '' }) => {
      const set = mails.configurationSets.get(account, name);
      if (set === undefined) throw noConfigurationSet(name);
      return Promise.resolve({ ConfigurationSetName: name, ...set.options });
    },
  );

export const listConfigurationSetsSecond = ({ mails }: SesParts): OperationEntry =>
  second<ListConfigurationSetsRequest, ListConfigurationSetsResponse>(
    (context) => sesAccess(context, 'ListConfigurationSets'),
    ({ account }, { NextToken, PageSize = 1_000 }) => {
      const { page, ...next } = pageOf(mails.configurationSets.list(account), NextToken, PageSize);
      return Promise.resolve({ ConfigurationSets: page.map(({ name }) => name), ...next });
    },
  );

export const deleteConfigurationSetSecond = ({ mails }: SesParts): OperationEntry =>
  second<DeleteConfigurationSetRequest, object>(
    (context, input) =>
      sesAccess(context, 'DeleteConfigurationSet', `configuration-set/${input.ConfigurationSetName ?? ''}`),
    async ({ account }, { ConfigurationSetName: name = '' }) => {
      if (!(await mails.configurationSets.delete(account, name))) throw noConfigurationSet(name);
      return {};
    },
  );
