import type { Step, Walk } from '../harness/walk.ts';

const pipeArn = (name: string): string => `arn:aws:pipes:us-east-1:000000000000:pipe/${name}`;
const queueArn = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const carry = {
  Name: 'carry',
  RoleArn: 'arn:aws:iam::000000000000:role/any',
  Source: queueArn('from'),
  Target: queueArn('to'),
};

const wrong = (name: string, change: object, more: Partial<Step> = {}): Step => ({
  name: `make a pipe ${name}`,
  operation: 'CreatePipe',
  input: { ...carry, Name: 'wrong', ...change },
  refused: 'ValidationException',
  ...more,
});

const steps: Step[] = [
  { name: 'a queue', service: 'sqs', operation: 'CreateQueue', input: { QueueName: 'from' } },
  { name: 'another queue', service: 'sqs', operation: 'CreateQueue', input: { QueueName: 'to' } },
  {
    name: 'make a pipe',
    operation: 'CreatePipe',
    input: {
      ...carry,
      Description: 'carries',
      DesiredState: 'STOPPED',
      Tags: { team: 'blue' },
      SourceParameters: {
        SqsQueueParameters: { BatchSize: 5, MaximumBatchingWindowInSeconds: 1 },
        FilterCriteria: { Filters: [{ Pattern: '{"body":{"kind":["order"]}}' }] },
      },
      TargetParameters: { InputTemplate: '<$.body>' },
    },
    gives: { Arn: pipeArn('carry'), Name: 'carry', DesiredState: 'STOPPED', CurrentState: 'CREATING' },
  },
  {
    name: 'make a pipe again',
    operation: 'CreatePipe',
    input: carry,
    refused: 'ConflictException',
    says: 'Pipe carry already exists.',
  },
  {
    name: 'describe a pipe',
    operation: 'DescribePipe',
    input: { Name: 'carry' },
    gives: {
      Arn: pipeArn('carry'),
      Name: 'carry',
      Description: 'carries',
      DesiredState: 'STOPPED',
      CurrentState: 'STOPPED',
      Source: queueArn('from'),
      Target: queueArn('to'),
      RoleArn: carry.RoleArn,
      Tags: { team: 'blue' },
      SourceParameters: {
        SqsQueueParameters: { BatchSize: 5, MaximumBatchingWindowInSeconds: 1 },
        FilterCriteria: { Filters: [{ Pattern: '{"body":{"kind":["order"]}}' }] },
      },
      TargetParameters: { InputTemplate: '<$.body>' },
    },
  },
  {
    name: 'describe no pipe',
    operation: 'DescribePipe',
    input: { Name: 'none' },
    refused: 'NotFoundException',
    says: 'Pipe none does not exist.',
  },
  {
    name: 'stop a pipe that is stopped',
    operation: 'StopPipe',
    input: { Name: 'carry' },
    refused: 'ConflictException',
  },
  {
    name: 'start a pipe',
    operation: 'StartPipe',
    input: { Name: 'carry' },
    gives: { Name: 'carry', DesiredState: 'RUNNING', CurrentState: 'STARTING' },
  },
  { name: 'start no pipe', operation: 'StartPipe', input: { Name: 'none' }, refused: 'NotFoundException' },
  {
    name: 'stop a pipe',
    operation: 'StopPipe',
    input: { Name: 'carry' },
    gives: { Name: 'carry', DesiredState: 'STOPPED', CurrentState: 'STOPPING' },
  },
  { name: 'stop no pipe', operation: 'StopPipe', input: { Name: 'none' }, refused: 'NotFoundException' },
  {
    name: 'change a pipe',
    operation: 'UpdatePipe',
    input: { Name: 'carry', RoleArn: carry.RoleArn, Description: 'changed' },
    gives: { Name: 'carry', CurrentState: 'UPDATING' },
  },
  {
    name: 'change no pipe',
    operation: 'UpdatePipe',
    input: { Name: 'none', RoleArn: carry.RoleArn },
    refused: 'NotFoundException',
  },
  { name: 'make another pipe', operation: 'CreatePipe', input: { ...carry, Name: 'other' } },
  {
    name: 'pipes',
    operation: 'ListPipes',
    input: {},
    gives: {
      Pipes: [
        { Name: 'carry', Source: queueArn('from'), Target: queueArn('to') },
        { Name: 'other', DesiredState: 'RUNNING' },
      ],
    },
  },
  {
    name: 'pipes that run',
    operation: 'ListPipes',
    input: { DesiredState: 'RUNNING' },
    gives: { Pipes: [{ Name: 'other' }] },
  },
  { name: 'a page of pipes', operation: 'ListPipes', input: { Limit: 1 }, gives: { Pipes: [{ Name: 'carry' }] } },
  {
    name: 'the next page of pipes',
    operation: 'ListPipes',
    input: (seen) => ({ Limit: 1, NextToken: seen('a page of pipes', 'NextToken') }),
    gives: { Pipes: [{ Name: 'other' }], NextToken: undefined },
  },
  {
    name: 'pipes after what is no token',
    operation: 'ListPipes',
    input: { NextToken: 'no token' },
    refused: 'ValidationException',
  },
  wrong('with a name that is none', { Name: 'a b' }),
  wrong('without a role', { RoleArn: undefined }),
  wrong('with a role that is none', { RoleArn: 'any' }),
  wrong('from what is no ARN', { Source: 'from' }),
  wrong('to what is no ARN', { Target: 'to' }),
  wrong('with a filter that is none', {
    SourceParameters: { FilterCriteria: { Filters: [{ Pattern: '{"body":"order"}' }] } },
  }),
  wrong('with six filters', {
    SourceParameters: {
      FilterCriteria: { Filters: [1, 2, 3, 4, 5, 6].map((n) => ({ Pattern: `{"body":{"n":[${n}]}}` })) },
    },
  }),
  wrong('with too large a batch', { SourceParameters: { SqsQueueParameters: { BatchSize: 10_001 } } }),
  wrong('to a FIFO queue without a group', { Target: queueArn('to.fifo') }),
  wrong('wanted to be no state', { DesiredState: 'RESTING' }),
  { name: 'tag a pipe', operation: 'TagResource', input: { resourceArn: pipeArn('carry'), tags: { stage: 'test' } } },
  {
    name: 'take a tag from a pipe',
    operation: 'UntagResource',
    input: { resourceArn: pipeArn('carry'), tagKeys: ['team'] },
  },
  {
    name: 'tags of a pipe',
    operation: 'ListTagsForResource',
    input: { resourceArn: pipeArn('carry') },
    gives: { tags: { stage: 'test' } },
  },
  {
    name: 'tags of no pipe',
    operation: 'ListTagsForResource',
    input: { resourceArn: pipeArn('none') },
    refused: 'NotFoundException',
  },
  {
    name: 'delete a pipe',
    operation: 'DeletePipe',
    input: { Name: 'carry' },
    gives: { Name: 'carry', CurrentState: 'DELETING', DesiredState: 'DELETED' },
  },
  { name: 'delete a pipe again', operation: 'DeletePipe', input: { Name: 'carry' }, refused: 'NotFoundException' },
];

export const pipesWalk: Walk = { service: 'pipes', steps };
