/**
 * Layers, permissions, URLs, concurrency, asynchronous invocation, event source mappings, and invocations. The function
 * `made` is there with versions 1 and 2 and the alias `live` on 1, a URL, the statement `there`, ten reserved and a mapping
 * of the queue `jobs`; and the layer `tools`, version 1.
 */
import {
  AddLayerVersionPermissionCommand,
  AddPermissionCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionUrlConfigCommand,
  DeleteLayerVersionCommand,
  GetEventSourceMappingCommand,
  GetFunctionEventInvokeConfigCommand,
  GetFunctionUrlConfigCommand,
  GetLayerVersionByArnCommand,
  GetLayerVersionCommand,
  GetLayerVersionPolicyCommand,
  GetPolicyCommand,
  GetProvisionedConcurrencyConfigCommand,
  InvokeCommand,
  PublishLayerVersionCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  PutProvisionedConcurrencyConfigCommand,
  RemovePermissionCommand,
  UpdateFunctionConfigurationCommand,
  type AddPermissionCommandInput,
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
const layerArn = (layer: string): string => `arn:aws:lambda:us-east-1:000000000000:layer:${layer}`;
const notThere = 'The resource you requested does not exist.';

const withLayers = (...Layers: string[]) => new UpdateFunctionConfigurationCommand({ FunctionName, Layers });

const wrongLayers: readonly WrongRequest[] = [
  invalid(
    'six layers',
    withLayers(...Array.from({ length: 6 }, (_, index) => layerArn(`layer${index}:1`))),
    /^Cannot reference more than 5 layers\.$/,
    recorded,
  ),
  invalid(
    'an unknown layer',
    withLayers(layerArn('none:1')),
    `Layer version ${layerArn('none:1')} does not exist.`,
    recorded,
  ),
  malformed(
    'a layer without a version',
    withLayers(layerArn('tools')),
    violation('layers', 'Member must satisfy constraint: \\['),
  ),
  notFound(
    'an unknown layer’s version',
    new GetLayerVersionCommand({ LayerName: 'none', VersionNumber: 1 }),
    notThere,
    recorded,
  ),
  notFound(
    'an unknown version of a layer',
    new GetLayerVersionCommand({ LayerName: 'tools', VersionNumber: 9 }),
    notThere,
    recorded,
  ),
  invalid(
    'version 0 of a layer',
    new GetLayerVersionCommand({ LayerName: 'tools', VersionNumber: 0 }),
    'Layer Version Cannot be less than 1',
    recorded,
  ),
  invalid(
    'deleting version 0 of a layer',
    new DeleteLayerVersionCommand({ LayerName: 'tools', VersionNumber: 0 }),
    'Layer Version Cannot be less than 1',
    recorded,
  ),
  malformed(
    'a layer by an ARN without a version',
    new GetLayerVersionByArnCommand({ Arn: layerArn('tools') }),
    violation('arn', inPattern),
  ),
  notFound(
    'the policy of a layer that has none',
    new GetLayerVersionPolicyCommand({ LayerName: 'tools', VersionNumber: 1 }),
    'No policy is associated with the given resource.',
    recorded,
  ),
  malformed(
    'permission for more than reading a layer',
    new AddLayerVersionPermissionCommand({
      LayerName: 'tools',
      VersionNumber: 1,
      StatementId: 'a',
      Action: 'lambda:*',
      Principal: '*',
    }),
    violation('action', inPattern, 'lambda:*'),
  ),
  invalid(
    'a layer of what is no zip',
    new PublishLayerVersionCommand({ LayerName: 'broken', Content: { ZipFile: Buffer.from('not a zip') } }),
    'Could not unzip uploaded file. Please check your file, then try to upload again.',
    recorded,
  ),
];

const permit = (more: Partial<AddPermissionCommandInput>) =>
  new AddPermissionCommand({
    FunctionName,
    StatementId: 'new',
    Action: 'lambda:InvokeFunction',
    Principal: 's3.amazonaws.com',
    ...more,
  });

const wrongPermissions: readonly WrongRequest[] = [
  conflict(
    'a statement that is there',
    permit({ StatementId: 'there' }),
    'The statement id (there) provided already exists. Please provide a new statement id, or remove the existing statement.',
    recorded,
  ),
  invalid(
    'permission for nobody',
    permit({ Principal: 'nobody' }),
    'The provided principal was invalid. Please check the principal and try again.',
    recorded,
  ),
  malformed(
    'permission to do something else',
    permit({ Action: 's3:GetObject' }),
    violation('action', inPattern, 's3:GetObject'),
  ),
  malformed('a statement with a blank', permit({ StatementId: 'a b' }), violation('statementId', inPattern, 'a b')),
  invalid(
    'permission on $LATEST by name',
    permit({ Qualifier: '$LATEST' }),
    'We currently do not support adding policies for $LATEST.',
    recorded,
  ),
  notFound(
    'permission on an unknown function',
    permit({ FunctionName: 'none' }),
    `Function not found: ${arnOf('none')}`,
    recorded,
  ),
  notFound(
    'removing an unknown statement',
    new RemovePermissionCommand({ FunctionName, StatementId: 'none' }),
    'Statement none is not found in resource policy.',
    recorded,
  ),
  notFound(
    'the policy of a version that has none',
    new GetPolicyCommand({ FunctionName, Qualifier: '2' }),
    notThere,
    recorded,
  ),
];

const wrongUrls: readonly WrongRequest[] = [
  conflict(
    'a second URL',
    new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE' }),
    `Failed to create function url config for [functionArn = ${arnOf('made')}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
    recorded,
  ),
  malformed(
    'a URL of a version',
    new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE', Qualifier: '1' }),
    violation('qualifier', inPattern, '1'),
  ),
  malformed(
    'a URL that asks for something else',
    new CreateFunctionUrlConfigCommand({ FunctionName, Qualifier: 'live', AuthType: 'BASIC' as 'NONE' }),
    violation('authType', oneOf('NONE', 'AWS_IAM'), 'BASIC'),
  ),
  malformed(
    'a URL that answers in another way',
    new CreateFunctionUrlConfigCommand({
      FunctionName,
      Qualifier: 'live',
      AuthType: 'NONE',
      InvokeMode: 'LATER' as 'BUFFERED',
    }),
    violation('invokeMode', oneOf('BUFFERED', 'RESPONSE_STREAM'), 'LATER'),
  ),
  malformed(
    'preflights kept for two days',
    new CreateFunctionUrlConfigCommand({
      FunctionName,
      Qualifier: 'live',
      AuthType: 'NONE',
      Cors: { MaxAge: 172_800 },
    }),
    violation('cors.maxAge', atMost(86_400), '172800'),
  ),
  notFound(
    'the URL of an alias that has none',
    new GetFunctionUrlConfigCommand({ FunctionName, Qualifier: 'live' }),
    notThere,
    recorded,
  ),
  notFound(
    'a URL of an unknown function',
    new CreateFunctionUrlConfigCommand({ FunctionName: 'none', AuthType: 'NONE' }),
    /^Function (does not exist|not found: arn:aws:lambda:us-east-1:000000000000:function:none)$/,
    recorded,
  ),
];

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
  notFound('an unknown mapping', new GetEventSourceMappingCommand({ UUID: crypto.randomUUID() }), notThere, recorded),
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

export const wrongAroundFunctions: readonly WrongRequest[] = [
  ...wrongLayers,
  ...wrongPermissions,
  ...wrongUrls,
  ...wrongConcurrency,
  ...wrongEventInvokes,
  ...wrongMappings,
  ...wrongInvocations,
];
