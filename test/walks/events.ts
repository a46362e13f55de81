import type { Step, Walk } from '../harness/walk.ts';
import { archives } from './event-archives.ts';
import { destinations } from './event-destinations.ts';
import { arn, queueArn, pattern } from './event-names.ts';

const event = {
  id: '1',
  'detail-type': 'Told',
  source: 'shop',
  account: '000000000000',
  time: '2026-01-01T00:00:00Z',
  region: 'us-east-1',
  resources: [],
  detail: { amount: 11 },
};

const buses: Step[] = [
  {
    name: 'create a bus',
    operation: 'CreateEventBus',
    input: { Name: 'orders', Description: 'of the shop', Tags: [{ Key: 'team', Value: 'blue' }] },
    gives: { EventBusArn: arn('event-bus/orders') },
  },
  {
    name: 'create a bus again',
    operation: 'CreateEventBus',
    input: { Name: 'orders' },
    refused: 'ResourceAlreadyExistsException',
    says: 'Event bus orders already exists.',
  },
  {
    name: 'create a bus with a name that is none',
    operation: 'CreateEventBus',
    input: { Name: 'a b' },
    refused: 'ValidationException',
    says: `Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [/\\.\\-_A-Za-z0-9]+`,
  },
  {
    name: 'create the default bus',
    operation: 'CreateEventBus',
    input: { Name: 'default' },
    refused: 'ResourceAlreadyExistsException',
    says: 'Event bus default already exists.',
  },
  {
    name: 'create a bus with a slash in its name',
    operation: 'CreateEventBus',
    input: { Name: 'a/b' },
    refused: 'ValidationException',
    says: "Event bus name must not contain '/'.",
  },
  { name: 'create another bus', operation: 'CreateEventBus', input: { Name: 'others' } },
  {
    name: 'buses by prefix',
    operation: 'ListEventBuses',
    input: { NamePrefix: 'or' },
    gives: { EventBuses: [{ Name: 'orders' }] },
  },
  {
    name: 'a page of buses',
    operation: 'ListEventBuses',
    input: { Limit: 1 },
    gives: { EventBuses: [{ Name: 'default' }] },
  },
  {
    name: 'the next page of buses',
    operation: 'ListEventBuses',
    input: (seen) => ({ Limit: 5, NextToken: seen('a page of buses', 'NextToken') }),
    gives: { EventBuses: [{ Name: 'orders' }, { Name: 'others' }] },
  },
  {
    name: 'a page after what is no token',
    operation: 'ListEventBuses',
    input: { NextToken: 'not a token' },
    refused: 'ValidationException',
  },
  {
    name: 'too large a page',
    operation: 'ListEventBuses',
    input: { Limit: 101 },
    refused: 'ValidationException',
  },
  {
    name: 'change a bus',
    operation: 'UpdateEventBus',
    input: { Name: 'orders', Description: 'changed' },
    gives: { Name: 'orders', Arn: arn('event-bus/orders'), Description: 'changed' },
  },
  { name: 'change no bus', operation: 'UpdateEventBus', input: { Name: 'none' }, refused: 'ResourceNotFoundException' },
  {
    name: 'describe a bus',
    operation: 'DescribeEventBus',
    input: { Name: 'orders' },
    gives: { Name: 'orders', Arn: arn('event-bus/orders'), Description: 'changed' },
  },
  {
    name: 'describe the default bus',
    operation: 'DescribeEventBus',
    input: {},
    gives: { Name: 'default', Arn: arn('event-bus/default') },
  },
  {
    name: 'describe no bus',
    operation: 'DescribeEventBus',
    input: { Name: 'none' },
    refused: 'ResourceNotFoundException',
    says: 'Event bus none does not exist.',
  },
  {
    name: 'let an account put events',
    operation: 'PutPermission',
    input: { EventBusName: 'orders', Action: 'events:PutEvents', Principal: '111111111111', StatementId: 'them' },
  },
  {
    name: 'let in whom no account is named for',
    operation: 'PutPermission',
    input: { EventBusName: 'orders', Action: 'events:PutEvents', Principal: 'them', StatementId: 'them' },
    refused: 'ValidationException',
  },
  {
    name: 'let do something else',
    operation: 'PutPermission',
    input: { EventBusName: 'orders', Action: 'events:PutRule', Principal: '111111111111', StatementId: 'them' },
    refused: 'ValidationException',
    says: "Provided value in parameter 'action' is not supported.",
  },
  {
    name: 'let on to no bus',
    operation: 'PutPermission',
    input: { EventBusName: 'none', Action: 'events:PutEvents', Principal: '111111111111', StatementId: 'them' },
    refused: 'ResourceNotFoundException',
  },
  {
    name: 'forbid one that was not let',
    operation: 'RemovePermission',
    input: { EventBusName: 'orders', StatementId: 'none' },
    refused: 'ResourceNotFoundException',
  },
  { name: 'forbid it', operation: 'RemovePermission', input: { EventBusName: 'orders', StatementId: 'them' } },
  {
    name: 'forbid where nobody is let',
    operation: 'RemovePermission',
    input: { EventBusName: 'orders', StatementId: 'them' },
    refused: 'ResourceNotFoundException',
    says: 'EventBus does not have a policy.',
  },
];

const rules: Step[] = [
  {
    name: 'make a rule',
    operation: 'PutRule',
    input: { Name: 'large', EventBusName: 'orders', EventPattern: pattern, Description: 'large ones' },
    gives: { RuleArn: arn('rule/orders/large') },
  },
  {
    name: 'make a rule that is due again and again',
    operation: 'PutRule',
    input: {
      Name: 'often',
      ScheduleExpression: 'rate(5 minutes)',
      State: 'DISABLED',
      Tags: [{ Key: 'a', Value: 'b' }],
    },
    gives: { RuleArn: arn('rule/often') },
  },
  {
    name: 'make a rule of nothing',
    operation: 'PutRule',
    input: { Name: 'empty' },
    refused: 'ValidationException',
    says: 'Parameter(s) EventPattern or ScheduleExpression must be specified.',
  },
  {
    name: 'make a rule on no bus',
    operation: 'PutRule',
    input: { Name: 'large', EventBusName: 'none', EventPattern: pattern },
    refused: 'ResourceNotFoundException',
    says: 'Event bus none does not exist.',
  },
  {
    name: 'make a rule with a name that is none',
    operation: 'PutRule',
    input: { Name: 'l/a', EventPattern: pattern },
    refused: 'ValidationException',
  },
  ...[
    ['that is no JSON', '{'],
    ['with a value that is no list', '{"source":"shop"}'],
    ['with an empty list', '{"source":[]}'],
    ['with an unknown operator', '{"source":[{"sounds-like":"shop"}]}'],
    ['with a number that is compared to a text', '{"detail":{"amount":[{"numeric":[">","ten"]}]}}'],
  ].map(([what, EventPattern]): Step => ({
    name: `make a rule of a pattern ${what}`,
    operation: 'PutRule',
    input: { Name: 'wrong', EventPattern },
    refused: 'InvalidEventPatternException',
  })),
  ...[
    'rate(0 minutes)',
    'rate(5 minute)',
    'rate(1 fortnight)',
    'cron(0 3 * * *)',
    'cron(0 3 * * * *)',
    'cron(61 3 * * ? *)',
    'every day',
    'at(2030-01-01T00:00:00)',
  ].map((ScheduleExpression): Step => ({
    name: `make a rule that is due ${ScheduleExpression}`,
    operation: 'PutRule',
    input: { Name: 'wrong', ScheduleExpression },
    refused: 'ValidationException',
    says: 'Parameter ScheduleExpression is not valid.',
  })),
  {
    name: 'make a rule that is due on a bus of its own',
    operation: 'PutRule',
    input: { Name: 'wrong', EventBusName: 'orders', ScheduleExpression: 'rate(5 minutes)' },
    refused: 'ValidationException',
    says: 'ScheduleExpression is supported only on the default event bus.',
  },
  {
    name: 'describe a rule',
    operation: 'DescribeRule',
    input: { Name: 'large', EventBusName: 'orders' },
    gives: {
      Name: 'large',
      Arn: arn('rule/orders/large'),
      EventPattern: pattern,
      State: 'ENABLED',
      Description: 'large ones',
      EventBusName: 'orders',
      CreatedBy: '000000000000',
    },
  },
  {
    name: 'describe no rule',
    operation: 'DescribeRule',
    input: { Name: 'none' },
    refused: 'ResourceNotFoundException',
    says: 'Rule none does not exist on EventBus default.',
  },
  { name: 'disable a rule', operation: 'DisableRule', input: { Name: 'large', EventBusName: 'orders' } },
  {
    name: 'rules',
    operation: 'ListRules',
    input: { EventBusName: 'orders' },
    gives: { Rules: [{ Name: 'large', State: 'DISABLED' }] },
  },
  {
    name: 'rules by prefix',
    operation: 'ListRules',
    input: { NamePrefix: 'of' },
    gives: { Rules: [{ Name: 'often', ScheduleExpression: 'rate(5 minutes)' }] },
  },
  {
    name: 'rules of no bus',
    operation: 'ListRules',
    input: { EventBusName: 'none' },
    refused: 'ResourceNotFoundException',
  },
  { name: 'enable a rule', operation: 'EnableRule', input: { Name: 'large', EventBusName: 'orders' } },
  { name: 'enable no rule', operation: 'EnableRule', input: { Name: 'none' }, refused: 'ResourceNotFoundException' },
  { name: 'disable no rule', operation: 'DisableRule', input: { Name: 'none' }, refused: 'ResourceNotFoundException' },
];

const onLarge = { Rule: 'large', EventBusName: 'orders' };

const targets: Step[] = [
  { name: 'a queue', service: 'sqs', operation: 'CreateQueue', input: { QueueName: 'jobs' } },
  {
    name: 'add targets',
    operation: 'PutTargets',
    input: {
      ...onLarge,
      Targets: [
        { Id: 'whole', Arn: queueArn, RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 60 } },
        { Id: 'part', Arn: queueArn, InputPath: '$.detail', DeadLetterConfig: { Arn: queueArn } },
        {
          Id: 'made',
          Arn: queueArn,
          InputTransformer: { InputPathsMap: { a: '$.detail.amount' }, InputTemplate: '"<a>"' },
        },
      ],
    },
    gives: { FailedEntryCount: 0, FailedEntries: [] },
  },
  {
    name: 'add targets to no rule',
    operation: 'PutTargets',
    input: { Rule: 'none', Targets: [{ Id: 'a', Arn: queueArn }] },
    refused: 'ResourceNotFoundException',
    says: 'Rule none does not exist on EventBus default.',
  },
  {
    name: 'add a target that is no ARN',
    operation: 'PutTargets',
    input: { ...onLarge, Targets: [{ Id: 'a', Arn: 'jobs' }] },
    refused: 'ValidationException',
    says: 'Parameter Arn is not valid. Reason: Provided Arn is not in correct format.',
  },
  {
    name: 'add a FIFO queue without a group',
    operation: 'PutTargets',
    input: { ...onLarge, Targets: [{ Id: 'a', Arn: `${queueArn}.fifo` }] },
    refused: 'ValidationException',
    says: 'Parameter(s) SqsParameters must be specified for target: a.',
  },
  {
    name: 'add a target with two inputs',
    operation: 'PutTargets',
    input: { Rule: 'often', Targets: [{ Id: 'a', Arn: queueArn, Input: '{}', InputPath: '$.detail' }] },
    refused: 'ValidationException',
  },
  {
    name: 'add six targets',
    operation: 'PutTargets',
    input: { Rule: 'often', Targets: [1, 2, 3, 4, 5, 6].map((n) => ({ Id: `t${n}`, Arn: queueArn })) },
    refused: 'LimitExceededException',
  },
  {
    name: 'add a target without an ARN',
    operation: 'PutTargets',
    input: { ...onLarge, Targets: [{ Id: 'a' }] },
    refused: 'ValidationException',
    says: "Value null at 'targets.1.member.arn' failed to satisfy constraint: Member must not be null",
  },
  {
    name: 'add no targets',
    operation: 'PutTargets',
    input: { ...onLarge, Targets: [] },
    refused: 'ValidationException',
  },
  {
    name: 'targets',
    operation: 'ListTargetsByRule',
    input: { ...onLarge, Limit: 2 },
    gives: {
      Targets: [
        { Id: 'made', Arn: queueArn },
        { Id: 'part', InputPath: '$.detail', DeadLetterConfig: { Arn: queueArn } },
      ],
    },
  },
  {
    name: 'more targets',
    operation: 'ListTargetsByRule',
    input: (seen) => ({ ...onLarge, NextToken: seen('targets', 'NextToken') }),
    gives: { Targets: [{ Id: 'whole', RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 60 } }] },
  },
  {
    name: 'targets of no rule',
    operation: 'ListTargetsByRule',
    input: { Rule: 'none' },
    refused: 'ResourceNotFoundException',
  },
  {
    name: 'rules of a target',
    operation: 'ListRuleNamesByTarget',
    input: { TargetArn: queueArn, EventBusName: 'orders' },
    gives: { RuleNames: ['large'] },
  },
  {
    name: 'rules of a target on another bus',
    operation: 'ListRuleNamesByTarget',
    input: { TargetArn: queueArn },
    gives: { RuleNames: [] },
  },
  {
    name: 'delete a rule with targets',
    operation: 'DeleteRule',
    input: { Name: 'large', EventBusName: 'orders' },
    refused: 'ValidationException',
    says: "Rule can't be deleted since it has targets.",
  },
  {
    name: 'put events',
    operation: 'PutEvents',
    input: {
      Entries: [
        { Source: 'shop', DetailType: 'Told', Detail: '{"amount":11}', EventBusName: 'orders' },
        { DetailType: 'Told', Detail: '{}' },
        { Source: 'shop', Detail: '{}' },
        { Source: 'shop', DetailType: 'Told' },
        { Source: 'shop', DetailType: 'Told', Detail: 'no JSON' },
        { Source: 'shop', DetailType: 'Told', Detail: '[1]' },
      ],
    },
    gives: {
      FailedEntryCount: 5,
      Entries: [
        {},
        {
          ErrorCode: 'InvalidArgument',
          ErrorMessage: 'Parameter Source is not valid. Reason: Source is a required argument.',
        },
        {
          ErrorCode: 'InvalidArgument',
          ErrorMessage: 'Parameter DetailType is not valid. Reason: DetailType is a required argument.',
        },
        {
          ErrorCode: 'InvalidArgument',
          ErrorMessage: 'Parameter Detail is not valid. Reason: Detail is a required argument.',
        },
        { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' },
        { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' },
      ],
    },
  },
  { name: 'put no events', operation: 'PutEvents', input: { Entries: [] }, refused: 'ValidationException' },
  {
    name: 'put eleven events',
    operation: 'PutEvents',
    input: { Entries: Array.from({ length: 11 }, () => ({ Source: 'shop', DetailType: 'Told', Detail: '{}' })) },
    refused: 'ValidationException',
    says: "PutEventsRequestEntry]' at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10",
  },
  {
    name: 'an event that matches',
    operation: 'TestEventPattern',
    input: { EventPattern: pattern, Event: JSON.stringify(event) },
    gives: { Result: true },
  },
  {
    name: 'an event that does not match',
    operation: 'TestEventPattern',
    input: { EventPattern: pattern, Event: JSON.stringify({ ...event, detail: { amount: 10 } }) },
    gives: { Result: false },
  },
  {
    name: 'an event against a pattern that is none',
    operation: 'TestEventPattern',
    input: { EventPattern: '{"a":1}', Event: JSON.stringify(event) },
    refused: 'InvalidEventPatternException',
  },
  {
    name: 'an event without a source against a pattern',
    operation: 'TestEventPattern',
    input: { EventPattern: pattern, Event: '{}' },
    refused: 'ValidationException',
  },
];

const tags: Step[] = [
  {
    name: 'tag a rule',
    operation: 'TagResource',
    input: {
      ResourceARN: arn('rule/orders/large'),
      Tags: [
        { Key: 'stage', Value: 'test' },
        { Key: 'more', Value: '' },
      ],
    },
  },
  {
    name: 'take a tag from a rule',
    operation: 'UntagResource',
    input: { ResourceARN: arn('rule/orders/large'), TagKeys: ['more', 'none'] },
  },
  {
    name: 'tags of a rule',
    operation: 'ListTagsForResource',
    input: { ResourceARN: arn('rule/orders/large') },
    gives: { Tags: [{ Key: 'stage', Value: 'test' }] },
  },
  {
    name: 'tags of a bus',
    operation: 'ListTagsForResource',
    input: { ResourceARN: arn('event-bus/orders') },
    gives: { Tags: [{ Key: 'team', Value: 'blue' }] },
  },
  {
    name: 'tags of no rule',
    operation: 'ListTagsForResource',
    input: { ResourceARN: arn('rule/none') },
    refused: 'ResourceNotFoundException',
    says: 'Rule none does not exist on EventBus default.',
  },
  {
    name: 'tag no bus',
    operation: 'TagResource',
    input: { ResourceARN: arn('event-bus/none'), Tags: [{ Key: 'a', Value: 'b' }] },
    refused: 'ResourceNotFoundException',
  },
  {
    name: 'take a tag from no rule',
    operation: 'UntagResource',
    input: { ResourceARN: arn('rule/none'), TagKeys: ['a'] },
    refused: 'ResourceNotFoundException',
  },
];

const end: Step[] = [
  {
    name: 'make a rule without a name',
    operation: 'PutRule',
    input: { EventPattern: pattern },
    refused: 'ValidationException',
    says: "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null",
  },
  {
    name: 'remove targets',
    operation: 'RemoveTargets',
    input: { ...onLarge, Ids: ['whole', 'part', 'none'] },
    gives: { FailedEntryCount: 1, FailedEntries: [{ TargetId: 'none', ErrorCode: 'ResourceNotFoundException' }] },
  },
  {
    name: 'remove the last target',
    operation: 'RemoveTargets',
    input: { ...onLarge, Ids: ['made'] },
    gives: { FailedEntryCount: 0, FailedEntries: [] },
  },
  {
    name: 'remove targets of no rule',
    operation: 'RemoveTargets',
    input: { Rule: 'none', Ids: ['a'] },
    refused: 'ResourceNotFoundException',
  },
  { name: 'delete a rule', operation: 'DeleteRule', input: { Name: 'large', EventBusName: 'orders' } },
  { name: 'delete a rule again', operation: 'DeleteRule', input: { Name: 'large', EventBusName: 'orders' } },
  {
    name: 'delete a rule of no bus',
    operation: 'DeleteRule',
    input: { Name: 'large', EventBusName: 'none' },
    refused: 'ResourceNotFoundException',
  },
  { name: 'delete a bus', operation: 'DeleteEventBus', input: { Name: 'orders' } },
  { name: 'delete a bus again', operation: 'DeleteEventBus', input: { Name: 'orders' } },
  {
    name: 'delete the default bus',
    operation: 'DeleteEventBus',
    input: { Name: 'default' },
    refused: 'ValidationException',
    says: 'Cannot delete event bus default.',
  },
];

export const eventsWalk: Walk = {
  service: 'events',
  steps: [...buses, ...rules, ...targets, ...tags, ...archives, ...destinations, ...end],
};
