// Generated from @aws-sdk/client-sns@3.1169.0 by scripts/generate-aws-models.ts. Do not edit: run `npm run generate`.
import type { ModelTable } from '../protocol/shape.ts';

export type SnsOperationName =
  | 'AddPermission'
  | 'CheckIfPhoneNumberIsOptedOut'
  | 'ConfirmSubscription'
  | 'CreatePlatformApplication'
  | 'CreatePlatformEndpoint'
  | 'CreateSMSSandboxPhoneNumber'
  | 'CreateTopic'
  | 'DeleteEndpoint'
  | 'DeletePlatformApplication'
  | 'DeleteSMSSandboxPhoneNumber'
  | 'DeleteTopic'
  | 'GetDataProtectionPolicy'
  | 'GetEndpointAttributes'
  | 'GetPlatformApplicationAttributes'
  | 'GetSMSAttributes'
  | 'GetSMSSandboxAccountStatus'
  | 'GetSubscriptionAttributes'
  | 'GetTopicAttributes'
  | 'ListEndpointsByPlatformApplication'
  | 'ListOriginationNumbers'
  | 'ListPhoneNumbersOptedOut'
  | 'ListPlatformApplications'
  | 'ListSMSSandboxPhoneNumbers'
  | 'ListSubscriptions'
  | 'ListSubscriptionsByTopic'
  | 'ListTagsForResource'
  | 'ListTopics'
  | 'OptInPhoneNumber'
  | 'Publish'
  | 'PublishBatch'
  | 'PutDataProtectionPolicy'
  | 'RemovePermission'
  | 'SetEndpointAttributes'
  | 'SetPlatformApplicationAttributes'
  | 'SetSMSAttributes'
  | 'SetSubscriptionAttributes'
  | 'SetTopicAttributes'
  | 'Subscribe'
  | 'TagResource'
  | 'Unsubscribe'
  | 'UntagResource'
  | 'VerifySMSSandboxPhoneNumber';

export const snsModel: ModelTable = {
  generatedFrom: '@aws-sdk/client-sns@3.1169.0',
  serviceId: 'SNS',
  version: '2010-03-31',
  namespace: 'com.amazonaws.sns',
  targetPrefix: 'AmazonSimpleNotificationService',
  xmlNamespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
  operations: {
    AddPermission: { input: 'AddPermissionInput', output: 'unit' },
    CheckIfPhoneNumberIsOptedOut: { input: 'CheckIfPhoneNumberIsOptedOutInput', output: 'CheckIfPhoneNumberIsOptedOutResponse' },
    ConfirmSubscription: { input: 'ConfirmSubscriptionInput', output: 'ConfirmSubscriptionResponse' },
    CreatePlatformApplication: { input: 'CreatePlatformApplicationInput', output: 'CreatePlatformApplicationResponse' },
    CreatePlatformEndpoint: { input: 'CreatePlatformEndpointInput', output: 'CreateEndpointResponse' },
    CreateSMSSandboxPhoneNumber: { input: 'CreateSMSSandboxPhoneNumberInput', output: 'CreateSMSSandboxPhoneNumberResult' },
    CreateTopic: { input: 'CreateTopicInput', output: 'CreateTopicResponse' },
    DeleteEndpoint: { input: 'DeleteEndpointInput', output: 'unit' },
    DeletePlatformApplication: { input: 'DeletePlatformApplicationInput', output: 'unit' },
    DeleteSMSSandboxPhoneNumber: { input: 'DeleteSMSSandboxPhoneNumberInput', output: 'DeleteSMSSandboxPhoneNumberResult' },
    DeleteTopic: { input: 'DeleteTopicInput', output: 'unit' },
    GetDataProtectionPolicy: { input: 'GetDataProtectionPolicyInput', output: 'GetDataProtectionPolicyResponse' },
    GetEndpointAttributes: { input: 'GetEndpointAttributesInput', output: 'GetEndpointAttributesResponse' },
    GetPlatformApplicationAttributes: { input: 'GetPlatformApplicationAttributesInput', output: 'GetPlatformApplicationAttributesResponse' },
    GetSMSAttributes: { input: 'GetSMSAttributesInput', output: 'GetSMSAttributesResponse' },
    GetSMSSandboxAccountStatus: { input: 'GetSMSSandboxAccountStatusInput', output: 'GetSMSSandboxAccountStatusResult' },
    GetSubscriptionAttributes: { input: 'GetSubscriptionAttributesInput', output: 'GetSubscriptionAttributesResponse' },
    GetTopicAttributes: { input: 'GetTopicAttributesInput', output: 'GetTopicAttributesResponse' },
    ListEndpointsByPlatformApplication: { input: 'ListEndpointsByPlatformApplicationInput', output: 'ListEndpointsByPlatformApplicationResponse' },
    ListOriginationNumbers: { input: 'ListOriginationNumbersRequest', output: 'ListOriginationNumbersResult' },
    ListPhoneNumbersOptedOut: { input: 'ListPhoneNumbersOptedOutInput', output: 'ListPhoneNumbersOptedOutResponse' },
    ListPlatformApplications: { input: 'ListPlatformApplicationsInput', output: 'ListPlatformApplicationsResponse' },
    ListSMSSandboxPhoneNumbers: { input: 'ListSMSSandboxPhoneNumbersInput', output: 'ListSMSSandboxPhoneNumbersResult' },
    ListSubscriptions: { input: 'ListSubscriptionsInput', output: 'ListSubscriptionsResponse' },
    ListSubscriptionsByTopic: { input: 'ListSubscriptionsByTopicInput', output: 'ListSubscriptionsByTopicResponse' },
    ListTagsForResource: { input: 'ListTagsForResourceRequest', output: 'ListTagsForResourceResponse' },
    ListTopics: { input: 'ListTopicsInput', output: 'ListTopicsResponse' },
    OptInPhoneNumber: { input: 'OptInPhoneNumberInput', output: 'OptInPhoneNumberResponse' },
    Publish: { input: 'PublishInput', output: 'PublishResponse' },
    PublishBatch: { input: 'PublishBatchInput', output: 'PublishBatchResponse' },
    PutDataProtectionPolicy: { input: 'PutDataProtectionPolicyInput', output: 'unit' },
    RemovePermission: { input: 'RemovePermissionInput', output: 'unit' },
    SetEndpointAttributes: { input: 'SetEndpointAttributesInput', output: 'unit' },
    SetPlatformApplicationAttributes: { input: 'SetPlatformApplicationAttributesInput', output: 'unit' },
    SetSMSAttributes: { input: 'SetSMSAttributesInput', output: 'SetSMSAttributesResponse' },
    SetSubscriptionAttributes: { input: 'SetSubscriptionAttributesInput', output: 'unit' },
    SetTopicAttributes: { input: 'SetTopicAttributesInput', output: 'unit' },
    Subscribe: { input: 'SubscribeInput', output: 'SubscribeResponse' },
    TagResource: { input: 'TagResourceRequest', output: 'TagResourceResponse' },
    Unsubscribe: { input: 'UnsubscribeInput', output: 'unit' },
    UntagResource: { input: 'UntagResourceRequest', output: 'UntagResourceResponse' },
    VerifySMSSandboxPhoneNumber: { input: 'VerifySMSSandboxPhoneNumberInput', output: 'VerifySMSSandboxPhoneNumberResult' },
  },
  shapes: {
    AddPermissionInput: { structure: { TopicArn: 'string', Label: 'string', AWSAccountId: '[string]', ActionName: '[string]' }, required: ['TopicArn', 'Label', 'AWSAccountId', 'ActionName'] },
    BatchResultErrorEntry: { structure: { Id: 'string', Code: 'string', SenderFault: 'boolean', Message: 'string' }, required: ['Id', 'Code', 'SenderFault'] },
    BatchResultErrorEntryList: { list: '#BatchResultErrorEntry' },
    CheckIfPhoneNumberIsOptedOutInput: { structure: { phoneNumber: 'string' }, required: ['phoneNumber'] },
    CheckIfPhoneNumberIsOptedOutResponse: { structure: { isOptedOut: 'boolean' } },
    ConfirmSubscriptionInput: { structure: { TopicArn: 'string', Token: 'string', AuthenticateOnUnsubscribe: 'string' }, required: ['TopicArn', 'Token'] },
    ConfirmSubscriptionResponse: { structure: { SubscriptionArn: 'string' } },
    CreateEndpointResponse: { structure: { EndpointArn: 'string' } },
    CreatePlatformApplicationInput: { structure: { Name: 'string', Platform: 'string', Attributes: '{string}' }, required: ['Name', 'Platform', 'Attributes'] },
    CreatePlatformApplicationResponse: { structure: { PlatformApplicationArn: 'string' } },
    CreatePlatformEndpointInput: { structure: { PlatformApplicationArn: 'string', Token: 'string', CustomUserData: 'string', Attributes: '{string}' }, required: ['PlatformApplicationArn', 'Token'] },
    CreateSMSSandboxPhoneNumberInput: { structure: { PhoneNumber: 'string', LanguageCode: 'string' }, required: ['PhoneNumber'] },
    CreateSMSSandboxPhoneNumberResult: { structure: {} },
    CreateTopicInput: { structure: { Name: 'string', Attributes: '{string}', Tags: '#TagList', DataProtectionPolicy: 'string' }, required: ['Name'] },
    CreateTopicResponse: { structure: { TopicArn: 'string' } },
    DeleteEndpointInput: { structure: { EndpointArn: 'string' }, required: ['EndpointArn'] },
    DeletePlatformApplicationInput: { structure: { PlatformApplicationArn: 'string' }, required: ['PlatformApplicationArn'] },
    DeleteSMSSandboxPhoneNumberInput: { structure: { PhoneNumber: 'string' }, required: ['PhoneNumber'] },
    DeleteSMSSandboxPhoneNumberResult: { structure: {} },
    DeleteTopicInput: { structure: { TopicArn: 'string' }, required: ['TopicArn'] },
    Endpoint: { structure: { EndpointArn: 'string', Attributes: '{string}' } },
    GetDataProtectionPolicyInput: { structure: { ResourceArn: 'string' }, required: ['ResourceArn'] },
    GetDataProtectionPolicyResponse: { structure: { DataProtectionPolicy: 'string' } },
    GetEndpointAttributesInput: { structure: { EndpointArn: 'string' }, required: ['EndpointArn'] },
    GetEndpointAttributesResponse: { structure: { Attributes: '{string}' } },
    GetPlatformApplicationAttributesInput: { structure: { PlatformApplicationArn: 'string' }, required: ['PlatformApplicationArn'] },
    GetPlatformApplicationAttributesResponse: { structure: { Attributes: '{string}' } },
    GetSMSAttributesInput: { structure: { attributes: '[string]' } },
    GetSMSAttributesResponse: { structure: { attributes: '{string}' } },
    GetSMSSandboxAccountStatusInput: { structure: {} },
    GetSMSSandboxAccountStatusResult: { structure: { IsInSandbox: 'boolean' }, required: ['IsInSandbox'] },
    GetSubscriptionAttributesInput: { structure: { SubscriptionArn: 'string' }, required: ['SubscriptionArn'] },
    GetSubscriptionAttributesResponse: { structure: { Attributes: '{string}' } },
    GetTopicAttributesInput: { structure: { TopicArn: 'string' }, required: ['TopicArn'] },
    GetTopicAttributesResponse: { structure: { Attributes: '{string}' } },
    ListEndpointsByPlatformApplicationInput: { structure: { PlatformApplicationArn: 'string', NextToken: 'string' }, required: ['PlatformApplicationArn'] },
    ListEndpointsByPlatformApplicationResponse: { structure: { Endpoints: '#ListOfEndpoints', NextToken: 'string' } },
    ListOfEndpoints: { list: '#Endpoint' },
    ListOfPlatformApplications: { list: '#PlatformApplication' },
    ListOriginationNumbersRequest: { structure: { NextToken: 'string', MaxResults: 'number' } },
    ListOriginationNumbersResult: { structure: { NextToken: 'string', PhoneNumbers: '#PhoneNumberInformationList' } },
    ListPhoneNumbersOptedOutInput: { structure: { nextToken: 'string' } },
    ListPhoneNumbersOptedOutResponse: { structure: { phoneNumbers: '#PhoneNumberList', nextToken: 'string' } },
    ListPlatformApplicationsInput: { structure: { NextToken: 'string' } },
    ListPlatformApplicationsResponse: { structure: { PlatformApplications: '#ListOfPlatformApplications', NextToken: 'string' } },
    ListSMSSandboxPhoneNumbersInput: { structure: { NextToken: 'string', MaxResults: 'number' } },
    ListSMSSandboxPhoneNumbersResult: { structure: { PhoneNumbers: '#SMSSandboxPhoneNumberList', NextToken: 'string' }, required: ['PhoneNumbers'] },
    ListSubscriptionsByTopicInput: { structure: { TopicArn: 'string', NextToken: 'string' }, required: ['TopicArn'] },
    ListSubscriptionsByTopicResponse: { structure: { Subscriptions: '#SubscriptionsList', NextToken: 'string' } },
    ListSubscriptionsInput: { structure: { NextToken: 'string' } },
    ListSubscriptionsResponse: { structure: { Subscriptions: '#SubscriptionsList', NextToken: 'string' } },
    ListTagsForResourceRequest: { structure: { ResourceArn: 'string' }, required: ['ResourceArn'] },
    ListTagsForResourceResponse: { structure: { Tags: '#TagList' } },
    ListTopicsInput: { structure: { NextToken: 'string' } },
    ListTopicsResponse: { structure: { Topics: '#TopicsList', NextToken: 'string' } },
    MessageAttributeMap: { map: [['string', { xmlName: 'Name' }], ['#MessageAttributeValue', { xmlName: 'Value' }]] },
    MessageAttributeValue: { structure: { DataType: 'string', StringValue: 'string', BinaryValue: 'blob' }, required: ['DataType'] },
    OptInPhoneNumberInput: { structure: { phoneNumber: 'string' }, required: ['phoneNumber'] },
    OptInPhoneNumberResponse: { structure: {} },
    PhoneNumberInformation: { structure: { CreatedAt: 'timestamp', PhoneNumber: 'string', Status: 'string', Iso2CountryCode: 'string', RouteType: 'string', NumberCapabilities: '[string]' } },
    PhoneNumberInformationList: { list: '#PhoneNumberInformation' },
    PhoneNumberList: { list: 'string' },
    PlatformApplication: { structure: { PlatformApplicationArn: 'string', Attributes: '{string}' } },
    PublishBatchInput: { structure: { TopicArn: 'string', PublishBatchRequestEntries: '#PublishBatchRequestEntryList' }, required: ['TopicArn', 'PublishBatchRequestEntries'] },
    PublishBatchRequestEntry: { structure: { Id: 'string', Message: 'string', Subject: 'string', MessageStructure: 'string', MessageAttributes: '#MessageAttributeMap', MessageDeduplicationId: 'string', MessageGroupId: 'string' }, required: ['Id', 'Message'] },
    PublishBatchRequestEntryList: { list: '#PublishBatchRequestEntry' },
    PublishBatchResponse: { structure: { Successful: '#PublishBatchResultEntryList', Failed: '#BatchResultErrorEntryList' } },
    PublishBatchResultEntry: { structure: { Id: 'string', MessageId: 'string', SequenceNumber: 'string' } },
    PublishBatchResultEntryList: { list: '#PublishBatchResultEntry' },
    PublishInput: { structure: { Message: 'string', TopicArn: 'string', TargetArn: 'string', PhoneNumber: 'string', Subject: 'string', MessageStructure: 'string', MessageAttributes: '#MessageAttributeMap', MessageDeduplicationId: 'string', MessageGroupId: 'string' }, required: ['Message'] },
    PublishResponse: { structure: { MessageId: 'string', SequenceNumber: 'string' } },
    PutDataProtectionPolicyInput: { structure: { ResourceArn: 'string', DataProtectionPolicy: 'string' }, required: ['ResourceArn', 'DataProtectionPolicy'] },
    RemovePermissionInput: { structure: { TopicArn: 'string', Label: 'string' }, required: ['TopicArn', 'Label'] },
    SMSSandboxPhoneNumber: { structure: { PhoneNumber: 'string', Status: 'string' } },
    SMSSandboxPhoneNumberList: { list: '#SMSSandboxPhoneNumber' },
    SetEndpointAttributesInput: { structure: { EndpointArn: 'string', Attributes: '{string}' }, required: ['EndpointArn', 'Attributes'] },
    SetPlatformApplicationAttributesInput: { structure: { PlatformApplicationArn: 'string', Attributes: '{string}' }, required: ['PlatformApplicationArn', 'Attributes'] },
    SetSMSAttributesInput: { structure: { attributes: '{string}' }, required: ['attributes'] },
    SetSMSAttributesResponse: { structure: {} },
    SetSubscriptionAttributesInput: { structure: { SubscriptionArn: 'string', AttributeName: 'string', AttributeValue: 'string' }, required: ['SubscriptionArn', 'AttributeName'] },
    SetTopicAttributesInput: { structure: { TopicArn: 'string', AttributeName: 'string', AttributeValue: 'string' }, required: ['TopicArn', 'AttributeName'] },
    SubscribeInput: { structure: { TopicArn: 'string', Protocol: 'string', Endpoint: 'string', Attributes: '{string}', ReturnSubscriptionArn: 'boolean' }, required: ['TopicArn', 'Protocol'] },
    SubscribeResponse: { structure: { SubscriptionArn: 'string' } },
    Subscription: { structure: { SubscriptionArn: 'string', Owner: 'string', Protocol: 'string', Endpoint: 'string', TopicArn: 'string' } },
    SubscriptionsList: { list: '#Subscription' },
    Tag: { structure: { Key: 'string', Value: 'string' }, required: ['Key', 'Value'] },
    TagList: { list: '#Tag' },
    TagResourceRequest: { structure: { ResourceArn: 'string', Tags: '#TagList' }, required: ['ResourceArn', 'Tags'] },
    TagResourceResponse: { structure: {} },
    Topic: { structure: { TopicArn: 'string' } },
    TopicsList: { list: '#Topic' },
    UnsubscribeInput: { structure: { SubscriptionArn: 'string' }, required: ['SubscriptionArn'] },
    UntagResourceRequest: { structure: { ResourceArn: 'string', TagKeys: '[string]' }, required: ['ResourceArn', 'TagKeys'] },
    UntagResourceResponse: { structure: {} },
    VerifySMSSandboxPhoneNumberInput: { structure: { PhoneNumber: 'string', OneTimePassword: 'string' }, required: ['PhoneNumber', 'OneTimePassword'] },
    VerifySMSSandboxPhoneNumberResult: { structure: {} },
  },
  errors: {
    AuthorizationErrorException: { structure: { message: 'string' }, traits: { queryError: ['AuthorizationError', 403], fault: 'client', status: 403 } },
    BatchEntryIdsNotDistinctException: { structure: { message: 'string' }, traits: { queryError: ['BatchEntryIdsNotDistinct', 400], fault: 'client', status: 400 } },
    BatchRequestTooLongException: { structure: { message: 'string' }, traits: { queryError: ['BatchRequestTooLong', 400], fault: 'client', status: 400 } },
    ConcurrentAccessException: { structure: { message: 'string' }, traits: { queryError: ['ConcurrentAccess', 400], fault: 'client', status: 400 } },
    EmptyBatchRequestException: { structure: { message: 'string' }, traits: { queryError: ['EmptyBatchRequest', 400], fault: 'client', status: 400 } },
    EndpointDisabledException: { structure: { message: 'string' }, traits: { queryError: ['EndpointDisabled', 400], fault: 'client', status: 400 } },
    FilterPolicyLimitExceededException: { structure: { message: 'string' }, traits: { queryError: ['FilterPolicyLimitExceeded', 403], fault: 'client', status: 403 } },
    InternalErrorException: { structure: { message: 'string' }, traits: { queryError: ['InternalError', 500], fault: 'server', status: 500 } },
    InvalidBatchEntryIdException: { structure: { message: 'string' }, traits: { queryError: ['InvalidBatchEntryId', 400], fault: 'client', status: 400 } },
    InvalidParameterException: { structure: { message: 'string' }, traits: { queryError: ['InvalidParameter', 400], fault: 'client', status: 400 } },
    InvalidParameterValueException: { structure: { message: 'string' }, traits: { queryError: ['ParameterValueInvalid', 400], fault: 'client', status: 400 } },
    InvalidSecurityException: { structure: { message: 'string' }, traits: { queryError: ['InvalidSecurity', 403], fault: 'client', status: 403 } },
    InvalidStateException: { structure: { message: 'string' }, traits: { queryError: ['InvalidState', 400], fault: 'client', status: 400 } },
    KMSAccessDeniedException: { structure: { message: 'string' }, traits: { queryError: ['KMSAccessDenied', 400], fault: 'client', status: 400 } },
    KMSDisabledException: { structure: { message: 'string' }, traits: { queryError: ['KMSDisabled', 400], fault: 'client', status: 400 } },
    KMSInvalidStateException: { structure: { message: 'string' }, traits: { queryError: ['KMSInvalidState', 400], fault: 'client', status: 400 } },
    KMSNotFoundException: { structure: { message: 'string' }, traits: { queryError: ['KMSNotFound', 400], fault: 'client', status: 400 } },
    KMSOptInRequired: { structure: { message: 'string' }, traits: { queryError: ['KMSOptInRequired', 403], fault: 'client', status: 403 } },
    KMSThrottlingException: { structure: { message: 'string' }, traits: { queryError: ['KMSThrottling', 400], fault: 'client', status: 400 } },
    NotFoundException: { structure: { message: 'string' }, traits: { queryError: ['NotFound', 404], fault: 'client', status: 404 } },
    OptedOutException: { structure: { message: 'string' }, traits: { queryError: ['OptedOut', 400], fault: 'client', status: 400 } },
    PlatformApplicationDisabledException: { structure: { message: 'string' }, traits: { queryError: ['PlatformApplicationDisabled', 400], fault: 'client', status: 400 } },
    ReplayLimitExceededException: { structure: { message: 'string' }, traits: { queryError: ['ReplayLimitExceeded', 403], fault: 'client', status: 403 } },
    ResourceNotFoundException: { structure: { message: 'string' }, traits: { queryError: ['ResourceNotFound', 404], fault: 'client', status: 404 } },
    StaleTagException: { structure: { message: 'string' }, traits: { queryError: ['StaleTag', 400], fault: 'client', status: 400 } },
    SubscriptionLimitExceededException: { structure: { message: 'string' }, traits: { queryError: ['SubscriptionLimitExceeded', 403], fault: 'client', status: 403 } },
    TagLimitExceededException: { structure: { message: 'string' }, traits: { queryError: ['TagLimitExceeded', 400], fault: 'client', status: 400 } },
    TagPolicyException: { structure: { message: 'string' }, traits: { queryError: ['TagPolicy', 400], fault: 'client', status: 400 } },
    ThrottledException: { structure: { message: 'string' }, traits: { queryError: ['Throttled', 429], fault: 'client', status: 429 } },
    TooManyEntriesInBatchRequestException: { structure: { message: 'string' }, traits: { queryError: ['TooManyEntriesInBatchRequest', 400], fault: 'client', status: 400 } },
    TopicLimitExceededException: { structure: { message: 'string' }, traits: { queryError: ['TopicLimitExceeded', 403], fault: 'client', status: 403 } },
    UserErrorException: { structure: { message: 'string' }, traits: { queryError: ['UserError', 400], fault: 'client', status: 400 } },
    ValidationException: { structure: { Message: 'string' }, required: ['Message'], traits: { queryError: ['ValidationException', 400], fault: 'client', status: 400 } },
    VerificationException: { structure: { Message: 'string', Status: 'string' }, required: ['Message', 'Status'], traits: { fault: 'client' } },
  },
};
