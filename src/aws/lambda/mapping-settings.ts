/** What a mapping of a queue is set to, from Lambda's members. */
import type { CreateEventSourceMappingRequest, FilterCriteria } from '@aws-sdk/client-lambda';
import { parseEventPattern } from '../../resources/event-pattern.ts';
import type { FunctionVersion } from '../../registry/function.ts';
import type { Queue } from '../../resources/queue.ts';
import { parseArn } from '../../util/arn.ts';
import { PlatformError } from '../../util/errors.ts';
import type { Access, AwsContext } from '../service.ts';
import { whatIsLacking, type Mapping, type MappingParts, type QueueMapping } from './event-source-mapping.ts';
import { existingVersion, type FoundVersion, type FunctionReference } from './function-reference.ts';
import { invalidParameterValue, notHere } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';

type Source = QueueMapping['source'];
export type MappingSettings = Pick<
  CreateEventSourceMappingRequest,
  | 'Enabled'
  | 'BatchSize'
  | 'MaximumBatchingWindowInSeconds'
  | 'FunctionResponseTypes'
  | 'FilterCriteria'
  | 'ScalingConfig'
  | 'KMSKeyArn'
  | 'MetricsConfig'
  | 'ProvisionedPollerConfig'
>;

/** Filters of one mapping. https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html */
const filtersMax = 5;
/** A batch as large as this may be gathered in no time. */
const unwindowedBatchMax = 10;

const newMappingSource = (queue: string): Source => ({
  kind: 'queue',
  queue,
  batchMax: 10,
  windowMs: 0,
  reportsFailures: false,
});

/** `present` with what is given in its place. Errors: InvalidParameterValueException. */
function changedSource(present: Source, input: MappingSettings): Source {
  refuseUnbuilt(input);
  const { filters: presentFilters, concurrencyMax: presentMax, enabled: presentEnabled, ...others } = present;
  const enabled = input.Enabled ?? presentEnabled;
  const filters = input.FilterCriteria === undefined ? presentFilters : parseFilters(input.FilterCriteria);
  // An empty ScalingConfig takes the limit away.
  const concurrencyMax = input.ScalingConfig === undefined ? presentMax : input.ScalingConfig.MaximumConcurrency;
  const changed: Source = {
    ...others,
    batchMax: input.BatchSize ?? present.batchMax,
    windowMs:
      input.MaximumBatchingWindowInSeconds === undefined
        ? present.windowMs
        : input.MaximumBatchingWindowInSeconds * 1_000,
    reportsFailures:
      input.FunctionResponseTypes === undefined
        ? present.reportsFailures
        : input.FunctionResponseTypes.includes('ReportBatchItemFailures'),
    ...(enabled === undefined ? {} : { enabled }),
    ...(filters === undefined ? {} : { filters }),
    ...(concurrencyMax === undefined ? {} : { concurrencyMax }),
  };
  if (changed.batchMax > unwindowedBatchMax && changed.windowMs === 0) {
    throw invalidParameterValue(
      `Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than ${unwindowedBatchMax}`,
    );
  }
  return changed;
}

/** Errors: InvalidParameterValueException. */
export function refuseUnbuilt(input: MappingSettings): void {
  for (const member of ['KMSKeyArn', 'MetricsConfig', 'ProvisionedPollerConfig'] as const) {
    if (input[member] !== undefined && input[member] !== '')
      throw notHere(member, 'a mapping polls as fast as its function takes messages, and its filters are no secret.');
  }
}

/** Errors: InvalidParameterValueException. */
export function parseFilters({ Filters: filters = [] }: FilterCriteria): readonly string[] | undefined {
  if (filters.length > filtersMax)
    throw invalidParameterValue(`FilterCriteria has ${filters.length} filters; a mapping may have ${filtersMax}.`, {
      field: 'FilterCriteria',
    });
  const patterns = filters.map(({ Pattern: pattern = '' }) => {
    try {
      parseEventPattern(pattern);
    } catch (cause) {
      throw invalidParameterValue('Invalid filter pattern definition.', { field: 'FilterCriteria', cause });
    }
    return pattern;
  });
  return patterns.length === 0 ? undefined : patterns;
}

/**
 * What taking messages from the queue needs. On AWS the function's role must have it; roles grant nothing here, so
 * whoever brings queue and function together must. What is no queue is refused later.
 */
export function receiveAccess({ region, account }: AwsContext, text: string): readonly Access[] {
  const { service, resource = '' } = parseArn(text) ?? {};
  if (service !== 'sqs') return [];
  const actions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
  return actions.map((action) => ({ action, resource: `arn:aws:sqs:${region}:${account}:${resource}` }));
}

/** Errors: InvalidParameterValueException, where the function's role lacks what it takes. */
export function checkReceives(
  parts: Pick<MappingParts, 'receiving' | 'tableStreams'>,
  context: Pick<AwsContext, 'region'>,
  mapping: Mapping,
): void {
  const lacking = whatIsLacking(parts, context, mapping);
  if (lacking !== undefined) throw invalidParameterValue(lacking, { field: 'FunctionName' });
}

/** Errors: InvalidParameterValueException, as Lambda tells what SQS told it. */
function queueOfMapping({ queues }: Pick<LambdaParts, 'queues'>, context: AwsContext, text: string): Queue {
  const arn = parseArn(text);
  const isOurs = arn?.account === context.account && arn.region === context.region;
  const queue = isOurs ? queues.get(context.account, arn.resource) : undefined;
  if (queue !== undefined) return queue;
  throw invalidParameterValue(
    'Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.',
    { field: 'EventSourceArn' },
  );
}

/** Of a mapping of a queue: new, or `present` with what is given in its place. Errors: InvalidParameterValueException. */
export function queueMappingSource(
  parts: Pick<LambdaParts, 'queues'>,
  context: AwsContext,
  arn: string,
  version: FunctionVersion,
  input: MappingSettings,
  present?: Source,
): Source {
  const queue = queueOfMapping(parts, context, arn);
  const source = changedSource(present ?? newMappingSource(queue.name), input);
  checkOrdered(queue, source);
  checkVisibility(queue, version);
  return source;
}

/** What FIFO queues do not have. Errors: InvalidParameterValueException. https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html */
function checkOrdered({ name, settings }: Queue, { batchMax, windowMs }: Source): void {
  if (settings.fifo === undefined) return;
  if (batchMax > unwindowedBatchMax)
    throw invalidParameterValue(
      `Maximum batch size for the FIFO queue ${name} is ${unwindowedBatchMax}: it is ${batchMax}.`,
      {
        field: 'BatchSize',
      },
    );
  if (windowMs > 0)
    throw invalidParameterValue(`Batching window is not supported for the FIFO queue ${name}.`, {
      field: 'MaximumBatchingWindowInSeconds',
    });
}

/** A message must stay hidden for as long as the function may take. Errors: InvalidParameterValueException. */
function checkVisibility(queue: Queue, version: FunctionVersion): void {
  const { visibilityMs } = queue.settings;
  const { timeoutMs } = version.settings;
  if (visibilityMs >= timeoutMs) return;
  throw invalidParameterValue(
    `Queue visibility timeout: ${visibilityMs / 1_000} seconds is less than Function timeout: ${timeoutMs / 1_000} seconds`,
  );
}

/** What a mapping calls. Errors: InvalidParameterValueException, where it is not there. */
export async function mappedVersion(
  { registry }: Pick<LambdaParts, 'registry'>,
  reference: FunctionReference,
): Promise<FoundVersion> {
  try {
    return await existingVersion(registry, reference);
  } catch (cause) {
    if (!(cause instanceof PlatformError) || cause.code !== 'not_found') throw cause;
    throw invalidParameterValue('Function does not exist', { field: 'FunctionName', cause });
  }
}
