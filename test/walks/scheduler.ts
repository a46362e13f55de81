import type { Step, Walk } from '../harness/walk.ts';

const arn = (resource: string): string => `arn:aws:scheduler:us-east-1:000000000000:${resource}`;
const target = {
  Arn: 'arn:aws:sqs:us-east-1:000000000000:jobs',
  RoleArn: 'arn:aws:iam::000000000000:role/any',
  Input: '{"a":1}',
};
const nightly = {
  Name: 'nightly',
  ScheduleExpression: 'cron(0 3 * * ? *)',
  ScheduleExpressionTimezone: 'Europe/Berlin',
  FlexibleTimeWindow: { Mode: 'OFF' },
  Target: target,
};
const [start, end] = [new Date('2040-01-01T00:00:00Z'), new Date('2041-01-01T00:00:00Z')];

const wrong = (name: string, change: object, more: Partial<Step> = {}): Step => ({
  name: `make a schedule ${name}`,
  operation: 'CreateSchedule',
  input: { ...nightly, Name: `wrong-${name.replaceAll(/[^a-z0-9]/g, '-')}`, ...change },
  refused: 'ValidationException',
  ...more,
});

const steps: Step[] = [
  {
    name: 'make a group',
    operation: 'CreateScheduleGroup',
    input: { Name: 'shop', Tags: [{ Key: 'team', Value: 'blue' }] },
    gives: { ScheduleGroupArn: arn('schedule-group/shop') },
  },
  {
    name: 'make a group again',
    operation: 'CreateScheduleGroup',
    input: { Name: 'shop' },
    refused: 'ConflictException',
  },
  {
    name: 'a group',
    operation: 'GetScheduleGroup',
    input: { Name: 'shop' },
    gives: { Name: 'shop', Arn: arn('schedule-group/shop'), State: 'ACTIVE' },
  },
  {
    name: 'no group',
    operation: 'GetScheduleGroup',
    input: { Name: 'none' },
    refused: 'ResourceNotFoundException',
    says: 'Schedule group none does not exist.',
  },
  {
    name: 'groups',
    operation: 'ListScheduleGroups',
    input: {},
    gives: {
      ScheduleGroups: [
        { Name: 'default', State: 'ACTIVE' },
        { Name: 'shop', State: 'ACTIVE' },
      ],
    },
  },
  {
    name: 'a page of groups',
    operation: 'ListScheduleGroups',
    input: { MaxResults: 1 },
    gives: { ScheduleGroups: [{ Name: 'default' }] },
  },
  {
    name: 'the next page of groups',
    operation: 'ListScheduleGroups',
    input: (seen) => ({ MaxResults: 1, NextToken: seen('a page of groups', 'NextToken') }),
    gives: { ScheduleGroups: [{ Name: 'shop' }], NextToken: undefined },
  },
  {
    name: 'groups after what is no token',
    operation: 'ListScheduleGroups',
    input: { NextToken: 'no token' },
    refused: 'ValidationException',
  },
  {
    name: 'make a group with a name that is none',
    operation: 'CreateScheduleGroup',
    input: { Name: 'a b' },
    refused: 'ValidationException',
  },
  {
    name: 'tag a group',
    operation: 'TagResource',
    input: { ResourceArn: arn('schedule-group/shop'), Tags: [{ Key: 'stage', Value: 'test' }] },
  },
  {
    name: 'take a tag from a group',
    operation: 'UntagResource',
    input: { ResourceArn: arn('schedule-group/shop'), TagKeys: ['team'] },
  },
  {
    name: 'tags of a group',
    operation: 'ListTagsForResource',
    input: { ResourceArn: arn('schedule-group/shop') },
    gives: { Tags: [{ Key: 'stage', Value: 'test' }] },
  },
  {
    name: 'tags of no group',
    operation: 'ListTagsForResource',
    input: { ResourceArn: arn('schedule-group/none') },
    refused: 'ResourceNotFoundException',
  },

  { name: 'a queue', service: 'sqs', operation: 'CreateQueue', input: { QueueName: 'jobs' } },
  {
    name: 'make a schedule',
    operation: 'CreateSchedule',
    input: nightly,
    gives: { ScheduleArn: arn('schedule/default/nightly') },
  },
  {
    name: 'make a schedule again',
    operation: 'CreateSchedule',
    input: nightly,
    refused: 'ConflictException',
    says: 'Schedule nightly already exists.',
  },
  {
    name: 'make a schedule with a token',
    operation: 'CreateSchedule',
    input: { ...nightly, GroupName: 'shop', Name: 'again', ClientToken: 'token-1' },
    gives: { ScheduleArn: arn('schedule/shop/again') },
  },
  {
    name: 'make it once more with that token',
    operation: 'CreateSchedule',
    input: { ...nightly, GroupName: 'shop', Name: 'again', ClientToken: 'token-1' },
    gives: { ScheduleArn: arn('schedule/shop/again') },
  },
  {
    name: 'make another with that token',
    operation: 'CreateSchedule',
    input: { ...nightly, GroupName: 'shop', Name: 'again', ClientToken: 'token-1', Description: 'other' },
    refused: 'ConflictException',
  },
  { name: 'delete it', operation: 'DeleteSchedule', input: { GroupName: 'shop', Name: 'again' } },
  {
    name: 'make a schedule of a group',
    operation: 'CreateSchedule',
    input: {
      ...nightly,
      GroupName: 'shop',
      Name: 'soon',
      ScheduleExpression: 'rate(5 minutes)',
      StartDate: start,
      EndDate: end,
      State: 'DISABLED',
      Description: 'soon',
      ActionAfterCompletion: 'DELETE',
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 5 },
    },
    gives: { ScheduleArn: arn('schedule/shop/soon') },
  },
  {
    name: 'make a schedule for once',
    operation: 'CreateSchedule',
    input: { ...nightly, Name: 'once', ScheduleExpression: 'at(2040-11-20T13:00:00)' },
    gives: { ScheduleArn: arn('schedule/default/once') },
  },
  {
    name: 'make a schedule of no group',
    operation: 'CreateSchedule',
    input: { ...nightly, GroupName: 'none', Name: 'lost' },
    refused: 'ResourceNotFoundException',
    says: 'Schedule group none does not exist.',
  },
  {
    name: 'a schedule',
    operation: 'GetSchedule',
    input: { Name: 'nightly' },
    gives: {
      Name: 'nightly',
      GroupName: 'default',
      Arn: arn('schedule/default/nightly'),
      ScheduleExpression: 'cron(0 3 * * ? *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      State: 'ENABLED',
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'NONE',
      Target: { ...target, RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 } },
    },
  },
  {
    name: 'a schedule of a group',
    operation: 'GetSchedule',
    input: { Name: 'soon', GroupName: 'shop' },
    gives: {
      GroupName: 'shop',
      State: 'DISABLED',
      Description: 'soon',
      ActionAfterCompletion: 'DELETE',
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 5 },
    },
  },
  {
    name: 'no schedule',
    operation: 'GetSchedule',
    input: { Name: 'none' },
    refused: 'ResourceNotFoundException',
    says: 'Schedule none does not exist.',
  },
  {
    name: 'no schedule of a group',
    operation: 'GetSchedule',
    input: { Name: 'nightly', GroupName: 'shop' },
    refused: 'ResourceNotFoundException',
  },
  {
    name: 'schedules',
    operation: 'ListSchedules',
    input: {},
    gives: {
      Schedules: [
        { Name: 'nightly', GroupName: 'default', Target: { Arn: target.Arn } },
        { Name: 'once' },
        { Name: 'soon', GroupName: 'shop' },
      ],
    },
  },
  {
    name: 'schedules of a group',
    operation: 'ListSchedules',
    input: { GroupName: 'shop' },
    gives: { Schedules: [{ Name: 'soon' }] },
  },
  {
    name: 'schedules that are disabled',
    operation: 'ListSchedules',
    input: { State: 'DISABLED' },
    gives: { Schedules: [{ Name: 'soon' }] },
  },
  {
    name: 'schedules by prefix',
    operation: 'ListSchedules',
    input: { NamePrefix: 'ni' },
    gives: { Schedules: [{ Name: 'nightly' }] },
  },
  {
    name: 'schedules of no group',
    operation: 'ListSchedules',
    input: { GroupName: 'none' },
    refused: 'ResourceNotFoundException',
  },
  ...[
    'rate(0 minutes)',
    'rate(5 fortnights)',
    'cron(0 3 * * *)',
    'cron(0 3 * * * *)',
    'cron(61 3 * * ? *)',
    'at(2040-13-01T00:00:00)',
    'at(tomorrow)',
    'often',
  ].map((ScheduleExpression) =>
    wrong(
      `that is due ${ScheduleExpression}`,
      { ScheduleExpression },
      { says: `Invalid Schedule Expression ${ScheduleExpression}.` },
    ),
  ),
  wrong('in a zone that is none', { ScheduleExpressionTimezone: 'Europe/Atlantis' }),
  wrong('with a name that is none', { Name: 'a b' }),
  wrong('with a window that has no length', { FlexibleTimeWindow: { Mode: 'FLEXIBLE' } }),
  wrong('with a length of no window', { FlexibleTimeWindow: { Mode: 'OFF', MaximumWindowInMinutes: 5 } }),
  wrong('with a window that is too long', { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 1441 } }),
  wrong('that ends before it starts', { StartDate: end, EndDate: start }),
  wrong('with too many attempts', { Target: { ...target, RetryPolicy: { MaximumRetryAttempts: 186 } } }),
  wrong(
    'without a role',
    { Target: { Arn: target.Arn } },
    { says: "Value null at 'target.roleArn' failed to satisfy constraint: Member must not be null" },
  ),
  wrong('for what is no ARN', { Target: { ...target, Arn: 'jobs' } }),
  wrong('for a FIFO queue without a group', { Target: { ...target, Arn: `${target.Arn}.fifo` } }),
  wrong('with letters to what is no queue', {
    Target: { ...target, DeadLetterConfig: { Arn: 'arn:aws:sns:us-east-1:000000000000:news' } },
  }),
  {
    name: 'change a schedule',
    operation: 'UpdateSchedule',
    input: { ...nightly, ScheduleExpression: 'rate(1 hours)', State: 'DISABLED' },
    gives: { ScheduleArn: arn('schedule/default/nightly') },
  },
  {
    name: 'a schedule that was changed',
    operation: 'GetSchedule',
    input: { Name: 'nightly' },
    gives: { ScheduleExpression: 'rate(1 hours)', State: 'DISABLED' },
  },
  {
    name: 'change no schedule',
    operation: 'UpdateSchedule',
    input: { ...nightly, Name: 'none' },
    refused: 'ResourceNotFoundException',
    says: 'Schedule none does not exist.',
  },
  { name: 'delete a schedule', operation: 'DeleteSchedule', input: { Name: 'nightly' } },
  {
    name: 'delete a schedule again',
    operation: 'DeleteSchedule',
    input: { Name: 'nightly' },
    refused: 'ResourceNotFoundException',
    says: 'Schedule nightly does not exist.',
  },
  {
    name: 'delete the default group',
    operation: 'DeleteScheduleGroup',
    input: { Name: 'default' },
    refused: 'ValidationException',
  },
  { name: 'delete a group', operation: 'DeleteScheduleGroup', input: { Name: 'shop' } },
  {
    name: 'delete a group again',
    operation: 'DeleteScheduleGroup',
    input: { Name: 'shop' },
    refused: 'ResourceNotFoundException',
    says: 'Schedule group shop does not exist.',
  },
  {
    name: 'a schedule of a group that is gone',
    operation: 'GetSchedule',
    input: { Name: 'soon', GroupName: 'shop' },
    refused: 'ResourceNotFoundException',
  },
];

export const schedulerWalk: Walk = { service: 'scheduler', steps };
