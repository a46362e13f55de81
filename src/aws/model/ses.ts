// Generated from @aws-sdk/client-ses@3.1169.0 by scripts/generate-aws-models.ts. Do not edit: run `npm run generate`.
import type { ModelTable } from '../protocol/shape.ts';

export type SesOperationName =
  | 'CloneReceiptRuleSet'
  | 'CreateConfigurationSet'
  | 'CreateConfigurationSetEventDestination'
  | 'CreateConfigurationSetTrackingOptions'
  | 'CreateCustomVerificationEmailTemplate'
  | 'CreateReceiptFilter'
  | 'CreateReceiptRule'
  | 'CreateReceiptRuleSet'
  | 'CreateTemplate'
  | 'DeleteConfigurationSet'
  | 'DeleteConfigurationSetEventDestination'
  | 'DeleteConfigurationSetTrackingOptions'
  | 'DeleteCustomVerificationEmailTemplate'
  | 'DeleteIdentity'
  | 'DeleteIdentityPolicy'
  | 'DeleteReceiptFilter'
  | 'DeleteReceiptRule'
  | 'DeleteReceiptRuleSet'
  | 'DeleteTemplate'
  | 'DeleteVerifiedEmailAddress'
  | 'DescribeActiveReceiptRuleSet'
  | 'DescribeConfigurationSet'
  | 'DescribeReceiptRule'
  | 'DescribeReceiptRuleSet'
  | 'GetAccountSendingEnabled'
  | 'GetCustomVerificationEmailTemplate'
  | 'GetIdentityDkimAttributes'
  | 'GetIdentityMailFromDomainAttributes'
  | 'GetIdentityNotificationAttributes'
  | 'GetIdentityPolicies'
  | 'GetIdentityVerificationAttributes'
  | 'GetSendQuota'
  | 'GetSendStatistics'
  | 'GetTemplate'
  | 'ListConfigurationSets'
  | 'ListCustomVerificationEmailTemplates'
  | 'ListIdentities'
  | 'ListIdentityPolicies'
  | 'ListReceiptFilters'
  | 'ListReceiptRuleSets'
  | 'ListTemplates'
  | 'ListVerifiedEmailAddresses'
  | 'PutConfigurationSetDeliveryOptions'
  | 'PutIdentityPolicy'
  | 'ReorderReceiptRuleSet'
  | 'SendBounce'
  | 'SendBulkTemplatedEmail'
  | 'SendCustomVerificationEmail'
  | 'SendEmail'
  | 'SendRawEmail'
  | 'SendTemplatedEmail'
  | 'SetActiveReceiptRuleSet'
  | 'SetIdentityDkimEnabled'
  | 'SetIdentityFeedbackForwardingEnabled'
  | 'SetIdentityHeadersInNotificationsEnabled'
  | 'SetIdentityMailFromDomain'
  | 'SetIdentityNotificationTopic'
  | 'SetReceiptRulePosition'
  | 'TestRenderTemplate'
  | 'UpdateAccountSendingEnabled'
  | 'UpdateConfigurationSetEventDestination'
  | 'UpdateConfigurationSetReputationMetricsEnabled'
  | 'UpdateConfigurationSetSendingEnabled'
  | 'UpdateConfigurationSetTrackingOptions'
  | 'UpdateCustomVerificationEmailTemplate'
  | 'UpdateReceiptRule'
  | 'UpdateTemplate'
  | 'VerifyDomainDkim'
  | 'VerifyDomainIdentity'
  | 'VerifyEmailAddress'
  | 'VerifyEmailIdentity';

export const sesModel: ModelTable = {
  generatedFrom: '@aws-sdk/client-ses@3.1169.0',
  serviceId: 'SES',
  version: '2010-12-01',
  namespace: 'com.amazonaws.ses',
  targetPrefix: 'SimpleEmailService',
  xmlNamespace: 'http://ses.amazonaws.com/doc/2010-12-01/',
  operations: {
    CloneReceiptRuleSet: { input: 'CloneReceiptRuleSetRequest', output: 'CloneReceiptRuleSetResponse' },
    CreateConfigurationSet: { input: 'CreateConfigurationSetRequest', output: 'CreateConfigurationSetResponse' },
    CreateConfigurationSetEventDestination: { input: 'CreateConfigurationSetEventDestinationRequest', output: 'CreateConfigurationSetEventDestinationResponse' },
    CreateConfigurationSetTrackingOptions: { input: 'CreateConfigurationSetTrackingOptionsRequest', output: 'CreateConfigurationSetTrackingOptionsResponse' },
    CreateCustomVerificationEmailTemplate: { input: 'CreateCustomVerificationEmailTemplateRequest', output: 'unit' },
    CreateReceiptFilter: { input: 'CreateReceiptFilterRequest', output: 'CreateReceiptFilterResponse' },
    CreateReceiptRule: { input: 'CreateReceiptRuleRequest', output: 'CreateReceiptRuleResponse' },
    CreateReceiptRuleSet: { input: 'CreateReceiptRuleSetRequest', output: 'CreateReceiptRuleSetResponse' },
    CreateTemplate: { input: 'CreateTemplateRequest', output: 'CreateTemplateResponse' },
    DeleteConfigurationSet: { input: 'DeleteConfigurationSetRequest', output: 'DeleteConfigurationSetResponse' },
    DeleteConfigurationSetEventDestination: { input: 'DeleteConfigurationSetEventDestinationRequest', output: 'DeleteConfigurationSetEventDestinationResponse' },
    DeleteConfigurationSetTrackingOptions: { input: 'DeleteConfigurationSetTrackingOptionsRequest', output: 'DeleteConfigurationSetTrackingOptionsResponse' },
    DeleteCustomVerificationEmailTemplate: { input: 'DeleteCustomVerificationEmailTemplateRequest', output: 'unit' },
    DeleteIdentity: { input: 'DeleteIdentityRequest', output: 'DeleteIdentityResponse' },
    DeleteIdentityPolicy: { input: 'DeleteIdentityPolicyRequest', output: 'DeleteIdentityPolicyResponse' },
    DeleteReceiptFilter: { input: 'DeleteReceiptFilterRequest', output: 'DeleteReceiptFilterResponse' },
    DeleteReceiptRule: { input: 'DeleteReceiptRuleRequest', output: 'DeleteReceiptRuleResponse' },
    DeleteReceiptRuleSet: { input: 'DeleteReceiptRuleSetRequest', output: 'DeleteReceiptRuleSetResponse' },
    DeleteTemplate: { input: 'DeleteTemplateRequest', output: 'DeleteTemplateResponse' },
    DeleteVerifiedEmailAddress: { input: 'DeleteVerifiedEmailAddressRequest', output: 'unit' },
    DescribeActiveReceiptRuleSet: { input: 'DescribeActiveReceiptRuleSetRequest', output: 'DescribeActiveReceiptRuleSetResponse' },
    DescribeConfigurationSet: { input: 'DescribeConfigurationSetRequest', output: 'DescribeConfigurationSetResponse' },
    DescribeReceiptRule: { input: 'DescribeReceiptRuleRequest', output: 'DescribeReceiptRuleResponse' },
    DescribeReceiptRuleSet: { input: 'DescribeReceiptRuleSetRequest', output: 'DescribeReceiptRuleSetResponse' },
    GetAccountSendingEnabled: { input: 'unit', output: 'GetAccountSendingEnabledResponse' },
    GetCustomVerificationEmailTemplate: { input: 'GetCustomVerificationEmailTemplateRequest', output: 'GetCustomVerificationEmailTemplateResponse' },
    GetIdentityDkimAttributes: { input: 'GetIdentityDkimAttributesRequest', output: 'GetIdentityDkimAttributesResponse' },
    GetIdentityMailFromDomainAttributes: { input: 'GetIdentityMailFromDomainAttributesRequest', output: 'GetIdentityMailFromDomainAttributesResponse' },
    GetIdentityNotificationAttributes: { input: 'GetIdentityNotificationAttributesRequest', output: 'GetIdentityNotificationAttributesResponse' },
    GetIdentityPolicies: { input: 'GetIdentityPoliciesRequest', output: 'GetIdentityPoliciesResponse' },
    GetIdentityVerificationAttributes: { input: 'GetIdentityVerificationAttributesRequest', output: 'GetIdentityVerificationAttributesResponse' },
    GetSendQuota: { input: 'unit', output: 'GetSendQuotaResponse' },
    GetSendStatistics: { input: 'unit', output: 'GetSendStatisticsResponse' },
    GetTemplate: { input: 'GetTemplateRequest', output: 'GetTemplateResponse' },
    ListConfigurationSets: { input: 'ListConfigurationSetsRequest', output: 'ListConfigurationSetsResponse' },
    ListCustomVerificationEmailTemplates: { input: 'ListCustomVerificationEmailTemplatesRequest', output: 'ListCustomVerificationEmailTemplatesResponse' },
    ListIdentities: { input: 'ListIdentitiesRequest', output: 'ListIdentitiesResponse' },
    ListIdentityPolicies: { input: 'ListIdentityPoliciesRequest', output: 'ListIdentityPoliciesResponse' },
    ListReceiptFilters: { input: 'ListReceiptFiltersRequest', output: 'ListReceiptFiltersResponse' },
    ListReceiptRuleSets: { input: 'ListReceiptRuleSetsRequest', output: 'ListReceiptRuleSetsResponse' },
    ListTemplates: { input: 'ListTemplatesRequest', output: 'ListTemplatesResponse' },
    ListVerifiedEmailAddresses: { input: 'unit', output: 'ListVerifiedEmailAddressesResponse' },
    PutConfigurationSetDeliveryOptions: { input: 'PutConfigurationSetDeliveryOptionsRequest', output: 'PutConfigurationSetDeliveryOptionsResponse' },
    PutIdentityPolicy: { input: 'PutIdentityPolicyRequest', output: 'PutIdentityPolicyResponse' },
    ReorderReceiptRuleSet: { input: 'ReorderReceiptRuleSetRequest', output: 'ReorderReceiptRuleSetResponse' },
    SendBounce: { input: 'SendBounceRequest', output: 'SendBounceResponse' },
    SendBulkTemplatedEmail: { input: 'SendBulkTemplatedEmailRequest', output: 'SendBulkTemplatedEmailResponse' },
    SendCustomVerificationEmail: { input: 'SendCustomVerificationEmailRequest', output: 'SendCustomVerificationEmailResponse' },
    SendEmail: { input: 'SendEmailRequest', output: 'SendEmailResponse' },
    SendRawEmail: { input: 'SendRawEmailRequest', output: 'SendRawEmailResponse' },
    SendTemplatedEmail: { input: 'SendTemplatedEmailRequest', output: 'SendTemplatedEmailResponse' },
    SetActiveReceiptRuleSet: { input: 'SetActiveReceiptRuleSetRequest', output: 'SetActiveReceiptRuleSetResponse' },
    SetIdentityDkimEnabled: { input: 'SetIdentityDkimEnabledRequest', output: 'SetIdentityDkimEnabledResponse' },
    SetIdentityFeedbackForwardingEnabled: { input: 'SetIdentityFeedbackForwardingEnabledRequest', output: 'SetIdentityFeedbackForwardingEnabledResponse' },
    SetIdentityHeadersInNotificationsEnabled: { input: 'SetIdentityHeadersInNotificationsEnabledRequest', output: 'SetIdentityHeadersInNotificationsEnabledResponse' },
    SetIdentityMailFromDomain: { input: 'SetIdentityMailFromDomainRequest', output: 'SetIdentityMailFromDomainResponse' },
    SetIdentityNotificationTopic: { input: 'SetIdentityNotificationTopicRequest', output: 'SetIdentityNotificationTopicResponse' },
    SetReceiptRulePosition: { input: 'SetReceiptRulePositionRequest', output: 'SetReceiptRulePositionResponse' },
    TestRenderTemplate: { input: 'TestRenderTemplateRequest', output: 'TestRenderTemplateResponse' },
    UpdateAccountSendingEnabled: { input: 'UpdateAccountSendingEnabledRequest', output: 'unit' },
    UpdateConfigurationSetEventDestination: { input: 'UpdateConfigurationSetEventDestinationRequest', output: 'UpdateConfigurationSetEventDestinationResponse' },
    UpdateConfigurationSetReputationMetricsEnabled: { input: 'UpdateConfigurationSetReputationMetricsEnabledRequest', output: 'unit' },
    UpdateConfigurationSetSendingEnabled: { input: 'UpdateConfigurationSetSendingEnabledRequest', output: 'unit' },
    UpdateConfigurationSetTrackingOptions: { input: 'UpdateConfigurationSetTrackingOptionsRequest', output: 'UpdateConfigurationSetTrackingOptionsResponse' },
    UpdateCustomVerificationEmailTemplate: { input: 'UpdateCustomVerificationEmailTemplateRequest', output: 'unit' },
    UpdateReceiptRule: { input: 'UpdateReceiptRuleRequest', output: 'UpdateReceiptRuleResponse' },
    UpdateTemplate: { input: 'UpdateTemplateRequest', output: 'UpdateTemplateResponse' },
    VerifyDomainDkim: { input: 'VerifyDomainDkimRequest', output: 'VerifyDomainDkimResponse' },
    VerifyDomainIdentity: { input: 'VerifyDomainIdentityRequest', output: 'VerifyDomainIdentityResponse' },
    VerifyEmailAddress: { input: 'VerifyEmailAddressRequest', output: 'unit' },
    VerifyEmailIdentity: { input: 'VerifyEmailIdentityRequest', output: 'VerifyEmailIdentityResponse' },
  },
  shapes: {
    AddHeaderAction: { structure: { HeaderName: 'string', HeaderValue: 'string' }, required: ['HeaderName', 'HeaderValue'] },
    Body: { structure: { Text: '#Content', Html: '#Content' } },
    BounceAction: { structure: { SmtpReplyCode: 'string', Message: 'string', Sender: 'string', TopicArn: 'string', StatusCode: 'string' }, required: ['SmtpReplyCode', 'Message', 'Sender'] },
    BouncedRecipientInfo: { structure: { Recipient: 'string', RecipientArn: 'string', BounceType: 'string', RecipientDsnFields: '#RecipientDsnFields' }, required: ['Recipient'] },
    BouncedRecipientInfoList: { list: '#BouncedRecipientInfo' },
    BulkEmailDestination: { structure: { Destination: '#Destination', ReplacementTags: '#MessageTagList', ReplacementTemplateData: 'string' }, required: ['Destination'] },
    BulkEmailDestinationList: { list: '#BulkEmailDestination' },
    BulkEmailDestinationStatus: { structure: { Status: 'string', Error: 'string', MessageId: 'string' } },
    BulkEmailDestinationStatusList: { list: '#BulkEmailDestinationStatus' },
    CloneReceiptRuleSetRequest: { structure: { RuleSetName: 'string', OriginalRuleSetName: 'string' }, required: ['RuleSetName', 'OriginalRuleSetName'] },
    CloneReceiptRuleSetResponse: { structure: {} },
    CloudWatchDestination: { structure: { DimensionConfigurations: '#CloudWatchDimensionConfigurations' }, required: ['DimensionConfigurations'] },
    CloudWatchDimensionConfiguration: { structure: { DimensionName: 'string', DimensionValueSource: 'string', DefaultDimensionValue: 'string' }, required: ['DimensionName', 'DimensionValueSource', 'DefaultDimensionValue'] },
    CloudWatchDimensionConfigurations: { list: '#CloudWatchDimensionConfiguration' },
    ConfigurationSet: { structure: { Name: 'string' }, required: ['Name'] },
    ConfigurationSets: { list: '#ConfigurationSet' },
    ConnectAction: { structure: { InstanceARN: 'string', IAMRoleARN: 'string' }, required: ['InstanceARN', 'IAMRoleARN'] },
    Content: { structure: { Data: 'string', Charset: 'string' }, required: ['Data'] },
    CreateConfigurationSetEventDestinationRequest: { structure: { ConfigurationSetName: 'string', EventDestination: '#EventDestination' }, required: ['ConfigurationSetName', 'EventDestination'] },
    CreateConfigurationSetEventDestinationResponse: { structure: {} },
    CreateConfigurationSetRequest: { structure: { ConfigurationSet: '#ConfigurationSet' }, required: ['ConfigurationSet'] },
    CreateConfigurationSetResponse: { structure: {} },
    CreateConfigurationSetTrackingOptionsRequest: { structure: { ConfigurationSetName: 'string', TrackingOptions: '#TrackingOptions' }, required: ['ConfigurationSetName', 'TrackingOptions'] },
    CreateConfigurationSetTrackingOptionsResponse: { structure: {} },
    CreateCustomVerificationEmailTemplateRequest: { structure: { TemplateName: 'string', FromEmailAddress: 'string', TemplateSubject: 'string', TemplateContent: 'string', SuccessRedirectionURL: 'string', FailureRedirectionURL: 'string' }, required: ['TemplateName', 'FromEmailAddress', 'TemplateSubject', 'TemplateContent', 'SuccessRedirectionURL', 'FailureRedirectionURL'] },
    CreateReceiptFilterRequest: { structure: { Filter: '#ReceiptFilter' }, required: ['Filter'] },
    CreateReceiptFilterResponse: { structure: {} },
    CreateReceiptRuleRequest: { structure: { RuleSetName: 'string', Rule: '#ReceiptRule', After: 'string' }, required: ['RuleSetName', 'Rule'] },
    CreateReceiptRuleResponse: { structure: {} },
    CreateReceiptRuleSetRequest: { structure: { RuleSetName: 'string' }, required: ['RuleSetName'] },
    CreateReceiptRuleSetResponse: { structure: {} },
    CreateTemplateRequest: { structure: { Template: '#Template' }, required: ['Template'] },
    CreateTemplateResponse: { structure: {} },
    CustomVerificationEmailTemplate: { structure: { TemplateName: 'string', FromEmailAddress: 'string', TemplateSubject: 'string', SuccessRedirectionURL: 'string', FailureRedirectionURL: 'string' } },
    CustomVerificationEmailTemplates: { list: '#CustomVerificationEmailTemplate' },
    DeleteConfigurationSetEventDestinationRequest: { structure: { ConfigurationSetName: 'string', EventDestinationName: 'string' }, required: ['ConfigurationSetName', 'EventDestinationName'] },
    DeleteConfigurationSetEventDestinationResponse: { structure: {} },
    DeleteConfigurationSetRequest: { structure: { ConfigurationSetName: 'string' }, required: ['ConfigurationSetName'] },
    DeleteConfigurationSetResponse: { structure: {} },
    DeleteConfigurationSetTrackingOptionsRequest: { structure: { ConfigurationSetName: 'string' }, required: ['ConfigurationSetName'] },
    DeleteConfigurationSetTrackingOptionsResponse: { structure: {} },
    DeleteCustomVerificationEmailTemplateRequest: { structure: { TemplateName: 'string' }, required: ['TemplateName'] },
    DeleteIdentityPolicyRequest: { structure: { Identity: 'string', PolicyName: 'string' }, required: ['Identity', 'PolicyName'] },
    DeleteIdentityPolicyResponse: { structure: {} },
    DeleteIdentityRequest: { structure: { Identity: 'string' }, required: ['Identity'] },
    DeleteIdentityResponse: { structure: {} },
    DeleteReceiptFilterRequest: { structure: { FilterName: 'string' }, required: ['FilterName'] },
    DeleteReceiptFilterResponse: { structure: {} },
    DeleteReceiptRuleRequest: { structure: { RuleSetName: 'string', RuleName: 'string' }, required: ['RuleSetName', 'RuleName'] },
    DeleteReceiptRuleResponse: { structure: {} },
    DeleteReceiptRuleSetRequest: { structure: { RuleSetName: 'string' }, required: ['RuleSetName'] },
    DeleteReceiptRuleSetResponse: { structure: {} },
    DeleteTemplateRequest: { structure: { TemplateName: 'string' }, required: ['TemplateName'] },
    DeleteTemplateResponse: { structure: {} },
    DeleteVerifiedEmailAddressRequest: { structure: { EmailAddress: 'string' }, required: ['EmailAddress'] },
    DeliveryOptions: { structure: { TlsPolicy: 'string' } },
    DescribeActiveReceiptRuleSetRequest: { structure: {} },
    DescribeActiveReceiptRuleSetResponse: { structure: { Metadata: '#ReceiptRuleSetMetadata', Rules: '#ReceiptRulesList' } },
    DescribeConfigurationSetRequest: { structure: { ConfigurationSetName: 'string', ConfigurationSetAttributeNames: '[string]' }, required: ['ConfigurationSetName'] },
    DescribeConfigurationSetResponse: { structure: { ConfigurationSet: '#ConfigurationSet', EventDestinations: '#EventDestinations', TrackingOptions: '#TrackingOptions', DeliveryOptions: '#DeliveryOptions', ReputationOptions: '#ReputationOptions' } },
    DescribeReceiptRuleRequest: { structure: { RuleSetName: 'string', RuleName: 'string' }, required: ['RuleSetName', 'RuleName'] },
    DescribeReceiptRuleResponse: { structure: { Rule: '#ReceiptRule' } },
    DescribeReceiptRuleSetRequest: { structure: { RuleSetName: 'string' }, required: ['RuleSetName'] },
    DescribeReceiptRuleSetResponse: { structure: { Metadata: '#ReceiptRuleSetMetadata', Rules: '#ReceiptRulesList' } },
    Destination: { structure: { ToAddresses: '[string]', CcAddresses: '[string]', BccAddresses: '[string]' } },
    DkimAttributes: { map: ['string', '#IdentityDkimAttributes'] },
    EventDestination: { structure: { Name: 'string', MatchingEventTypes: '[string]', Enabled: 'boolean', KinesisFirehoseDestination: '#KinesisFirehoseDestination', CloudWatchDestination: '#CloudWatchDestination', SNSDestination: '#SNSDestination' }, required: ['Name', 'MatchingEventTypes'] },
    EventDestinations: { list: '#EventDestination' },
    ExtensionField: { structure: { Name: 'string', Value: 'string' }, required: ['Name', 'Value'] },
    ExtensionFieldList: { list: '#ExtensionField' },
    GetAccountSendingEnabledResponse: { structure: { Enabled: 'boolean' } },
    GetCustomVerificationEmailTemplateRequest: { structure: { TemplateName: 'string' }, required: ['TemplateName'] },
    GetCustomVerificationEmailTemplateResponse: { structure: { TemplateName: 'string', FromEmailAddress: 'string', TemplateSubject: 'string', TemplateContent: 'string', SuccessRedirectionURL: 'string', FailureRedirectionURL: 'string' } },
    GetIdentityDkimAttributesRequest: { structure: { Identities: '[string]' }, required: ['Identities'] },
    GetIdentityDkimAttributesResponse: { structure: { DkimAttributes: '#DkimAttributes' }, required: ['DkimAttributes'] },
    GetIdentityMailFromDomainAttributesRequest: { structure: { Identities: '[string]' }, required: ['Identities'] },
    GetIdentityMailFromDomainAttributesResponse: { structure: { MailFromDomainAttributes: '#MailFromDomainAttributes' }, required: ['MailFromDomainAttributes'] },
    GetIdentityNotificationAttributesRequest: { structure: { Identities: '[string]' }, required: ['Identities'] },
    GetIdentityNotificationAttributesResponse: { structure: { NotificationAttributes: '#NotificationAttributes' }, required: ['NotificationAttributes'] },
    GetIdentityPoliciesRequest: { structure: { Identity: 'string', PolicyNames: '[string]' }, required: ['Identity', 'PolicyNames'] },
    GetIdentityPoliciesResponse: { structure: { Policies: '{string}' }, required: ['Policies'] },
    GetIdentityVerificationAttributesRequest: { structure: { Identities: '[string]' }, required: ['Identities'] },
    GetIdentityVerificationAttributesResponse: { structure: { VerificationAttributes: '#VerificationAttributes' }, required: ['VerificationAttributes'] },
    GetSendQuotaResponse: { structure: { Max24HourSend: 'number', MaxSendRate: 'number', SentLast24Hours: 'number' } },
    GetSendStatisticsResponse: { structure: { SendDataPoints: '#SendDataPointList' } },
    GetTemplateRequest: { structure: { TemplateName: 'string' }, required: ['TemplateName'] },
    GetTemplateResponse: { structure: { Template: '#Template' } },
    IdentityDkimAttributes: { structure: { DkimEnabled: 'boolean', DkimVerificationStatus: 'string', DkimTokens: '[string]' }, required: ['DkimEnabled', 'DkimVerificationStatus'] },
    IdentityMailFromDomainAttributes: { structure: { MailFromDomain: 'string', MailFromDomainStatus: 'string', BehaviorOnMXFailure: 'string' }, required: ['MailFromDomain', 'MailFromDomainStatus', 'BehaviorOnMXFailure'] },
    IdentityNotificationAttributes: { structure: { BounceTopic: 'string', ComplaintTopic: 'string', DeliveryTopic: 'string', ForwardingEnabled: 'boolean', HeadersInBounceNotificationsEnabled: 'boolean', HeadersInComplaintNotificationsEnabled: 'boolean', HeadersInDeliveryNotificationsEnabled: 'boolean' }, required: ['BounceTopic', 'ComplaintTopic', 'DeliveryTopic', 'ForwardingEnabled'] },
    IdentityVerificationAttributes: { structure: { VerificationStatus: 'string', VerificationToken: 'string' }, required: ['VerificationStatus'] },
    KinesisFirehoseDestination: { structure: { IAMRoleARN: 'string', DeliveryStreamARN: 'string' }, required: ['IAMRoleARN', 'DeliveryStreamARN'] },
    LambdaAction: { structure: { FunctionArn: 'string', TopicArn: 'string', InvocationType: 'string' }, required: ['FunctionArn'] },
    ListConfigurationSetsRequest: { structure: { NextToken: 'string', MaxItems: 'number' } },
    ListConfigurationSetsResponse: { structure: { ConfigurationSets: '#ConfigurationSets', NextToken: 'string' } },
    ListCustomVerificationEmailTemplatesRequest: { structure: { NextToken: 'string', MaxResults: 'number' } },
    ListCustomVerificationEmailTemplatesResponse: { structure: { CustomVerificationEmailTemplates: '#CustomVerificationEmailTemplates', NextToken: 'string' } },
    ListIdentitiesRequest: { structure: { IdentityType: 'string', NextToken: 'string', MaxItems: 'number' } },
    ListIdentitiesResponse: { structure: { Identities: '[string]', NextToken: 'string' }, required: ['Identities'] },
    ListIdentityPoliciesRequest: { structure: { Identity: 'string' }, required: ['Identity'] },
    ListIdentityPoliciesResponse: { structure: { PolicyNames: '[string]' }, required: ['PolicyNames'] },
    ListReceiptFiltersRequest: { structure: {} },
    ListReceiptFiltersResponse: { structure: { Filters: '#ReceiptFilterList' } },
    ListReceiptRuleSetsRequest: { structure: { NextToken: 'string' } },
    ListReceiptRuleSetsResponse: { structure: { RuleSets: '#ReceiptRuleSetsLists', NextToken: 'string' } },
    ListTemplatesRequest: { structure: { NextToken: 'string', MaxItems: 'number' } },
    ListTemplatesResponse: { structure: { TemplatesMetadata: '#TemplateMetadataList', NextToken: 'string' } },
    ListVerifiedEmailAddressesResponse: { structure: { VerifiedEmailAddresses: '[string]' } },
    MailFromDomainAttributes: { map: ['string', '#IdentityMailFromDomainAttributes'] },
    Message: { structure: { Subject: '#Content', Body: '#Body' }, required: ['Subject', 'Body'] },
    MessageDsn: { structure: { ReportingMta: 'string', ArrivalDate: 'timestamp', ExtensionFields: '#ExtensionFieldList' }, required: ['ReportingMta'] },
    MessageTag: { structure: { Name: 'string', Value: 'string' }, required: ['Name', 'Value'] },
    MessageTagList: { list: '#MessageTag' },
    NotificationAttributes: { map: ['string', '#IdentityNotificationAttributes'] },
    PutConfigurationSetDeliveryOptionsRequest: { structure: { ConfigurationSetName: 'string', DeliveryOptions: '#DeliveryOptions' }, required: ['ConfigurationSetName'] },
    PutConfigurationSetDeliveryOptionsResponse: { structure: {} },
    PutIdentityPolicyRequest: { structure: { Identity: 'string', PolicyName: 'string', Policy: 'string' }, required: ['Identity', 'PolicyName', 'Policy'] },
    PutIdentityPolicyResponse: { structure: {} },
    RawMessage: { structure: { Data: 'blob' }, required: ['Data'] },
    ReceiptAction: { structure: { S3Action: '#S3Action', BounceAction: '#BounceAction', WorkmailAction: '#WorkmailAction', LambdaAction: '#LambdaAction', StopAction: '#StopAction', AddHeaderAction: '#AddHeaderAction', SNSAction: '#SNSAction', ConnectAction: '#ConnectAction' } },
    ReceiptActionsList: { list: '#ReceiptAction' },
    ReceiptFilter: { structure: { Name: 'string', IpFilter: '#ReceiptIpFilter' }, required: ['Name', 'IpFilter'] },
    ReceiptFilterList: { list: '#ReceiptFilter' },
    ReceiptIpFilter: { structure: { Policy: 'string', Cidr: 'string' }, required: ['Policy', 'Cidr'] },
    ReceiptRule: { structure: { Name: 'string', Enabled: 'boolean', TlsPolicy: 'string', Recipients: '[string]', Actions: '#ReceiptActionsList', ScanEnabled: 'boolean' }, required: ['Name'] },
    ReceiptRuleSetMetadata: { structure: { Name: 'string', CreatedTimestamp: 'timestamp' } },
    ReceiptRuleSetsLists: { list: '#ReceiptRuleSetMetadata' },
    ReceiptRulesList: { list: '#ReceiptRule' },
    RecipientDsnFields: { structure: { Action: 'string', Status: 'string', FinalRecipient: 'string', RemoteMta: 'string', DiagnosticCode: 'string', LastAttemptDate: 'timestamp', ExtensionFields: '#ExtensionFieldList' }, required: ['Action', 'Status'] },
    ReorderReceiptRuleSetRequest: { structure: { RuleSetName: 'string', RuleNames: '[string]' }, required: ['RuleSetName', 'RuleNames'] },
    ReorderReceiptRuleSetResponse: { structure: {} },
    ReputationOptions: { structure: { SendingEnabled: 'boolean', ReputationMetricsEnabled: 'boolean', LastFreshStart: 'timestamp' } },
    S3Action: { structure: { BucketName: 'string', TopicArn: 'string', ObjectKeyPrefix: 'string', KmsKeyArn: 'string', IamRoleArn: 'string' }, required: ['BucketName'] },
    SNSAction: { structure: { TopicArn: 'string', Encoding: 'string' }, required: ['TopicArn'] },
    SNSDestination: { structure: { TopicARN: 'string' }, required: ['TopicARN'] },
    SendBounceRequest: { structure: { OriginalMessageId: 'string', BounceSender: 'string', BouncedRecipientInfoList: '#BouncedRecipientInfoList', Explanation: 'string', MessageDsn: '#MessageDsn', BounceSenderArn: 'string' }, required: ['OriginalMessageId', 'BounceSender', 'BouncedRecipientInfoList'] },
    SendBounceResponse: { structure: { MessageId: 'string' } },
    SendBulkTemplatedEmailRequest: { structure: { Source: 'string', Template: 'string', DefaultTemplateData: 'string', Destinations: '#BulkEmailDestinationList', SourceArn: 'string', ReplyToAddresses: '[string]', ReturnPath: 'string', ReturnPathArn: 'string', ConfigurationSetName: 'string', DefaultTags: '#MessageTagList', TemplateArn: 'string' }, required: ['Source', 'Template', 'DefaultTemplateData', 'Destinations'] },
    SendBulkTemplatedEmailResponse: { structure: { Status: '#BulkEmailDestinationStatusList' }, required: ['Status'] },
    SendCustomVerificationEmailRequest: { structure: { EmailAddress: 'string', TemplateName: 'string', ConfigurationSetName: 'string' }, required: ['EmailAddress', 'TemplateName'] },
    SendCustomVerificationEmailResponse: { structure: { MessageId: 'string' } },
    SendDataPoint: { structure: { Timestamp: 'timestamp', DeliveryAttempts: 'number', Bounces: 'number', Complaints: 'number', Rejects: 'number' } },
    SendDataPointList: { list: '#SendDataPoint' },
    SendEmailRequest: { structure: { Source: 'string', Destination: '#Destination', Message: '#Message', ReplyToAddresses: '[string]', ReturnPath: 'string', SourceArn: 'string', ReturnPathArn: 'string', Tags: '#MessageTagList', ConfigurationSetName: 'string' }, required: ['Source', 'Destination', 'Message'] },
    SendEmailResponse: { structure: { MessageId: 'string' }, required: ['MessageId'] },
    SendRawEmailRequest: { structure: { RawMessage: '#RawMessage', Source: 'string', Destinations: '[string]', FromArn: 'string', SourceArn: 'string', ReturnPathArn: 'string', Tags: '#MessageTagList', ConfigurationSetName: 'string' }, required: ['RawMessage'] },
    SendRawEmailResponse: { structure: { MessageId: 'string' }, required: ['MessageId'] },
    SendTemplatedEmailRequest: { structure: { Source: 'string', Destination: '#Destination', Template: 'string', TemplateData: 'string', ReplyToAddresses: '[string]', ReturnPath: 'string', SourceArn: 'string', ReturnPathArn: 'string', Tags: '#MessageTagList', ConfigurationSetName: 'string', TemplateArn: 'string' }, required: ['Source', 'Destination', 'Template', 'TemplateData'] },
    SendTemplatedEmailResponse: { structure: { MessageId: 'string' }, required: ['MessageId'] },
    SetActiveReceiptRuleSetRequest: { structure: { RuleSetName: 'string' } },
    SetActiveReceiptRuleSetResponse: { structure: {} },
    SetIdentityDkimEnabledRequest: { structure: { Identity: 'string', DkimEnabled: 'boolean' }, required: ['Identity', 'DkimEnabled'] },
    SetIdentityDkimEnabledResponse: { structure: {} },
    SetIdentityFeedbackForwardingEnabledRequest: { structure: { Identity: 'string', ForwardingEnabled: 'boolean' }, required: ['Identity', 'ForwardingEnabled'] },
    SetIdentityFeedbackForwardingEnabledResponse: { structure: {} },
    SetIdentityHeadersInNotificationsEnabledRequest: { structure: { Identity: 'string', NotificationType: 'string', Enabled: 'boolean' }, required: ['Identity', 'NotificationType', 'Enabled'] },
    SetIdentityHeadersInNotificationsEnabledResponse: { structure: {} },
    SetIdentityMailFromDomainRequest: { structure: { Identity: 'string', MailFromDomain: 'string', BehaviorOnMXFailure: 'string' }, required: ['Identity'] },
    SetIdentityMailFromDomainResponse: { structure: {} },
    SetIdentityNotificationTopicRequest: { structure: { Identity: 'string', NotificationType: 'string', SnsTopic: 'string' }, required: ['Identity', 'NotificationType'] },
    SetIdentityNotificationTopicResponse: { structure: {} },
    SetReceiptRulePositionRequest: { structure: { RuleSetName: 'string', RuleName: 'string', After: 'string' }, required: ['RuleSetName', 'RuleName'] },
    SetReceiptRulePositionResponse: { structure: {} },
    StopAction: { structure: { Scope: 'string', TopicArn: 'string' }, required: ['Scope'] },
    Template: { structure: { TemplateName: 'string', SubjectPart: 'string', TextPart: 'string', HtmlPart: 'string' }, required: ['TemplateName'] },
    TemplateMetadata: { structure: { Name: 'string', CreatedTimestamp: 'timestamp' } },
    TemplateMetadataList: { list: '#TemplateMetadata' },
    TestRenderTemplateRequest: { structure: { TemplateName: 'string', TemplateData: 'string' }, required: ['TemplateName', 'TemplateData'] },
    TestRenderTemplateResponse: { structure: { RenderedTemplate: 'string' } },
    TrackingOptions: { structure: { CustomRedirectDomain: 'string' } },
    UpdateAccountSendingEnabledRequest: { structure: { Enabled: 'boolean' } },
    UpdateConfigurationSetEventDestinationRequest: { structure: { ConfigurationSetName: 'string', EventDestination: '#EventDestination' }, required: ['ConfigurationSetName', 'EventDestination'] },
    UpdateConfigurationSetEventDestinationResponse: { structure: {} },
    UpdateConfigurationSetReputationMetricsEnabledRequest: { structure: { ConfigurationSetName: 'string', Enabled: 'boolean' }, required: ['ConfigurationSetName', 'Enabled'] },
    UpdateConfigurationSetSendingEnabledRequest: { structure: { ConfigurationSetName: 'string', Enabled: 'boolean' }, required: ['ConfigurationSetName', 'Enabled'] },
    UpdateConfigurationSetTrackingOptionsRequest: { structure: { ConfigurationSetName: 'string', TrackingOptions: '#TrackingOptions' }, required: ['ConfigurationSetName', 'TrackingOptions'] },
    UpdateConfigurationSetTrackingOptionsResponse: { structure: {} },
    UpdateCustomVerificationEmailTemplateRequest: { structure: { TemplateName: 'string', FromEmailAddress: 'string', TemplateSubject: 'string', TemplateContent: 'string', SuccessRedirectionURL: 'string', FailureRedirectionURL: 'string' }, required: ['TemplateName'] },
    UpdateReceiptRuleRequest: { structure: { RuleSetName: 'string', Rule: '#ReceiptRule' }, required: ['RuleSetName', 'Rule'] },
    UpdateReceiptRuleResponse: { structure: {} },
    UpdateTemplateRequest: { structure: { Template: '#Template' }, required: ['Template'] },
    UpdateTemplateResponse: { structure: {} },
    VerificationAttributes: { map: ['string', '#IdentityVerificationAttributes'] },
    VerifyDomainDkimRequest: { structure: { Domain: 'string' }, required: ['Domain'] },
    VerifyDomainDkimResponse: { structure: { DkimTokens: '[string]' }, required: ['DkimTokens'] },
    VerifyDomainIdentityRequest: { structure: { Domain: 'string' }, required: ['Domain'] },
    VerifyDomainIdentityResponse: { structure: { VerificationToken: 'string' }, required: ['VerificationToken'] },
    VerifyEmailAddressRequest: { structure: { EmailAddress: 'string' }, required: ['EmailAddress'] },
    VerifyEmailIdentityRequest: { structure: { EmailAddress: 'string' }, required: ['EmailAddress'] },
    VerifyEmailIdentityResponse: { structure: {} },
    WorkmailAction: { structure: { OrganizationArn: 'string', TopicArn: 'string' }, required: ['OrganizationArn'] },
  },
  errors: {
    AccountSendingPausedException: { structure: { message: 'string' }, traits: { queryError: ['AccountSendingPausedException', 400], fault: 'client', status: 400 } },
    AlreadyExistsException: { structure: { Name: 'string', message: 'string' }, traits: { queryError: ['AlreadyExists', 400], fault: 'client', status: 400 } },
    CannotDeleteException: { structure: { Name: 'string', message: 'string' }, traits: { queryError: ['CannotDelete', 400], fault: 'client', status: 400 } },
    ConfigurationSetAlreadyExistsException: { structure: { ConfigurationSetName: 'string', message: 'string' }, traits: { queryError: ['ConfigurationSetAlreadyExists', 400], fault: 'client', status: 400 } },
    ConfigurationSetDoesNotExistException: { structure: { ConfigurationSetName: 'string', message: 'string' }, traits: { queryError: ['ConfigurationSetDoesNotExist', 400], fault: 'client', status: 400 } },
    ConfigurationSetSendingPausedException: { structure: { ConfigurationSetName: 'string', message: 'string' }, traits: { queryError: ['ConfigurationSetSendingPausedException', 400], fault: 'client', status: 400 } },
    CustomVerificationEmailInvalidContentException: { structure: { message: 'string' }, traits: { queryError: ['CustomVerificationEmailInvalidContent', 400], fault: 'client', status: 400 } },
    CustomVerificationEmailTemplateAlreadyExistsException: { structure: { CustomVerificationEmailTemplateName: 'string', message: 'string' }, traits: { queryError: ['CustomVerificationEmailTemplateAlreadyExists', 400], fault: 'client', status: 400 } },
    CustomVerificationEmailTemplateDoesNotExistException: { structure: { CustomVerificationEmailTemplateName: 'string', message: 'string' }, traits: { queryError: ['CustomVerificationEmailTemplateDoesNotExist', 400], fault: 'client', status: 400 } },
    EventDestinationAlreadyExistsException: { structure: { ConfigurationSetName: 'string', EventDestinationName: 'string', message: 'string' }, traits: { queryError: ['EventDestinationAlreadyExists', 400], fault: 'client', status: 400 } },
    EventDestinationDoesNotExistException: { structure: { ConfigurationSetName: 'string', EventDestinationName: 'string', message: 'string' }, traits: { queryError: ['EventDestinationDoesNotExist', 400], fault: 'client', status: 400 } },
    FromEmailAddressNotVerifiedException: { structure: { FromEmailAddress: 'string', message: 'string' }, traits: { queryError: ['FromEmailAddressNotVerified', 400], fault: 'client', status: 400 } },
    InvalidCloudWatchDestinationException: { structure: { ConfigurationSetName: 'string', EventDestinationName: 'string', message: 'string' }, traits: { queryError: ['InvalidCloudWatchDestination', 400], fault: 'client', status: 400 } },
    InvalidConfigurationSetException: { structure: { message: 'string' }, traits: { queryError: ['InvalidConfigurationSet', 400], fault: 'client', status: 400 } },
    InvalidDeliveryOptionsException: { structure: { message: 'string' }, traits: { queryError: ['InvalidDeliveryOptions', 400], fault: 'client', status: 400 } },
    InvalidFirehoseDestinationException: { structure: { ConfigurationSetName: 'string', EventDestinationName: 'string', message: 'string' }, traits: { queryError: ['InvalidFirehoseDestination', 400], fault: 'client', status: 400 } },
    InvalidLambdaFunctionException: { structure: { FunctionArn: 'string', message: 'string' }, traits: { queryError: ['InvalidLambdaFunction', 400], fault: 'client', status: 400 } },
    InvalidPolicyException: { structure: { message: 'string' }, traits: { queryError: ['InvalidPolicy', 400], fault: 'client', status: 400 } },
    InvalidRenderingParameterException: { structure: { TemplateName: 'string', message: 'string' }, traits: { queryError: ['InvalidRenderingParameter', 400], fault: 'client', status: 400 } },
    InvalidS3ConfigurationException: { structure: { Bucket: 'string', message: 'string' }, traits: { queryError: ['InvalidS3Configuration', 400], fault: 'client', status: 400 } },
    InvalidSNSDestinationException: { structure: { ConfigurationSetName: 'string', EventDestinationName: 'string', message: 'string' }, traits: { queryError: ['InvalidSNSDestination', 400], fault: 'client', status: 400 } },
    InvalidSnsTopicException: { structure: { Topic: 'string', message: 'string' }, traits: { queryError: ['InvalidSnsTopic', 400], fault: 'client', status: 400 } },
    InvalidTemplateException: { structure: { TemplateName: 'string', message: 'string' }, traits: { queryError: ['InvalidTemplate', 400], fault: 'client', status: 400 } },
    InvalidTrackingOptionsException: { structure: { message: 'string' }, traits: { queryError: ['InvalidTrackingOptions', 400], fault: 'client', status: 400 } },
    LimitExceededException: { structure: { message: 'string' }, traits: { queryError: ['LimitExceeded', 400], fault: 'client', status: 400 } },
    MailFromDomainNotVerifiedException: { structure: { message: 'string' }, traits: { queryError: ['MailFromDomainNotVerifiedException', 400], fault: 'client', status: 400 } },
    MessageRejected: { structure: { message: 'string' }, traits: { queryError: ['MessageRejected', 400], fault: 'client', status: 400 } },
    MissingRenderingAttributeException: { structure: { TemplateName: 'string', message: 'string' }, traits: { queryError: ['MissingRenderingAttribute', 400], fault: 'client', status: 400 } },
    ProductionAccessNotGrantedException: { structure: { message: 'string' }, traits: { queryError: ['ProductionAccessNotGranted', 400], fault: 'client', status: 400 } },
    RuleDoesNotExistException: { structure: { Name: 'string', message: 'string' }, traits: { queryError: ['RuleDoesNotExist', 400], fault: 'client', status: 400 } },
    RuleSetDoesNotExistException: { structure: { Name: 'string', message: 'string' }, traits: { queryError: ['RuleSetDoesNotExist', 400], fault: 'client', status: 400 } },
    TemplateDoesNotExistException: { structure: { TemplateName: 'string', message: 'string' }, traits: { queryError: ['TemplateDoesNotExist', 400], fault: 'client', status: 400 } },
    TrackingOptionsAlreadyExistsException: { structure: { ConfigurationSetName: 'string', message: 'string' }, traits: { queryError: ['TrackingOptionsAlreadyExistsException', 400], fault: 'client', status: 400 } },
    TrackingOptionsDoesNotExistException: { structure: { ConfigurationSetName: 'string', message: 'string' }, traits: { queryError: ['TrackingOptionsDoesNotExistException', 400], fault: 'client', status: 400 } },
  },
};
