// Generated from @aws-sdk/client-sqs@3.1169.0 by scripts/generate-aws-models.ts. Do not edit: run `npm run generate`.
import type { ModelTable } from '../protocol/shape.ts';

export type SqsOperationName =
  | 'AddPermission'
  | 'CancelMessageMoveTask'
  | 'ChangeMessageVisibility'
  | 'ChangeMessageVisibilityBatch'
  | 'CreateQueue'
  | 'DeleteMessage'
  | 'DeleteMessageBatch'
  | 'DeleteQueue'
  | 'GetQueueAttributes'
  | 'GetQueueUrl'
  | 'ListDeadLetterSourceQueues'
  | 'ListMessageMoveTasks'
  | 'ListQueueTags'
  | 'ListQueues'
  | 'PurgeQueue'
  | 'ReceiveMessage'
  | 'RemovePermission'
  | 'SendMessage'
  | 'SendMessageBatch'
  | 'SetQueueAttributes'
  | 'StartMessageMoveTask'
  | 'TagQueue'
  | 'UntagQueue';

export const sqsModel: ModelTable = {
  generatedFrom: '@aws-sdk/client-sqs@3.1169.0',
  serviceId: 'SQS',
  version: '2012-11-05',
  namespace: 'com.amazonaws.sqs',
  targetPrefix: 'AmazonSQS',
  queryCompatible: true,
  operations: {
    AddPermission: { input: 'AddPermissionRequest', output: 'unit' },
    CancelMessageMoveTask: { input: 'CancelMessageMoveTaskRequest', output: 'CancelMessageMoveTaskResult' },
    ChangeMessageVisibility: { input: 'ChangeMessageVisibilityRequest', output: 'unit' },
    ChangeMessageVisibilityBatch: { input: 'ChangeMessageVisibilityBatchRequest', output: 'ChangeMessageVisibilityBatchResult' },
    CreateQueue: { input: 'CreateQueueRequest', output: 'CreateQueueResult' },
    DeleteMessage: { input: 'DeleteMessageRequest', output: 'unit' },
    DeleteMessageBatch: { input: 'DeleteMessageBatchRequest', output: 'DeleteMessageBatchResult' },
    DeleteQueue: { input: 'DeleteQueueRequest', output: 'unit' },
    GetQueueAttributes: { input: 'GetQueueAttributesRequest', output: 'GetQueueAttributesResult' },
    GetQueueUrl: { input: 'GetQueueUrlRequest', output: 'GetQueueUrlResult' },
    ListDeadLetterSourceQueues: { input: 'ListDeadLetterSourceQueuesRequest', output: 'ListDeadLetterSourceQueuesResult' },
    ListMessageMoveTasks: { input: 'ListMessageMoveTasksRequest', output: 'ListMessageMoveTasksResult' },
    ListQueueTags: { input: 'ListQueueTagsRequest', output: 'ListQueueTagsResult' },
    ListQueues: { input: 'ListQueuesRequest', output: 'ListQueuesResult' },
    PurgeQueue: { input: 'PurgeQueueRequest', output: 'unit' },
    ReceiveMessage: { input: 'ReceiveMessageRequest', output: 'ReceiveMessageResult' },
    RemovePermission: { input: 'RemovePermissionRequest', output: 'unit' },
    SendMessage: { input: 'SendMessageRequest', output: 'SendMessageResult' },
    SendMessageBatch: { input: 'SendMessageBatchRequest', output: 'SendMessageBatchResult' },
    SetQueueAttributes: { input: 'SetQueueAttributesRequest', output: 'unit' },
    StartMessageMoveTask: { input: 'StartMessageMoveTaskRequest', output: 'StartMessageMoveTaskResult' },
    TagQueue: { input: 'TagQueueRequest', output: 'unit' },
    UntagQueue: { input: 'UntagQueueRequest', output: 'unit' },
  },
  shapes: {
    AddPermissionRequest: { structure: { QueueUrl: 'string', Label: 'string', AWSAccountIds: ['[string]', { flattened: true, xmlName: 'AWSAccountId' }], Actions: ['[string]', { flattened: true, xmlName: 'ActionName' }] }, required: ['QueueUrl', 'Label', 'AWSAccountIds', 'Actions'] },
    BatchResultErrorEntry: { structure: { Id: 'string', SenderFault: 'boolean', Code: 'string', Message: 'string' }, required: ['Id', 'SenderFault', 'Code'] },
    BatchResultErrorEntryList: { list: '#BatchResultErrorEntry' },
    BinaryList: { list: ['blob', { xmlName: 'BinaryListValue' }] },
    CancelMessageMoveTaskRequest: { structure: { TaskHandle: 'string' }, required: ['TaskHandle'] },
    CancelMessageMoveTaskResult: { structure: { ApproximateNumberOfMessagesMoved: 'number' } },
    ChangeMessageVisibilityBatchRequest: { structure: { QueueUrl: 'string', Entries: ['#ChangeMessageVisibilityBatchRequestEntryList', { flattened: true, xmlName: 'ChangeMessageVisibilityBatchRequestEntry' }] }, required: ['QueueUrl', 'Entries'] },
    ChangeMessageVisibilityBatchRequestEntry: { structure: { Id: 'string', ReceiptHandle: 'string', VisibilityTimeout: 'number' }, required: ['Id', 'ReceiptHandle'] },
    ChangeMessageVisibilityBatchRequestEntryList: { list: '#ChangeMessageVisibilityBatchRequestEntry' },
    ChangeMessageVisibilityBatchResult: { structure: { Successful: ['#ChangeMessageVisibilityBatchResultEntryList', { flattened: true, xmlName: 'ChangeMessageVisibilityBatchResultEntry' }], Failed: ['#BatchResultErrorEntryList', { flattened: true, xmlName: 'BatchResultErrorEntry' }] }, required: ['Successful', 'Failed'] },
    ChangeMessageVisibilityBatchResultEntry: { structure: { Id: 'string' }, required: ['Id'] },
    ChangeMessageVisibilityBatchResultEntryList: { list: '#ChangeMessageVisibilityBatchResultEntry' },
    ChangeMessageVisibilityRequest: { structure: { QueueUrl: 'string', ReceiptHandle: 'string', VisibilityTimeout: 'number' }, required: ['QueueUrl', 'ReceiptHandle', 'VisibilityTimeout'] },
    CreateQueueRequest: { structure: { QueueName: 'string', Attributes: ['#QueueAttributeMap', { flattened: true, xmlName: 'Attribute' }], tags: ['#TagMap', { flattened: true, xmlName: 'Tag' }] }, required: ['QueueName'] },
    CreateQueueResult: { structure: { QueueUrl: 'string' } },
    DeleteMessageBatchRequest: { structure: { QueueUrl: 'string', Entries: ['#DeleteMessageBatchRequestEntryList', { flattened: true, xmlName: 'DeleteMessageBatchRequestEntry' }] }, required: ['QueueUrl', 'Entries'] },
    DeleteMessageBatchRequestEntry: { structure: { Id: 'string', ReceiptHandle: 'string' }, required: ['Id', 'ReceiptHandle'] },
    DeleteMessageBatchRequestEntryList: { list: '#DeleteMessageBatchRequestEntry' },
    DeleteMessageBatchResult: { structure: { Successful: ['#DeleteMessageBatchResultEntryList', { flattened: true, xmlName: 'DeleteMessageBatchResultEntry' }], Failed: ['#BatchResultErrorEntryList', { flattened: true, xmlName: 'BatchResultErrorEntry' }] }, required: ['Successful', 'Failed'] },
    DeleteMessageBatchResultEntry: { structure: { Id: 'string' }, required: ['Id'] },
    DeleteMessageBatchResultEntryList: { list: '#DeleteMessageBatchResultEntry' },
    DeleteMessageRequest: { structure: { QueueUrl: 'string', ReceiptHandle: 'string' }, required: ['QueueUrl', 'ReceiptHandle'] },
    DeleteQueueRequest: { structure: { QueueUrl: 'string' }, required: ['QueueUrl'] },
    GetQueueAttributesRequest: { structure: { QueueUrl: 'string', AttributeNames: ['[string]', { flattened: true, xmlName: 'AttributeName' }] }, required: ['QueueUrl'] },
    GetQueueAttributesResult: { structure: { Attributes: ['#QueueAttributeMap', { flattened: true, xmlName: 'Attribute' }] } },
    GetQueueUrlRequest: { structure: { QueueName: 'string', QueueOwnerAWSAccountId: 'string' }, required: ['QueueName'] },
    GetQueueUrlResult: { structure: { QueueUrl: 'string' } },
    ListDeadLetterSourceQueuesRequest: { structure: { QueueUrl: 'string', NextToken: 'string', MaxResults: 'number' }, required: ['QueueUrl'] },
    ListDeadLetterSourceQueuesResult: { structure: { queueUrls: ['[string]', { flattened: true, xmlName: 'QueueUrl' }], NextToken: 'string' }, required: ['queueUrls'] },
    ListMessageMoveTasksRequest: { structure: { SourceArn: 'string', MaxResults: 'number' }, required: ['SourceArn'] },
    ListMessageMoveTasksResult: { structure: { Results: ['#ListMessageMoveTasksResultEntryList', { flattened: true, xmlName: 'ListMessageMoveTasksResultEntry' }] }, traits: { xmlName: 'ListMessageMoveTasksResult' } },
    ListMessageMoveTasksResultEntry: { structure: { TaskHandle: 'string', Status: 'string', SourceArn: 'string', DestinationArn: 'string', MaxNumberOfMessagesPerSecond: 'number', ApproximateNumberOfMessagesMoved: 'number', ApproximateNumberOfMessagesToMove: 'number', FailureReason: 'string', StartedTimestamp: 'number' } },
    ListMessageMoveTasksResultEntryList: { list: '#ListMessageMoveTasksResultEntry' },
    ListQueueTagsRequest: { structure: { QueueUrl: 'string' }, required: ['QueueUrl'] },
    ListQueueTagsResult: { structure: { Tags: ['#TagMap', { flattened: true, xmlName: 'Tag' }] } },
    ListQueuesRequest: { structure: { QueueNamePrefix: 'string', NextToken: 'string', MaxResults: 'number' } },
    ListQueuesResult: { structure: { QueueUrls: ['[string]', { flattened: true, xmlName: 'QueueUrl' }], NextToken: 'string' } },
    Message: { structure: { MessageId: 'string', ReceiptHandle: 'string', MD5OfBody: 'string', Body: 'string', Attributes: ['#MessageSystemAttributeMap', { flattened: true, xmlName: 'Attribute' }], MD5OfMessageAttributes: 'string', MessageAttributes: ['#MessageBodyAttributeMap', { flattened: true, xmlName: 'MessageAttribute' }] } },
    MessageAttributeValue: { structure: { DataType: 'string', StringValue: 'string', BinaryValue: 'blob', StringListValues: ['#StringList', { flattened: true, xmlName: 'StringListValue' }], BinaryListValues: ['#BinaryList', { flattened: true, xmlName: 'BinaryListValue' }] }, required: ['DataType'] },
    MessageBodyAttributeMap: { map: [['string', { xmlName: 'Name' }], ['#MessageAttributeValue', { xmlName: 'Value' }]] },
    MessageBodySystemAttributeMap: { map: [['string', { xmlName: 'Name' }], ['#MessageSystemAttributeValue', { xmlName: 'Value' }]] },
    MessageList: { list: '#Message' },
    MessageSystemAttributeMap: { map: [['string', { xmlName: 'Name' }], ['string', { xmlName: 'Value' }]] },
    MessageSystemAttributeValue: { structure: { DataType: 'string', StringValue: 'string', BinaryValue: 'blob', StringListValues: ['#StringList', { flattened: true, xmlName: 'StringListValue' }], BinaryListValues: ['#BinaryList', { flattened: true, xmlName: 'BinaryListValue' }] }, required: ['DataType'] },
    PurgeQueueRequest: { structure: { QueueUrl: 'string' }, required: ['QueueUrl'] },
    QueueAttributeMap: { map: [['string', { xmlName: 'Name' }], ['string', { xmlName: 'Value' }]] },
    ReceiveMessageRequest: { structure: { QueueUrl: 'string', AttributeNames: ['[string]', { flattened: true, xmlName: 'AttributeName' }], MessageSystemAttributeNames: ['[string]', { flattened: true, xmlName: 'AttributeName' }], MessageAttributeNames: ['[string]', { flattened: true, xmlName: 'MessageAttributeName' }], MaxNumberOfMessages: 'number', VisibilityTimeout: 'number', WaitTimeSeconds: 'number', ReceiveRequestAttemptId: 'string' }, required: ['QueueUrl'] },
    ReceiveMessageResult: { structure: { Messages: ['#MessageList', { flattened: true, xmlName: 'Message' }] } },
    RemovePermissionRequest: { structure: { QueueUrl: 'string', Label: 'string' }, required: ['QueueUrl', 'Label'] },
    SendMessageBatchRequest: { structure: { QueueUrl: 'string', Entries: ['#SendMessageBatchRequestEntryList', { flattened: true, xmlName: 'SendMessageBatchRequestEntry' }] }, required: ['QueueUrl', 'Entries'] },
    SendMessageBatchRequestEntry: { structure: { Id: 'string', MessageBody: 'string', DelaySeconds: 'number', MessageAttributes: ['#MessageBodyAttributeMap', { flattened: true, xmlName: 'MessageAttribute' }], MessageSystemAttributes: ['#MessageBodySystemAttributeMap', { flattened: true, xmlName: 'MessageSystemAttribute' }], MessageDeduplicationId: 'string', MessageGroupId: 'string' }, required: ['Id', 'MessageBody'] },
    SendMessageBatchRequestEntryList: { list: '#SendMessageBatchRequestEntry' },
    SendMessageBatchResult: { structure: { Successful: ['#SendMessageBatchResultEntryList', { flattened: true, xmlName: 'SendMessageBatchResultEntry' }], Failed: ['#BatchResultErrorEntryList', { flattened: true, xmlName: 'BatchResultErrorEntry' }] }, required: ['Successful', 'Failed'] },
    SendMessageBatchResultEntry: { structure: { Id: 'string', MessageId: 'string', MD5OfMessageBody: 'string', MD5OfMessageAttributes: 'string', MD5OfMessageSystemAttributes: 'string', SequenceNumber: 'string' }, required: ['Id', 'MessageId', 'MD5OfMessageBody'] },
    SendMessageBatchResultEntryList: { list: '#SendMessageBatchResultEntry' },
    SendMessageRequest: { structure: { QueueUrl: 'string', MessageBody: 'string', DelaySeconds: 'number', MessageAttributes: ['#MessageBodyAttributeMap', { flattened: true, xmlName: 'MessageAttribute' }], MessageSystemAttributes: ['#MessageBodySystemAttributeMap', { flattened: true, xmlName: 'MessageSystemAttribute' }], MessageDeduplicationId: 'string', MessageGroupId: 'string' }, required: ['QueueUrl', 'MessageBody'] },
    SendMessageResult: { structure: { MD5OfMessageBody: 'string', MD5OfMessageAttributes: 'string', MD5OfMessageSystemAttributes: 'string', MessageId: 'string', SequenceNumber: 'string' } },
    SetQueueAttributesRequest: { structure: { QueueUrl: 'string', Attributes: ['#QueueAttributeMap', { flattened: true, xmlName: 'Attribute' }] }, required: ['QueueUrl', 'Attributes'] },
    StartMessageMoveTaskRequest: { structure: { SourceArn: 'string', DestinationArn: 'string', MaxNumberOfMessagesPerSecond: 'number' }, required: ['SourceArn'] },
    StartMessageMoveTaskResult: { structure: { TaskHandle: 'string' } },
    StringList: { list: ['string', { xmlName: 'StringListValue' }] },
    TagMap: { map: [['string', { xmlName: 'Key' }], ['string', { xmlName: 'Value' }]] },
    TagQueueRequest: { structure: { QueueUrl: 'string', Tags: ['#TagMap', { flattened: true, xmlName: 'Tag' }] }, required: ['QueueUrl', 'Tags'] },
    UntagQueueRequest: { structure: { QueueUrl: 'string', TagKeys: ['[string]', { flattened: true, xmlName: 'TagKey' }] }, required: ['QueueUrl', 'TagKeys'] },
  },
  errors: {
    BatchEntryIdsNotDistinct: { structure: { message: 'string' }, traits: { queryError: ['AWS.SimpleQueueService.BatchEntryIdsNotDistinct', 400], fault: 'client', status: 400 } },
    BatchRequestTooLong: { structure: { message: 'string' }, traits: { queryError: ['AWS.SimpleQueueService.BatchRequestTooLong', 400], fault: 'client', status: 400 } },
    EmptyBatchRequest: { structure: { message: 'string' }, traits: { queryError: ['AWS.SimpleQueueService.EmptyBatchRequest', 400], fault: 'client', status: 400 } },
    InvalidAddress: { structure: { message: 'string' }, traits: { queryError: ['InvalidAddress', 404], fault: 'client', status: 404 } },
    InvalidAttributeName: { structure: { message: 'string' }, traits: { fault: 'client' } },
    InvalidAttributeValue: { structure: { message: 'string' }, traits: { fault: 'client' } },
    InvalidBatchEntryId: { structure: { message: 'string' }, traits: { queryError: ['AWS.SimpleQueueService.InvalidBatchEntryId', 400], fault: 'client', status: 400 } },
    InvalidIdFormat: { structure: {}, traits: { fault: 'client' } },
    InvalidMessageContents: { structure: { message: 'string' }, traits: { fault: 'client' } },
    InvalidSecurity: { structure: { message: 'string' }, traits: { queryError: ['InvalidSecurity', 403], fault: 'client', status: 403 } },
    KmsAccessDenied: { structure: { message: 'string' }, traits: { queryError: ['KMS.AccessDeniedException', 400], fault: 'client', status: 400 } },
    KmsDisabled: { structure: { message: 'string' }, traits: { queryError: ['KMS.DisabledException', 400], fault: 'client', status: 400 } },
    KmsInvalidKeyUsage: { structure: { message: 'string' }, traits: { queryError: ['KMS.InvalidKeyUsageException', 400], fault: 'client', status: 400 } },
    KmsInvalidState: { structure: { message: 'string' }, traits: { queryError: ['KMS.InvalidStateException', 400], fault: 'client', status: 400 } },
    KmsNotFound: { structure: { message: 'string' }, traits: { queryError: ['KMS.NotFoundException', 400], fault: 'client', status: 400 } },
    KmsOptInRequired: { structure: { message: 'string' }, traits: { queryError: ['KMS.OptInRequired', 403], fault: 'client', status: 403 } },
    KmsThrottled: { structure: { message: 'string' }, traits: { queryError: ['KMS.ThrottlingException', 400], fault: 'client', status: 400 } },
    MessageNotInflight: { structure: {}, traits: { queryError: ['AWS.SimpleQueueService.MessageNotInflight', 400], fault: 'client', status: 400 } },
    OverLimit: { structure: { message: 'string' }, traits: { queryError: ['OverLimit', 403], fault: 'client', status: 403 } },
    PurgeQueueInProgress: { structure: { message: 'string' }, traits: { queryError: ['AWS.SimpleQueueService.PurgeQueueInProgress', 403], fault: 'client', status: 403 } },
    QueueDeletedRecently: { structure: { message: 'string' }, traits: { queryError: ['AWS.SimpleQueueService.QueueDeletedRecently', 400], fault: 'client', status: 400 } },
    QueueDoesNotExist: { structure: { message: 'string' }, traits: { queryError: ['AWS.SimpleQueueService.NonExistentQueue', 400], fault: 'client', status: 400 } },
    QueueNameExists: { structure: { message: 'string' }, traits: { queryError: ['QueueAlreadyExists', 400], fault: 'client', status: 400 } },
    ReceiptHandleIsInvalid: { structure: { message: 'string' }, traits: { queryError: ['ReceiptHandleIsInvalid', 404], fault: 'client', status: 404 } },
    RequestThrottled: { structure: { message: 'string' }, traits: { queryError: ['RequestThrottled', 403], fault: 'client', status: 403 } },
    ResourceNotFoundException: { structure: { message: 'string' }, traits: { queryError: ['ResourceNotFoundException', 404], fault: 'client', status: 404 } },
    TooManyEntriesInBatchRequest: { structure: { message: 'string' }, traits: { queryError: ['AWS.SimpleQueueService.TooManyEntriesInBatchRequest', 400], fault: 'client', status: 400 } },
    UnsupportedOperation: { structure: { message: 'string' }, traits: { queryError: ['AWS.SimpleQueueService.UnsupportedOperation', 400], fault: 'client', status: 400 } },
  },
};
