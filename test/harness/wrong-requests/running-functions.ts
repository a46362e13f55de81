/**
 * Concurrency, asynchronous invocation, event source mappings, and invocations. The function `made` is there with
 * versions 1 and 2, ten reserved and a mapping of the queue `jobs`; and the queues `other` and `hasty`.
 */
import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  GetFunctionEventInvokeConfigCommand,
  GetProvisionedConcurrencyConfigCommand,
  InvokeCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  PutProvisionedConcurrencyConfigCommand,
  UpdateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  type InvokeCommandInput,
} from '@aws-sdk/client-lambda';
import { arnOf } from '../lambda-rig.ts';
import {
  atLeast,
  atMost,
  conflict,
  inPattern,
  invalid,
  malformed,
  notFound,
  oneOf,
  sources,
  violation,
  type WrongRequest,
} from './wrong-request.ts';

const { recorded } = sources;
const FunctionName = 'made';
const queueArn = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const unknownId = '14e0db71-5d35-4eb5-b481-8945cf9d10c2';
const notThere = 'The resource you requested does not exist.';

const reserve = (ReservedConcurrentExecutions: number, name = FunctionName) =>
  new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions });
const provision = (Qualifier: string, ProvisionedConcurrentExecutions: number) =>
  new PutProvisionedConcurrencyConfigCommand({ FunctionName, Qualifier, ProvisionedConcurrentExecutions });

const wrongConcurrency: readonly WrongRequest[] = [
  malformed('fewer than none reserved', reserve(-1), violation('reservedConcurrentExecutions', atLeast(0), '-1')),
  invalid(
    'so many reserved that too few are left',
    reserve(901),
    /^Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of \[100\]\.$/,
    recorded,
  ),
  invalid(
    'reserved for a version',
    reserve(5, `${arnOf('made')}:1`),
    'This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.',
    recorded,
  ),
  malformed('none provisioned', provision('2', 0), violation('provisionedConcurrentExecutions', atLeast(1), '0')),
  invalid(
    'provisioned on $LATEST',
    provision('$LATEST', 1),
    'Provisioned Concurrency Configs cannot be applied to unpublished function versions.',
    recorded,
  ),
  invalid(
    'more provisioned than reserved',
    provision('2', 11),
    'Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function',
    recorded,
  ),
  notFound(
    'reserved for an unknown function',
    reserve(5, 'none'),
    /^Function not found: arn:aws:lambda:us-east-1:000000000000:function:none(:\$LATEST)?$/,
    recorded,
  ),
  notFound(
    'provisioned on an unknown version',
    provision('99', 1),
    `Function not found: ${arnOf('made')}:99`,
    recorded,
  ),
  notFound(
    'provisioned on an unknown alias',
    provision('none', 1),
    `Cannot find alias arn: ${arnOf('made')}:none`,
    recorded,
  ),
  {
    what: 'what is provisioned where nothing is',
    command: new GetProvisionedConcurrencyConfigCommand({ FunctionName, Qualifier: '2' }),
    status: 404,
    code: 'ProvisionedConcurrencyConfigNotFoundException',
    message: 'No Provisioned Concurrency Config found for this function',
    source: recorded,
  },
];

const onFailure = (Destination: string) =>
  new PutFunctionEventInvokeConfigCommand({ FunctionName, DestinationConfig: { OnFailure: { Destination } } });

const wrongEventInvokes: readonly WrongRequest[] = [
  invalid(
    'asynchronous settings that set nothing',
    new PutFunctionEventInvokeConfigCommand({ FunctionName }),
    'You must specify at least one of error handling or destination setting.',
    recorded,
  ),
  malformed(
    'three retries',
    new PutFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 3 }),
    violation('maximumRetryAttempts', atMost(2), '3'),
  ),
  malformed(
    'an age of 59 seconds',
    new PutFunctionEventInvokeConfigCommand({ FunctionName, MaximumEventAgeInSeconds: 59 }),
    violation('maximumEventAgeInSeconds', atLeast(60), '59'),
  ),
  malformed(
    'an age of more than six hours',
    new PutFunctionEventInvokeConfigCommand({ FunctionName, MaximumEventAgeInSeconds: 21_601 }),
    violation('maximumEventAgeInSeconds', atMost(21_600), '21601'),
  ),
  invalid(
    'a destination of a service that is none',
    onFailure('arn:aws:iam::000000000000:role/any'),
    'The provided destination config DestinationConfig(onSuccess=null, onFailure=OnFailure(destination=arn:aws:iam::000000000000:role/any)) is invalid.',
    recorded,
  ),
  malformed(
    'a destination that is no ARN',
    onFailure('jobs'),
    violation('destinationConfig.onFailure.destination', inPattern, 'jobs'),
  ),
  invalid(
    'a function as destination that is not there',
    onFailure(arnOf('none')),
    `The destination ARN ${arnOf('none')} is invalid.`,
    recorded,
  ),
  invalid(
    'itself as destination',
    onFailure(arnOf('made')),
    "You can't specify the function as a destination for itself.",
    recorded,
  ),
  notFound(
    'asynchronous settings where there are none',
    new GetFunctionEventInvokeConfigCommand({ FunctionName, Qualifier: '2' }),
    `The function ${arnOf('made')}:2 doesn't have an EventInvokeConfig`,
    recorded,
  ),
  notFound(
    'asynchronous settings of an unknown function',
    new PutFunctionEventInvokeConfigCommand({ FunctionName: 'none', MaximumRetryAttempts: 1 }),
    "The function doesn't exist.",
    recorded,
  ),
];

const map = (more: Partial<CreateEventSourceMappingCommandInput>) =>
  new CreateEventSourceMappingCommand({ FunctionName, EventSourceArn: queueArn('other'), ...more });

const wrongMappings: readonly WrongRequest[] = [
  conflict(
    'a mapping that is there',
    map({ EventSourceArn: queueArn('jobs') }),
    /^An event source mapping with SQS arn \(" arn:aws:sqs:us-east-1:000000000000:jobs "\) and function \(" made "\) already exists\. Please update or delete the existing mapping with UUID [0-9a-f-]{36}$/,
    'https://github.com/aws/chalice/issues/2146',
  ),
  invalid(
    'a mapping of an unknown queue',
    map({ EventSourceArn: queueArn('none') }),
    /^Error occurred while ReceiveMessage\. SQS Error Code: AWS\.SimpleQueueService\.NonExistentQueue\. SQS Error Message: The specified queue does not exist/,
    recorded,
  ),
  invalid(
    'a mapping to an unknown function',
    map({ FunctionName: 'none' }),
    /^Function does not exist$|^Function not found: /,
    recorded,
  ),
  malformed('a batch of 10,001', map({ BatchSize: 10_001 }), violation('batchSize', atMost(10_000), '10001')),
  invalid(
    'a batch of 11 without a window',
    map({ BatchSize: 11 }),
    'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
    recorded,
  ),
  invalid(
    'a filter that is no pattern',
    map({ FilterCriteria: { Filters: [{ Pattern: '{"body":"not a list"}' }] } }),
    /^Invalid filter pattern definition\./,
    recorded,
  ),
  invalid(
    'a queue whose messages come back too early',
    map({ EventSourceArn: queueArn('hasty') }),
    'Queue visibility timeout: 5 seconds is less than Function timeout: 10 seconds',
    'https://github.com/winglang/wing/issues/1507',
  ),
  invalid(
    'a mapping without a source',
    new CreateEventSourceMappingCommand({ FunctionName }),
    'Unrecognized event source.',
    recorded,
  ),
  malformed(
    'a window of more than five minutes',
    map({ MaximumBatchingWindowInSeconds: 301 }),
    violation('maximumBatchingWindowInSeconds', atMost(300), '301'),
  ),
  malformed(
    'one call at a time from a queue',
    map({ ScalingConfig: { MaximumConcurrency: 1 } }),
    violation('scalingConfig.maximumConcurrency', atLeast(2), '1'),
  ),
  notFound(
    'changing an unknown mapping',
    new UpdateEventSourceMappingCommand({ UUID: unknownId, BatchSize: 1 }),
    notThere,
    recorded,
  ),
  notFound('deleting an unknown mapping', new DeleteEventSourceMappingCommand({ UUID: unknownId }), notThere, recorded),
  notFound('an unknown mapping', new GetEventSourceMappingCommand({ UUID: unknownId }), notThere, recorded),
];

const call = (more: Partial<InvokeCommandInput>) => new InvokeCommand({ FunctionName, ...more });

const wrongInvocations: readonly WrongRequest[] = [
  notFound(
    'calling an unknown function',
    call({ FunctionName: 'none' }),
    `Function not found: ${arnOf('none')}`,
    recorded,
  ),
  notFound(
    'calling an unknown version',
    call({ Qualifier: '99' }),
    `Function not found: ${arnOf('made')}:99`,
    recorded,
  ),
  malformed(
    'calling in another way',
    call({ InvocationType: 'Later' as 'Event' }),
    violation('invocationType', oneOf('Event', 'RequestResponse', 'DryRun'), 'Later'),
  ),
  malformed('all of the log', call({ LogType: 'All' as 'Tail' }), violation('logType', oneOf('None', 'Tail'), 'All')),
  {
    what: 'an event that is not JSON',
    command: call({ Payload: Buffer.from('{oops') }),
    status: 400,
    code: 'InvalidRequestContentException',
    message: /^Could not parse request body into json: /,
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html',
  },
  {
    what: 'an event of 7 MB',
    command: call({ Payload: Buffer.from(`"${'x'.repeat(7_000_000)}"`) }),
    status: 413,
    code: 'RequestEntityTooLargeException',
    message:
      /^(Request must be smaller than 6291456 bytes for the InvokeFunction operation|\d+ byte payload is too large for the RequestResponse invocation type \(limit 6291456 bytes\))$/,
    source: 'https://github.com/ASFHyP3/hyp3/issues/2241',
  },
  {
    what: 'an asynchronous event of more than 1 MB',
    command: call({ InvocationType: 'Event', Payload: Buffer.from(`"${'x'.repeat(1_048_576)}"`) }),
    status: 413,
    code: 'RequestEntityTooLargeException',
    message:
      /^(Request must be smaller than 1048576 bytes for the InvokeFunction operation|1048578 byte payload is too large for the Event invocation type \(limit 1048576 bytes\))$/,
    source: 'https://github.com/ASFHyP3/hyp3/issues/2241',
  },
];

export const wrongRunning: readonly WrongRequest[] = [
  ...wrongConcurrency,
  ...wrongEventInvokes,
  ...wrongMappings,
  ...wrongInvocations,
];
