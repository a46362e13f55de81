/**
 * The kinds of event source that Lambda polls, and what a mapping of each may say. Those that are not here are checked
 * as Lambda checks them, and then refused by name.
 * https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
 */
import type { CreateEventSourceMappingRequest } from '@aws-sdk/client-lambda';
import { parseArn } from '../../util/arn.ts';
import { invalidParameterValue, notHere } from './lambda-errors.ts';

type Member = Exclude<keyof CreateEventSourceMappingRequest, 'FunctionName' | 'EventSourceArn'>;

type SourceKind = {
  /** For people, in a sentence about several. */
  name: string;
  /** What such a mapping takes beside the function, the source, Enabled, BatchSize and Tags. */
  members: readonly Member[];
  /** What it cannot do without. */
  required: readonly Member[];
  positions: readonly string[];
};

const stream: readonly Member[] = [
  'FilterCriteria',
  'MaximumBatchingWindowInSeconds',
  'ParallelizationFactor',
  'StartingPosition',
  'StartingPositionTimestamp',
  'DestinationConfig',
  'MaximumRecordAgeInSeconds',
  'BisectBatchOnFunctionError',
  'MaximumRetryAttempts',
  'TumblingWindowInSeconds',
  'FunctionResponseTypes',
  'KMSKeyArn',
  'MetricsConfig',
];
const kafka: readonly Member[] = [
  'FilterCriteria',
  'MaximumBatchingWindowInSeconds',
  'StartingPosition',
  'StartingPositionTimestamp',
  'DestinationConfig',
  'Topics',
  'SourceAccessConfigurations',
  'KMSKeyArn',
  'MetricsConfig',
  'LoggingConfig',
  'ProvisionedPollerConfig',
  'BisectBatchOnFunctionError',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'FunctionResponseTypes',
];
const anyTime = ['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP'];

export const sourceKinds = {
  queue: {
    name: 'SQS queues',
    members: [
      'FilterCriteria',
      'MaximumBatchingWindowInSeconds',
      'FunctionResponseTypes',
      'ScalingConfig',
      'KMSKeyArn',
      'MetricsConfig',
      'ProvisionedPollerConfig',
    ],
    required: [],
    positions: [],
  },
  kinesis: { name: 'Kinesis streams', members: stream, required: ['StartingPosition'], positions: anyTime },
  dynamodb: {
    name: 'DynamoDB streams',
    members: stream,
    required: ['StartingPosition'],
    positions: ['TRIM_HORIZON', 'LATEST'],
  },
  msk: {
    name: 'Amazon MSK clusters',
    members: [...kafka, 'AmazonManagedKafkaEventSourceConfig'],
    required: ['StartingPosition', 'Topics'],
    positions: anyTime,
  },
  kafka: {
    name: 'Kafka clusters',
    members: [...kafka, 'SelfManagedEventSource', 'SelfManagedKafkaEventSourceConfig'],
    required: ['StartingPosition', 'Topics', 'SourceAccessConfigurations'],
    positions: anyTime,
  },
  broker: {
    name: 'Amazon MQ brokers',
    members: ['FilterCriteria', 'MaximumBatchingWindowInSeconds', 'Queues', 'SourceAccessConfigurations', 'KMSKeyArn'],
    required: ['Queues', 'SourceAccessConfigurations'],
    positions: [],
  },
  documents: {
    name: 'DocumentDB clusters',
    members: [
      'MaximumBatchingWindowInSeconds',
      'StartingPosition',
      'StartingPositionTimestamp',
      'DocumentDBEventSourceConfig',
      'SourceAccessConfigurations',
      'KMSKeyArn',
    ],
    required: ['StartingPosition', 'DocumentDBEventSourceConfig', 'SourceAccessConfigurations'],
    positions: anyTime,
  },
} as const satisfies Readonly<Record<string, SourceKind>>;

export type SourceKindName = keyof typeof sourceKinds;

const byService: Readonly<Record<string, SourceKindName>> = {
  sqs: 'queue',
  kinesis: 'kinesis',
  dynamodb: 'dynamodb',
  kafka: 'msk',
  mq: 'broker',
  rds: 'documents',
};

type SourceInput = Pick<CreateEventSourceMappingRequest, 'EventSourceArn' | 'SelfManagedEventSource'>;

/** Errors: InvalidParameterValueException. */
export function sourceKindOf({ EventSourceArn: text, SelfManagedEventSource: own }: SourceInput): SourceKindName {
  if (own !== undefined && text !== undefined)
    throw invalidParameterValue('EventSourceArn and SelfManagedEventSource cannot be given together.');
  const kind = own === undefined ? byService[parseArn(text ?? '')?.service ?? ''] : 'kafka';
  if (kind === undefined) throw invalidParameterValue('Unrecognized event source.');
  return kind;
}

const common: readonly string[] = ['FunctionName', 'EventSourceArn', 'UUID', 'Enabled', 'BatchSize', 'Tags'];

const isGiven = (value: unknown): boolean => value !== undefined && !(Array.isArray(value) && value.length === 0);

/** Whether what is given goes with this kind of source. Errors: InvalidParameterValueException. */
export function checkMembers(kindName: SourceKindName, input: Readonly<Record<string, unknown>>): void {
  const kind: SourceKind = sourceKinds[kindName];
  const { members, positions } = kind;
  for (const [member, value] of Object.entries(input)) {
    if (!isGiven(value) || common.includes(member) || members.some((known) => known === member)) continue;
    if (member === 'StartingPosition' && kindName === 'queue')
      throw invalidParameterValue('Invalid request provided: StartingPosition is not valid for SQS event sources.', {
        field: member,
      });
    throw invalidParameterValue(`Unsupported ${member} parameter for given event source mapping type.`, {
      field: member,
    });
  }
  const position = input['StartingPosition'];
  if (typeof position === 'string' && !positions.includes(position))
    throw invalidParameterValue(`Unsupported starting position for arn type: ${String(input['EventSourceArn'])}`);
  if (position === 'AT_TIMESTAMP' && input['StartingPositionTimestamp'] === undefined)
    throw invalidParameterValue('StartingPositionTimestamp is required when StartingPosition is AT_TIMESTAMP.');
}

/** What a new mapping of this kind cannot do without. Errors: InvalidParameterValueException. */
export function checkRequired(kindName: SourceKindName, input: Readonly<Record<string, unknown>>): void {
  const kind: SourceKind = sourceKinds[kindName];
  for (const member of kind.required) {
    if (isGiven(input[member])) continue;
    const name = member.slice(0, 1).toLowerCase() + member.slice(1);
    throw invalidParameterValue(
      member === 'StartingPosition'
        ? `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null.`
        : `Required '${name}' parameter is missing.`,
      { field: member },
    );
  }
}

/** Errors: InvalidParameterValueException, for the kinds that no service here has. */
export function checkRunsHere(kindName: SourceKindName): asserts kindName is 'queue' | 'dynamodb' {
  if (kindName === 'queue' || kindName === 'dynamodb') return;
  throw notHere(
    `An event source mapping of ${sourceKinds[kindName].name}`,
    `this platform has no such service; those of ${sourceKinds.queue.name} and ${sourceKinds.dynamodb.name} run here.`,
  );
}
