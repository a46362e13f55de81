/** What a mapping of a table's stream is set to, from Lambda's members. */
import type { CreateEventSourceMappingRequest } from '@aws-sdk/client-lambda';
import { parseStreamArn } from '../../events/table-notification.ts';
import { streamActions } from '../../events/receive-permission.ts';
import type { TableSource } from '../../registry/binding.ts';
import type { Stream } from '../../resources/stream/shard.ts';
import type { Access, AwsContext } from '../service.ts';
import { checkStreamDestination, sendAccess, type EventInvokeParts } from './event-invoke-config.ts';
import { invalidParameterValue } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { parseFilters, refuseUnbuilt, type MappingSettings } from './mapping-settings.ts';

type Settings = MappingSettings &
  Pick<
    CreateEventSourceMappingRequest,
    | 'ParallelizationFactor'
    | 'DestinationConfig'
    | 'MaximumRecordAgeInSeconds'
    | 'BisectBatchOnFunctionError'
    | 'MaximumRetryAttempts'
    | 'TumblingWindowInSeconds'
  >;

/** Below it, only -1: as long as there are records. https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html */
const recordAgeSMin = 60;

export const newTableSource = ({ table, label }: Stream, position: string | undefined): TableSource => ({
  kind: 'table',
  table,
  stream: label,
  startAt: position === 'LATEST' ? 'latest' : 'oldest',
  batchMax: 100,
  windowMs: 0,
  parallel: 1,
  bisects: false,
  reportsFailures: false,
});

/** `present` with what is given in its place. Errors: InvalidParameterValueException. */
export async function changedTableSource(
  parts: EventInvokeParts,
  context: AwsContext,
  present: TableSource,
  input: Settings,
): Promise<TableSource> {
  refuseUnbuilt(input);
  const { BatchSize, MaximumBatchingWindowInSeconds: windowS, FunctionResponseTypes: responses } = input;
  const { OnSuccess, OnFailure } = input.DestinationConfig ?? {};
  if (OnSuccess?.Destination)
    throw invalidParameterValue('Unsupported OnSuccess destination for given event source mapping type.');
  const destination = OnFailure?.Destination;
  if (destination) await checkStreamDestination(parts, context, destination);
  const { MaximumRecordAgeInSeconds: ageS } = input;
  if (ageS !== undefined && ageS !== -1 && ageS < recordAgeSMin)
    throw invalidParameterValue(
      `MaximumRecordAgeInSeconds ${ageS} is not accepted: -1, or from ${recordAgeSMin} to 604800.`,
      { field: 'MaximumRecordAgeInSeconds' },
    );
  const { TumblingWindowInSeconds: tumblingS } = input;
  const { kind, table, stream, startAt } = present;
  const retriesMax = changed(present.retriesMax, input.MaximumRetryAttempts, 1);
  const ageMaxMs = changed(present.ageMaxMs, ageS, 1_000);
  const tumblingMs = changed(present.tumblingMs, tumblingS === 0 ? -1 : tumblingS, 1_000);
  const onFailure = input.DestinationConfig === undefined ? present.onFailure : destination || undefined;
  const filters = input.FilterCriteria === undefined ? present.filters : parseFilters(input.FilterCriteria);
  const enabled = input.Enabled ?? present.enabled;
  return {
    kind,
    table,
    ...(stream !== undefined && { stream }),
    startAt,
    batchMax: BatchSize ?? present.batchMax,
    windowMs: windowS === undefined ? present.windowMs : windowS * 1_000,
    parallel: input.ParallelizationFactor ?? present.parallel,
    bisects: input.BisectBatchOnFunctionError ?? present.bisects,
    reportsFailures: responses === undefined ? present.reportsFailures : responses.includes('ReportBatchItemFailures'),
    ...(retriesMax !== undefined && { retriesMax }),
    ...(ageMaxMs !== undefined && { ageMaxMs }),
    ...(tumblingMs !== undefined && { tumblingMs }),
    ...(onFailure !== undefined && { onFailure }),
    ...(filters !== undefined && { filters }),
    ...(enabled !== undefined && { enabled }),
  };
}

/** -1 takes a limit away. */
function changed(present: number | undefined, given: number | undefined, unit: number): number | undefined {
  if (given === undefined) return present;
  return given === -1 ? undefined : given * unit;
}

/** Errors: InvalidParameterValueException. */
export function streamOfMapping(
  { tableStreams }: Pick<LambdaParts, 'tableStreams'>,
  { account, region }: Pick<AwsContext, 'account' | 'region'>,
  arn: string,
): Stream {
  const name = parseStreamArn(arn);
  const isOurs = name?.account === account && name.region === region;
  const stream = isOurs ? tableStreams.streams.get(account, name.table, name.label) : undefined;
  if (stream === undefined) throw invalidParameterValue(`Stream not found: ${arn}`, { field: 'EventSourceArn' });
  return stream;
}

/** What reading the stream, and telling of what is given up, needs: see `receiveAccess`. */
export const streamAccess = (context: AwsContext, arn: string, input: Settings): readonly Access[] => [
  ...(parseStreamArn(arn) === undefined ? [] : streamActions.map((action) => ({ action, resource: arn }))),
  ...sendAccess(context, input.DestinationConfig?.OnFailure?.Destination ?? ''),
];
