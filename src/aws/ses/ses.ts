/**
 * Amazon SES, its first API (Query), over the mail engine (resources/mail.ts); mails are sent by events/mail-delivery.ts.
 *
 * Gaps, each answered by name: receipt rules and filters (mail that arrives is bound in a manifest), custom verification
 * mails, MAIL FROM domains, policies of identities, event destinations and tracking of configuration sets, SendBounce.
 *
 * By design: an identity is verified as soon as somebody who may asks for it; nothing is signed (DKIM), which is for the relay
 * to do; quotas are not enforced. Configuration sets are names that mails can be sent with, and nothing more.
 * https://docs.aws.amazon.com/ses/latest/APIReference/Welcome.html
 */
import { sesModel, type SesOperationName } from '../model/ses.ts';
import type { AwsService, OperationTable } from '../service.ts';
import {
  createConfigurationSet,
  deleteConfigurationSet,
  describeConfigurationSet,
  getAccountSendingEnabled,
  getSendQuota,
  getSendStatistics,
  listConfigurationSets,
  updateAccountSendingEnabled,
} from './account-operations.ts';
import {
  deleteIdentity,
  deleteVerifiedEmailAddress,
  getIdentityDkimAttributes,
  getIdentityNotificationAttributes,
  getIdentityVerificationAttributes,
  listIdentities,
  listVerifiedEmailAddresses,
  setIdentityFeedbackForwardingEnabled,
  setIdentityNotificationTopic,
  verifyDomainDkim,
  verifyDomainIdentity,
  verifyEmail,
} from './identity-operations.ts';
import { sendBulkTemplatedEmail, sendEmail, sendRawEmail, sendTemplatedEmail } from './send-operations.ts';
import {
  createTemplateOperation,
  deleteTemplate,
  getTemplate,
  listTemplates,
  testRenderTemplate,
  updateTemplateOperation,
} from './template-operations.ts';
import { firstRequestLimit } from './request-limits.ts';
import type { SesParts } from './ses-parts.ts';

export function createSesService(parts: SesParts): AwsService {
  const operations: OperationTable<SesOperationName> = {
    CloneReceiptRuleSet: 'not built',
    CreateConfigurationSet: createConfigurationSet(parts),
    CreateConfigurationSetEventDestination: 'not built',
    CreateConfigurationSetTrackingOptions: 'not built',
    CreateCustomVerificationEmailTemplate: 'not built',
    CreateReceiptFilter: 'not built',
    CreateReceiptRule: 'not built',
    CreateReceiptRuleSet: 'not built',
    CreateTemplate: createTemplateOperation(parts),
    DeleteConfigurationSet: deleteConfigurationSet(parts),
    DeleteConfigurationSetEventDestination: 'not built',
    DeleteConfigurationSetTrackingOptions: 'not built',
    DeleteCustomVerificationEmailTemplate: 'not built',
    DeleteIdentity: deleteIdentity(parts),
    DeleteIdentityPolicy: 'not built',
    DeleteReceiptFilter: 'not built',
    DeleteReceiptRule: 'not built',
    DeleteReceiptRuleSet: 'not built',
    DeleteTemplate: deleteTemplate(parts),
    DeleteVerifiedEmailAddress: deleteVerifiedEmailAddress(parts),
    DescribeActiveReceiptRuleSet: 'not built',
    DescribeConfigurationSet: describeConfigurationSet(parts),
    DescribeReceiptRule: 'not built',
    DescribeReceiptRuleSet: 'not built',
    GetAccountSendingEnabled: getAccountSendingEnabled(parts),
    GetCustomVerificationEmailTemplate: 'not built',
    GetIdentityDkimAttributes: getIdentityDkimAttributes(parts),
    GetIdentityMailFromDomainAttributes: 'not built',
    GetIdentityNotificationAttributes: getIdentityNotificationAttributes(parts),
    GetIdentityPolicies: 'not built',
    GetIdentityVerificationAttributes: getIdentityVerificationAttributes(parts),
    GetSendQuota: getSendQuota(parts),
    GetSendStatistics: getSendStatistics(parts),
    GetTemplate: getTemplate(parts),
    ListConfigurationSets: listConfigurationSets(parts),
    ListCustomVerificationEmailTemplates: 'not built',
    ListIdentities: listIdentities(parts),
    ListIdentityPolicies: 'not built',
    ListReceiptFilters: 'not built',
    ListReceiptRuleSets: 'not built',
    ListTemplates: listTemplates(parts),
    ListVerifiedEmailAddresses: listVerifiedEmailAddresses(parts),
    PutConfigurationSetDeliveryOptions: 'not built',
    PutIdentityPolicy: 'not built',
    ReorderReceiptRuleSet: 'not built',
    SendBounce: 'not built',
    SendBulkTemplatedEmail: sendBulkTemplatedEmail(parts),
    SendCustomVerificationEmail: 'not built',
    SendEmail: sendEmail(parts),
    SendRawEmail: sendRawEmail(parts),
    SendTemplatedEmail: sendTemplatedEmail(parts),
    SetActiveReceiptRuleSet: 'not built',
    SetIdentityDkimEnabled: 'not built',
    SetIdentityFeedbackForwardingEnabled: setIdentityFeedbackForwardingEnabled(parts),
    SetIdentityHeadersInNotificationsEnabled: 'not built',
    SetIdentityMailFromDomain: 'not built',
    SetIdentityNotificationTopic: setIdentityNotificationTopic(parts),
    SetReceiptRulePosition: 'not built',
    TestRenderTemplate: testRenderTemplate(parts),
    UpdateAccountSendingEnabled: updateAccountSendingEnabled(parts),
    UpdateConfigurationSetEventDestination: 'not built',
    UpdateConfigurationSetReputationMetricsEnabled: 'not built',
    UpdateConfigurationSetSendingEnabled: 'not built',
    UpdateConfigurationSetTrackingOptions: 'not built',
    UpdateCustomVerificationEmailTemplate: 'not built',
    UpdateReceiptRule: 'not built',
    UpdateTemplate: updateTemplateOperation(parts),
    VerifyDomainDkim: verifyDomainDkim(parts),
    VerifyDomainIdentity: verifyDomainIdentity(parts),
    VerifyEmailAddress: verifyEmail(parts, 'VerifyEmailAddress'),
    VerifyEmailIdentity: verifyEmail(parts, 'VerifyEmailIdentity'),
  };
  return {
    name: 'ses',
    signingNames: ['ses'],
    protocols: ['query'],
    model: sesModel,
    operations,
    documentLimit: firstRequestLimit,
  };
}
