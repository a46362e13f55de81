import type { Step, Walk } from '../harness/walk.ts';

const jane = 'jane@example.com';
const Destination = { ToAddresses: ['to@example.org'] };
const topicArn = 'arn:aws:sns:us-east-1:000000000000:bounces';
const raw = `From: ${jane}\r\nTo: to@example.org\r\nSubject: raw\r\n\r\nhello\r\n`;
const Message = { Subject: { Data: 'hi' }, Body: { Text: { Data: 'hello' } } };
const Template = { TemplateName: 'hi', SubjectPart: 'Hi {{name}}', TextPart: 'Dear {{name}}' };

const firstSteps: Step[] = [
  { name: 'verify an address', operation: 'VerifyEmailIdentity', input: { EmailAddress: jane } },
  {
    name: 'verify an address, the old way',
    operation: 'VerifyEmailAddress',
    isNoCommand: true,
    input: { EmailAddress: 'joe@example.com' },
  },
  { name: 'verify a domain', operation: 'VerifyDomainIdentity', input: { Domain: 'example.net' } },
  { name: 'verify a domain’s signatures', operation: 'VerifyDomainDkim', input: { Domain: 'example.net' } },
  {
    name: 'identities',
    operation: 'ListIdentities',
    input: { IdentityType: 'Domain' },
    gives: { Identities: ['example.net'] },
  },
  {
    name: 'addresses',
    operation: 'ListVerifiedEmailAddresses',
    isNoCommand: true,
    input: {},
    gives: { VerifiedEmailAddresses: [jane, 'joe@example.com'] },
  },
  {
    name: 'whether they are verified',
    operation: 'GetIdentityVerificationAttributes',
    input: { Identities: [jane] },
    gives: { VerificationAttributes: { [jane]: { VerificationStatus: 'Success' } } },
  },
  { name: 'whether they sign', operation: 'GetIdentityDkimAttributes', input: { Identities: ['example.net'] } },
  { name: 'a topic', service: 'sns', operation: 'CreateTopic', input: { Name: 'bounces' } },
  {
    name: 'tell a topic of bounces',
    operation: 'SetIdentityNotificationTopic',
    input: { Identity: jane, NotificationType: 'Bounce', SnsTopic: topicArn },
  },
  {
    name: 'tell nobody by mail',
    operation: 'SetIdentityFeedbackForwardingEnabled',
    input: { Identity: jane, ForwardingEnabled: false },
  },
  {
    name: 'who is told',
    operation: 'GetIdentityNotificationAttributes',
    input: { Identities: [jane] },
    gives: { NotificationAttributes: { [jane]: { BounceTopic: topicArn, ForwardingEnabled: false } } },
  },
  { name: 'send', operation: 'SendEmail', input: { Source: jane, Destination, Message } },
  {
    name: 'send from whom nobody knows',
    operation: 'SendEmail',
    input: { Source: 'x@example.org', Destination, Message },
    refused: 'MessageRejected',
  },
  { name: 'send a mail as it is', operation: 'SendRawEmail', input: { RawMessage: { Data: Buffer.from(raw) } } },
  { name: 'make a template', operation: 'CreateTemplate', input: { Template } },
  { name: 'make a template again', operation: 'CreateTemplate', input: { Template }, refused: 'AlreadyExists' },
  {
    name: 'change a template',
    operation: 'UpdateTemplate',
    input: { Template: { ...Template, TextPart: 'Hello {{name}}' } },
  },
  {
    name: 'a template',
    operation: 'GetTemplate',
    input: { TemplateName: 'hi' },
    gives: { Template: { ...Template, TextPart: 'Hello {{name}}' } },
  },
  { name: 'no template', operation: 'GetTemplate', input: { TemplateName: 'none' }, refused: 'TemplateDoesNotExist' },
  { name: 'templates', operation: 'ListTemplates', input: {}, gives: { TemplatesMetadata: [{ Name: 'hi' }] } },
  {
    name: 'try a template',
    operation: 'TestRenderTemplate',
    input: { TemplateName: 'hi', TemplateData: '{"name":"Ann"}' },
  },
  {
    name: 'send by a template',
    operation: 'SendTemplatedEmail',
    input: { Source: jane, Destination, Template: 'hi', TemplateData: '{"name":"Ann"}' },
  },
  {
    name: 'send many by a template',
    operation: 'SendBulkTemplatedEmail',
    input: {
      Source: jane,
      Template: 'hi',
      DefaultTemplateData: '{"name":"you"}',
      Destinations: [{ Destination }, { Destination, ReplacementTemplateData: '{"name":"Ann"}' }],
    },
    gives: { Status: [{ Status: 'Success' }, { Status: 'Success' }] },
  },
  { name: 'how much may be sent', operation: 'GetSendQuota', input: {}, gives: { SentLast24Hours: 5 } },
  { name: 'how much was sent', operation: 'GetSendStatistics', input: {} },
  { name: 'send no more', operation: 'UpdateAccountSendingEnabled', input: { Enabled: false } },
  { name: 'whether is sent', operation: 'GetAccountSendingEnabled', input: {}, gives: { Enabled: false } },
  { name: 'send again', operation: 'UpdateAccountSendingEnabled', input: { Enabled: true } },
  {
    name: 'make a configuration set',
    operation: 'CreateConfigurationSet',
    input: { ConfigurationSet: { Name: 'plain' } },
  },
  {
    name: 'a configuration set',
    operation: 'DescribeConfigurationSet',
    input: { ConfigurationSetName: 'plain' },
    gives: { ConfigurationSet: { Name: 'plain' } },
  },
  {
    name: 'configuration sets',
    operation: 'ListConfigurationSets',
    input: {},
    gives: { ConfigurationSets: [{ Name: 'plain' }] },
  },
  { name: 'delete a configuration set', operation: 'DeleteConfigurationSet', input: { ConfigurationSetName: 'plain' } },
  { name: 'delete a template', operation: 'DeleteTemplate', input: { TemplateName: 'hi' } },
  {
    name: 'delete an address',
    operation: 'DeleteVerifiedEmailAddress',
    isNoCommand: true,
    input: { EmailAddress: 'joe@example.com' },
  },
  { name: 'delete an identity', operation: 'DeleteIdentity', input: { Identity: jane } },
  { name: 'delete a domain', operation: 'DeleteIdentity', input: { Identity: 'example.net' } },
];

const TemplateContent = { Subject: 'Hi {{name}}', Text: 'Dear {{name}}' };
const Content = { Simple: { Subject: { Data: 'hi' }, Body: { Text: { Data: 'hello' } } } };

const secondSteps: Step[] = [
  {
    name: 'make an identity',
    operation: 'CreateEmailIdentity',
    input: { EmailIdentity: jane },
    gives: { IdentityType: 'EMAIL_ADDRESS', VerifiedForSendingStatus: true },
  },
  {
    name: 'an identity',
    operation: 'GetEmailIdentity',
    input: { EmailIdentity: jane },
    gives: { IdentityType: 'EMAIL_ADDRESS' },
  },
  {
    name: 'no identity',
    operation: 'GetEmailIdentity',
    input: { EmailIdentity: 'none@example.com' },
    refused: 'NotFoundException',
  },
  {
    name: 'identities',
    operation: 'ListEmailIdentities',
    input: {},
    gives: { EmailIdentities: [{ IdentityName: jane, IdentityType: 'EMAIL_ADDRESS' }] },
  },
  { name: 'send', operation: 'SendEmail', input: { FromEmailAddress: jane, Destination, Content } },
  {
    name: 'send from whom nobody knows',
    operation: 'SendEmail',
    input: { FromEmailAddress: 'x@example.org', Destination, Content },
    refused: 'MessageRejected',
  },
  { name: 'make a template', operation: 'CreateEmailTemplate', input: { TemplateName: 'hi', TemplateContent } },
  {
    name: 'make a template again',
    operation: 'CreateEmailTemplate',
    input: { TemplateName: 'hi', TemplateContent },
    refused: 'AlreadyExistsException',
  },
  {
    name: 'change a template',
    operation: 'UpdateEmailTemplate',
    input: { TemplateName: 'hi', TemplateContent: { ...TemplateContent, Text: 'Hello {{name}}' } },
  },
  {
    name: 'a template',
    operation: 'GetEmailTemplate',
    input: { TemplateName: 'hi' },
    gives: { TemplateName: 'hi', TemplateContent: { Text: 'Hello {{name}}' } },
  },
  {
    name: 'templates',
    operation: 'ListEmailTemplates',
    input: {},
    gives: { TemplatesMetadata: [{ TemplateName: 'hi' }] },
  },
  {
    name: 'try a template',
    operation: 'TestRenderEmailTemplate',
    input: { TemplateName: 'hi', TemplateData: '{"name":"Ann"}' },
  },
  {
    name: 'send many by a template',
    operation: 'SendBulkEmail',
    input: {
      FromEmailAddress: jane,
      DefaultContent: { Template: { TemplateName: 'hi', TemplateData: '{"name":"you"}' } },
      BulkEmailEntries: [{ Destination }],
    },
    gives: { BulkEmailEntryResults: [{ Status: 'SUCCESS' }] },
  },
  {
    name: 'suppress an address',
    operation: 'PutSuppressedDestination',
    input: { EmailAddress: 'gone@example.org', Reason: 'BOUNCE' },
  },
  {
    name: 'an address that is suppressed',
    operation: 'GetSuppressedDestination',
    input: { EmailAddress: 'gone@example.org' },
    gives: { SuppressedDestination: { EmailAddress: 'gone@example.org', Reason: 'BOUNCE' } },
  },
  {
    name: 'addresses that are suppressed',
    operation: 'ListSuppressedDestinations',
    input: {},
    gives: { SuppressedDestinationSummaries: [{ EmailAddress: 'gone@example.org', Reason: 'BOUNCE' }] },
  },
  {
    name: 'suppress it no more',
    operation: 'DeleteSuppressedDestination',
    input: { EmailAddress: 'gone@example.org' },
  },
  {
    name: 'an address that is not suppressed',
    operation: 'GetSuppressedDestination',
    input: { EmailAddress: 'gone@example.org' },
    refused: 'NotFoundException',
  },
  {
    name: 'suppress what bounces',
    operation: 'PutAccountSuppressionAttributes',
    input: { SuppressedReasons: ['BOUNCE'] },
  },
  { name: 'send no more', operation: 'PutAccountSendingAttributes', input: { SendingEnabled: false } },
  {
    name: 'an account',
    operation: 'GetAccount',
    input: {},
    gives: { SendingEnabled: false, SuppressionAttributes: { SuppressedReasons: ['BOUNCE'] } },
  },
  { name: 'send again', operation: 'PutAccountSendingAttributes', input: { SendingEnabled: true } },
  { name: 'make a configuration set', operation: 'CreateConfigurationSet', input: { ConfigurationSetName: 'plain' } },
  {
    name: 'a configuration set',
    operation: 'GetConfigurationSet',
    input: { ConfigurationSetName: 'plain' },
    gives: { ConfigurationSetName: 'plain' },
  },
  {
    name: 'configuration sets',
    operation: 'ListConfigurationSets',
    input: {},
    gives: { ConfigurationSets: ['plain'] },
  },
  { name: 'delete a configuration set', operation: 'DeleteConfigurationSet', input: { ConfigurationSetName: 'plain' } },
  { name: 'delete a template', operation: 'DeleteEmailTemplate', input: { TemplateName: 'hi' } },
  { name: 'delete an identity', operation: 'DeleteEmailIdentity', input: { EmailIdentity: jane } },
];

export const sesWalk: Walk = { service: 'ses', steps: firstSteps };
export const sesv2Walk: Walk = { service: 'sesv2', steps: secondSteps };
