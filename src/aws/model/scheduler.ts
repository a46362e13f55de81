// Generated from @aws-sdk/client-scheduler@3.1169.0 by scripts/generate-aws-models.ts. Do not edit: run `npm run generate`.
import type { ModelTable } from '../protocol/shape.ts';

export type SchedulerOperationName =
  | 'CreateSchedule'
  | 'CreateScheduleGroup'
  | 'DeleteSchedule'
  | 'DeleteScheduleGroup'
  | 'GetSchedule'
  | 'GetScheduleGroup'
  | 'ListScheduleGroups'
  | 'ListSchedules'
  | 'ListTagsForResource'
  | 'TagResource'
  | 'UntagResource'
  | 'UpdateSchedule';

export const schedulerModel: ModelTable = {
  generatedFrom: '@aws-sdk/client-scheduler@3.1169.0',
  serviceId: 'Scheduler',
  version: '2021-06-30',
  namespace: 'com.amazonaws.scheduler',
  targetPrefix: 'AWSChronosService',
  operations: {
    CreateSchedule: { http: ['POST', '/schedules/{Name}', 200], input: 'CreateScheduleInput', output: 'CreateScheduleOutput' },
    CreateScheduleGroup: { http: ['POST', '/schedule-groups/{Name}', 200], input: 'CreateScheduleGroupInput', output: 'CreateScheduleGroupOutput' },
    DeleteSchedule: { http: ['DELETE', '/schedules/{Name}', 200], input: 'DeleteScheduleInput', output: 'DeleteScheduleOutput' },
    DeleteScheduleGroup: { http: ['DELETE', '/schedule-groups/{Name}', 200], input: 'DeleteScheduleGroupInput', output: 'DeleteScheduleGroupOutput' },
    GetSchedule: { http: ['GET', '/schedules/{Name}', 200], input: 'GetScheduleInput', output: 'GetScheduleOutput' },
    GetScheduleGroup: { http: ['GET', '/schedule-groups/{Name}', 200], input: 'GetScheduleGroupInput', output: 'GetScheduleGroupOutput' },
    ListScheduleGroups: { http: ['GET', '/schedule-groups', 200], input: 'ListScheduleGroupsInput', output: 'ListScheduleGroupsOutput' },
    ListSchedules: { http: ['GET', '/schedules', 200], input: 'ListSchedulesInput', output: 'ListSchedulesOutput' },
    ListTagsForResource: { http: ['GET', '/tags/{ResourceArn}', 200], input: 'ListTagsForResourceInput', output: 'ListTagsForResourceOutput' },
    TagResource: { http: ['POST', '/tags/{ResourceArn}', 200], input: 'TagResourceInput', output: 'TagResourceOutput' },
    UntagResource: { http: ['DELETE', '/tags/{ResourceArn}', 200], input: 'UntagResourceInput', output: 'UntagResourceOutput' },
    UpdateSchedule: { http: ['PUT', '/schedules/{Name}', 200], input: 'UpdateScheduleInput', output: 'UpdateScheduleOutput' },
  },
  shapes: {
    AwsVpcConfiguration: { structure: { Subnets: '[string]', SecurityGroups: '[string]', AssignPublicIp: 'string' }, required: ['Subnets'] },
    CapacityProviderStrategy: { list: '#CapacityProviderStrategyItem' },
    CapacityProviderStrategyItem: { structure: { capacityProvider: 'string', weight: 'number', base: 'number' }, required: ['capacityProvider'] },
    CreateScheduleGroupInput: { structure: { Name: ['string', { label: true }], Tags: '#TagList', ClientToken: ['string', { idempotencyToken: true }] }, required: ['Name'] },
    CreateScheduleGroupOutput: { structure: { ScheduleGroupArn: 'string' }, required: ['ScheduleGroupArn'] },
    CreateScheduleInput: { structure: { Name: ['string', { label: true }], ScheduleExpression: 'string', Target: '#Target', FlexibleTimeWindow: '#FlexibleTimeWindow', GroupName: 'string', StartDate: 'timestamp', EndDate: 'timestamp', Description: 'string', ScheduleExpressionTimezone: 'string', State: 'string', KmsKeyArn: 'string', ClientToken: ['string', { idempotencyToken: true }], ActionAfterCompletion: 'string' }, required: ['Name', 'ScheduleExpression', 'Target', 'FlexibleTimeWindow'] },
    CreateScheduleOutput: { structure: { ScheduleArn: 'string' }, required: ['ScheduleArn'] },
    DeadLetterConfig: { structure: { Arn: 'string' } },
    DeleteScheduleGroupInput: { structure: { Name: ['string', { label: true }], ClientToken: ['string', { query: 'clientToken', idempotencyToken: true }] }, required: ['Name'] },
    DeleteScheduleGroupOutput: { structure: {} },
    DeleteScheduleInput: { structure: { Name: ['string', { label: true }], GroupName: ['string', { query: 'groupName' }], ClientToken: ['string', { query: 'clientToken', idempotencyToken: true }] }, required: ['Name'] },
    DeleteScheduleOutput: { structure: {} },
    EcsParameters: { structure: { TaskDefinitionArn: 'string', TaskCount: 'number', LaunchType: 'string', NetworkConfiguration: '#NetworkConfiguration', PlatformVersion: 'string', Group: 'string', CapacityProviderStrategy: '#CapacityProviderStrategy', EnableECSManagedTags: 'boolean', EnableExecuteCommand: 'boolean', PlacementConstraints: '#PlacementConstraints', PlacementStrategy: '#PlacementStrategies', PropagateTags: 'string', ReferenceId: 'string', Tags: '#Tags' }, required: ['TaskDefinitionArn'] },
    EventBridgeParameters: { structure: { DetailType: 'string', Source: 'string' }, required: ['DetailType', 'Source'] },
    EventBridgePutEventsV2Parameters: { structure: { DetailType: 'string', Source: 'string' }, required: ['DetailType', 'Source'] },
    EventBridgePutRawEventsParameters: { structure: { Metadata: '{string}' } },
    FlexibleTimeWindow: { structure: { Mode: 'string', MaximumWindowInMinutes: 'number' }, required: ['Mode'] },
    GetScheduleGroupInput: { structure: { Name: ['string', { label: true }] }, required: ['Name'] },
    GetScheduleGroupOutput: { structure: { Arn: 'string', Name: 'string', State: 'string', CreationDate: 'timestamp', LastModificationDate: 'timestamp' } },
    GetScheduleInput: { structure: { Name: ['string', { label: true }], GroupName: ['string', { query: 'groupName' }] }, required: ['Name'] },
    GetScheduleOutput: { structure: { Arn: 'string', GroupName: 'string', Name: 'string', ScheduleExpression: 'string', StartDate: 'timestamp', EndDate: 'timestamp', Description: 'string', ScheduleExpressionTimezone: 'string', State: 'string', CreationDate: 'timestamp', LastModificationDate: 'timestamp', KmsKeyArn: 'string', Target: '#Target', FlexibleTimeWindow: '#FlexibleTimeWindow', ActionAfterCompletion: 'string' } },
    KinesisParameters: { structure: { PartitionKey: 'string' }, required: ['PartitionKey'] },
    ListScheduleGroupsInput: { structure: { NamePrefix: ['string', { query: 'NamePrefix' }], NextToken: ['string', { query: 'NextToken' }], MaxResults: ['number', { query: 'MaxResults' }] } },
    ListScheduleGroupsOutput: { structure: { ScheduleGroups: '#ScheduleGroupList', NextToken: 'string' }, required: ['ScheduleGroups'] },
    ListSchedulesInput: { structure: { GroupName: ['string', { query: 'ScheduleGroup' }], NamePrefix: ['string', { query: 'NamePrefix' }], State: ['string', { query: 'State' }], NextToken: ['string', { query: 'NextToken' }], MaxResults: ['number', { query: 'MaxResults' }] } },
    ListSchedulesOutput: { structure: { Schedules: '#ScheduleList', NextToken: 'string' }, required: ['Schedules'] },
    ListTagsForResourceInput: { structure: { ResourceArn: ['string', { label: true }] }, required: ['ResourceArn'] },
    ListTagsForResourceOutput: { structure: { Tags: '#TagList' } },
    NetworkConfiguration: { structure: { awsvpcConfiguration: '#AwsVpcConfiguration' } },
    PlacementConstraint: { structure: { type: 'string', expression: 'string' } },
    PlacementConstraints: { list: '#PlacementConstraint' },
    PlacementStrategies: { list: '#PlacementStrategy' },
    PlacementStrategy: { structure: { type: 'string', field: 'string' } },
    RetryPolicy: { structure: { MaximumEventAgeInSeconds: 'number', MaximumRetryAttempts: 'number' } },
    SageMakerPipelineParameter: { structure: { Name: 'string', Value: 'string' }, required: ['Name', 'Value'] },
    SageMakerPipelineParameterList: { list: '#SageMakerPipelineParameter' },
    SageMakerPipelineParameters: { structure: { PipelineParameterList: '#SageMakerPipelineParameterList' } },
    ScheduleGroupList: { list: '#ScheduleGroupSummary' },
    ScheduleGroupSummary: { structure: { Arn: 'string', Name: 'string', State: 'string', CreationDate: 'timestamp', LastModificationDate: 'timestamp' } },
    ScheduleList: { list: '#ScheduleSummary' },
    ScheduleSummary: { structure: { Arn: 'string', Name: 'string', GroupName: 'string', State: 'string', CreationDate: 'timestamp', LastModificationDate: 'timestamp', Target: '#TargetSummary' } },
    SqsParameters: { structure: { MessageGroupId: 'string' } },
    Tag: { structure: { Key: 'string', Value: 'string' }, required: ['Key', 'Value'] },
    TagList: { list: '#Tag' },
    TagResourceInput: { structure: { ResourceArn: ['string', { label: true }], Tags: '#TagList' }, required: ['ResourceArn', 'Tags'] },
    TagResourceOutput: { structure: {} },
    Tags: { list: '{string}' },
    Target: { structure: { Arn: 'string', RoleArn: 'string', DeadLetterConfig: '#DeadLetterConfig', RetryPolicy: '#RetryPolicy', Input: 'string', EcsParameters: '#EcsParameters', EventBridgeParameters: '#EventBridgeParameters', EventBridgePutEventsV2Parameters: '#EventBridgePutEventsV2Parameters', EventBridgePutRawEventsParameters: '#EventBridgePutRawEventsParameters', KinesisParameters: '#KinesisParameters', SageMakerPipelineParameters: '#SageMakerPipelineParameters', SqsParameters: '#SqsParameters' }, required: ['Arn', 'RoleArn'] },
    TargetSummary: { structure: { Arn: 'string' }, required: ['Arn'] },
    UntagResourceInput: { structure: { ResourceArn: ['string', { label: true }], TagKeys: ['[string]', { query: 'TagKeys' }] }, required: ['ResourceArn', 'TagKeys'] },
    UntagResourceOutput: { structure: {} },
    UpdateScheduleInput: { structure: { Name: ['string', { label: true }], ScheduleExpression: 'string', Target: '#Target', FlexibleTimeWindow: '#FlexibleTimeWindow', GroupName: 'string', StartDate: 'timestamp', EndDate: 'timestamp', Description: 'string', ScheduleExpressionTimezone: 'string', State: 'string', KmsKeyArn: 'string', ClientToken: ['string', { idempotencyToken: true }], ActionAfterCompletion: 'string' }, required: ['Name', 'ScheduleExpression', 'Target', 'FlexibleTimeWindow'] },
    UpdateScheduleOutput: { structure: { ScheduleArn: 'string' }, required: ['ScheduleArn'] },
  },
  errors: {
    ConflictException: { structure: { Message: 'string' }, required: ['Message'], traits: { fault: 'client', status: 409 } },
    InternalServerException: { structure: { Message: 'string' }, required: ['Message'], traits: { fault: 'server', status: 500 } },
    ResourceNotFoundException: { structure: { Message: 'string' }, required: ['Message'], traits: { fault: 'client', status: 404 } },
    ServiceQuotaExceededException: { structure: { Message: 'string' }, required: ['Message'], traits: { fault: 'client', status: 402 } },
    ThrottlingException: { structure: { Message: 'string' }, required: ['Message'], traits: { fault: 'client', status: 429 } },
    ValidationException: { structure: { Message: 'string' }, required: ['Message'], traits: { fault: 'client', status: 400 } },
  },
};
