/** A pipe's settings as clients write and read them. */
import type {
  CreatePipeRequest,
  DescribePipeResponse,
  PipeEnrichmentParameters,
  PipeSourceDynamoDBStreamParameters,
  PipeSourceParameters,
  PipeTargetParameters,
  UpdatePipeRequest,
} from '@aws-sdk/client-pipes';
import { parseEventPattern } from '../../resources/event-pattern.ts';
import { targetKind, targetServices } from '../../events/target.ts';
import type { HttpParameters } from '../../resources/event-bus/rule.ts';
import { parseStreamArn } from '../../events/table-notification.ts';
import type { PipeSettings, PipeStep, PipeStream, PipeTarget } from '../../resources/pipe/pipe.ts';
import { parseArn, type Arn } from '../../util/arn.ts';
import { PlatformError, messageOf } from '../../util/errors.ts';
import type { AwsContext } from '../service.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-sqs.html, eb-pipes-dynamodb.html there */
const batchDefaults = { queue: 10, stream: 100 };
/** A batch of more needs time to fill. */
const batchWithoutWindowMax = 10;

const invalid = (message: string, field: string): PlatformError =>
  new PlatformError('invalid_argument', message, { reason: 'ValidationException', field });

const notHere = (field: string, why: string): PlatformError =>
  invalid(`${field} is not available here: ${why}.`, field);

/** `present`: of the pipe that is changed; what an update leaves out stays. */
export function readSettings(
  context: AwsContext,
  input: CreatePipeRequest | UpdatePipeRequest,
  present?: PipeSettings,
): PipeSettings {
  if (input.KmsKeyIdentifier) throw notHere('KmsKeyIdentifier', 'nothing of it is encrypted with keys of callers');
  const source = present?.source ?? ('Source' in input ? (input.Source ?? '') : '');
  checkSource(context, source);
  const enrichmentArn = input.Enrichment === undefined ? present?.enrichment?.arn : input.Enrichment || undefined;
  const { Description: description = present?.description, LogConfiguration: logging = present?.logging } = input;
  const wanted = input.DesiredState ?? (present?.isWanted === false ? 'STOPPED' : 'RUNNING');
  const settings: PipeSettings = {
    isWanted: wanted === 'RUNNING',
    roleArn: input.RoleArn ?? '',
    source,
    ...readSource(context, source, input.SourceParameters, present),
    target: readTarget(input.Target ?? present?.target.arn ?? '', input.TargetParameters, present?.target),
    ...(description !== undefined && { description }),
    ...(enrichmentArn !== undefined && {
      enrichment: readEnrichment(enrichmentArn, input.EnrichmentParameters, present?.enrichment),
    }),
    ...(logging !== undefined && { logging }),
  };
  if (settings.stream === undefined && settings.batchMax > batchWithoutWindowMax && settings.windowMs === 0)
    throw invalid(
      `MaximumBatchingWindowInSeconds must be at least 1 for a BatchSize of more than ${batchWithoutWindowMax}.`,
      'SourceParameters.SqsQueueParameters',
    );
  return settings;
}

function checkSource(context: AwsContext, source: string): void {
  const arn = parseArn(source);
  if (arn?.service !== 'sqs' && parseStreamArn(source) === undefined)
    throw notHere('Source', "queues and tables' streams are built as sources; other streams and brokers are not");
  if (arn?.account !== context.account || arn.region !== context.region)
    throw invalid(`The source ${source} is not in this account and region.`, 'Source');
}

type GivenSource = Pick<PipeSourceParameters, 'FilterCriteria' | 'SqsQueueParameters'> & {
  DynamoDBStreamParameters?: Partial<PipeSourceDynamoDBStreamParameters> | undefined;
};

function readSource(
  context: AwsContext,
  source: string,
  given: GivenSource | undefined,
  present: PipeSettings | undefined,
): Pick<PipeSettings, 'batchMax' | 'windowMs' | 'filters' | 'stream'> {
  const isStream = parseStreamArn(source) !== undefined;
  const own = isStream ? 'DynamoDBStreamParameters' : 'SqsQueueParameters';
  const other = isStream ? 'SqsQueueParameters' : 'DynamoDBStreamParameters';
  if (given?.[other] !== undefined)
    throw invalid(`${other} do not go with the source ${source}.`, `SourceParameters.${other}`);
  const { BatchSize, MaximumBatchingWindowInSeconds: seconds } = given?.[own] ?? {};
  const filters =
    given?.FilterCriteria === undefined
      ? present?.filters
      : given.FilterCriteria.Filters?.map(({ Pattern = '' }) => Pattern);
  for (const filter of filters ?? []) {
    try {
      parseEventPattern(filter);
    } catch (error) {
      const why = messageOf(error);
      throw invalid(`Invalid filter pattern. ${why}`, 'SourceParameters.FilterCriteria');
    }
  }
  return {
    batchMax: BatchSize ?? present?.batchMax ?? batchDefaults[isStream ? 'stream' : 'queue'],
    windowMs: seconds === undefined ? (present?.windowMs ?? 0) : seconds * 1_000,
    ...(filters !== undefined && filters.length > 0 && { filters }),
    ...(isStream && { stream: readStream(context, given?.DynamoDBStreamParameters ?? {}, present?.stream) }),
  };
}

const streamField = 'SourceParameters.DynamoDBStreamParameters';

/** https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_PipeSourceDynamoDBStreamParameters.html */
function readStream(
  context: AwsContext,
  given: Partial<PipeSourceDynamoDBStreamParameters>,
  present: PipeStream | undefined,
): PipeStream {
  const { StartingPosition: position, DeadLetterConfig: deadLetters, OnPartialBatchItemFailure: partial } = given;
  if (present === undefined && position === undefined)
    throw invalid('StartingPosition is required for a stream.', `${streamField}.StartingPosition`);
  const deadLetterArn = deadLetters === undefined ? present?.deadLetterArn : deadLetters.Arn || undefined;
  const arn = deadLetterArn === undefined ? undefined : parseArn(deadLetterArn);
  if (deadLetterArn !== undefined && (!isTold(arn) || arn?.account !== context.account))
    throw invalid(`${deadLetterArn} is no queue or topic of this account.`, `${streamField}.DeadLetterConfig`);
  const retriesMax = limited(present?.retriesMax, given.MaximumRetryAttempts, 1);
  const ageMaxMs = limited(present?.ageMaxMs, given.MaximumRecordAgeInSeconds, 1_000);
  return {
    startAt: position === undefined ? (present?.startAt ?? 'oldest') : position === 'LATEST' ? 'latest' : 'oldest',
    parallel: given.ParallelizationFactor ?? present?.parallel ?? 1,
    bisects: partial === undefined ? (present?.bisects ?? false) : partial === 'AUTOMATIC_BISECT',
    ...(retriesMax !== undefined && { retriesMax }),
    ...(ageMaxMs !== undefined && { ageMaxMs }),
    ...(deadLetterArn !== undefined && { deadLetterArn }),
  };
}

const isTold = (arn: Arn | undefined): boolean => arn?.service === 'sqs' || arn?.service === 'sns';

/** -1 takes a limit away. */
function limited(present: number | undefined, given: number | undefined, unit: number): number | undefined {
  if (given === undefined) return present;
  return given === -1 ? undefined : given * unit;
}

function readEnrichment(
  arn: string,
  given: PipeEnrichmentParameters | undefined,
  present: PipeStep | undefined,
): PipeStep {
  const kind = parseArn(arn);
  const isBuilt =
    kind?.service === 'lambda' || (kind?.service === 'events' && kind.resource.startsWith('api-destination/'));
  if (!isBuilt) throw notHere('Enrichment', 'functions and API destinations are built as enrichments');
  if (given === undefined && present?.arn === arn) return present;
  return {
    arn,
    ...(given?.InputTemplate && { template: given.InputTemplate }),
    ...(given?.HttpParameters !== undefined && { http: readHttp(given.HttpParameters) }),
  };
}

/** What belongs to targets that are not built. */
const foreign = [
  'StepFunctionStateMachineParameters',
  'KinesisStreamParameters',
  'EcsTaskParameters',
  'BatchJobParameters',
  'RedshiftDataParameters',
  'SageMakerPipelineParameters',
  'CloudWatchLogsParameters',
  'TimestreamParameters',
] as const;

function readTarget(arn: string, given: PipeTargetParameters | undefined, present: PipeTarget | undefined): PipeTarget {
  const unbuilt = foreign.find((name) => given?.[name] !== undefined);
  if (unbuilt !== undefined || targetKind(arn, 'pipe') === undefined) {
    throw notHere(unbuilt ?? 'Target', `targets of these services are built: ${targetServices('pipe')}`);
  }
  if (given === undefined && present?.arn === arn) return present;
  const groupId = given?.SqsQueueParameters?.MessageGroupId;
  if (arn.includes(':sqs:') && arn.endsWith('.fifo') && groupId === undefined)
    throw invalid('MessageGroupId must be specified for a FIFO queue.', 'TargetParameters.SqsQueueParameters');
  const bus = given?.EventBridgeEventBusParameters;
  if (bus?.EndpointId !== undefined || bus?.Time !== undefined || bus?.Resources !== undefined)
    throw notHere('TargetParameters.EventBridgeEventBusParameters', 'DetailType and Source are built');
  return {
    arn,
    waits: given?.LambdaFunctionParameters?.InvocationType !== 'FIRE_AND_FORGET',
    ...(given?.InputTemplate && { template: given.InputTemplate }),
    ...(groupId !== undefined && { groupId }),
    ...(given?.HttpParameters !== undefined && { http: readHttp(given.HttpParameters) }),
    ...(bus !== undefined && {
      event: {
        ...(bus.Source !== undefined && { source: bus.Source }),
        ...(bus.DetailType !== undefined && { detailType: bus.DetailType }),
      },
    }),
  };
}

function readHttp({
  PathParameterValues = [],
  QueryStringParameters = {},
  HeaderParameters = {},
}: NonNullable<PipeTargetParameters['HttpParameters']>): HttpParameters {
  return { pathValues: PathParameterValues, query: QueryStringParameters, headers: HeaderParameters };
}

export function settingsShown(settings: PipeSettings): DescribePipeResponse {
  const { description, isWanted, roleArn, source, batchMax, windowMs, filters, enrichment, target, logging } = settings;
  const { stream } = settings;
  return {
    RoleArn: roleArn,
    Source: source,
    DesiredState: isWanted ? 'RUNNING' : 'STOPPED',
    SourceParameters: {
      ...(stream === undefined
        ? { SqsQueueParameters: { BatchSize: batchMax, MaximumBatchingWindowInSeconds: windowMs / 1_000 } }
        : { DynamoDBStreamParameters: streamShown(stream, batchMax, windowMs) }),
      ...(filters !== undefined && { FilterCriteria: { Filters: filters.map((Pattern) => ({ Pattern })) } }),
    },
    Target: target.arn,
    TargetParameters: targetShown(target),
    ...(description !== undefined && { Description: description }),
    ...(enrichment !== undefined && {
      Enrichment: enrichment.arn,
      EnrichmentParameters: {
        ...(enrichment.template !== undefined && { InputTemplate: enrichment.template }),
        ...(enrichment.http !== undefined && { HttpParameters: httpShown(enrichment.http) }),
      },
    }),
    ...(logging !== undefined && {
      LogConfiguration: logging as NonNullable<DescribePipeResponse['LogConfiguration']>,
    }),
  };
}

const streamShown = (
  { startAt, parallel, bisects, retriesMax = -1, ageMaxMs, deadLetterArn }: PipeStream,
  batchMax: number,
  windowMs: number,
): PipeSourceDynamoDBStreamParameters => ({
  BatchSize: batchMax,
  MaximumBatchingWindowInSeconds: windowMs / 1_000,
  StartingPosition: startAt === 'latest' ? 'LATEST' : 'TRIM_HORIZON',
  ParallelizationFactor: parallel,
  MaximumRetryAttempts: retriesMax,
  MaximumRecordAgeInSeconds: ageMaxMs === undefined ? -1 : ageMaxMs / 1_000,
  ...(bisects && { OnPartialBatchItemFailure: 'AUTOMATIC_BISECT' }),
  ...(deadLetterArn !== undefined && { DeadLetterConfig: { Arn: deadLetterArn } }),
});

const targetShown = ({ arn, template, waits, groupId, http, event }: PipeTarget): PipeTargetParameters => ({
  ...(template !== undefined && { InputTemplate: template }),
  ...(arn.includes(':lambda:') && {
    LambdaFunctionParameters: { InvocationType: waits ? 'REQUEST_RESPONSE' : 'FIRE_AND_FORGET' },
  }),
  ...(groupId !== undefined && { SqsQueueParameters: { MessageGroupId: groupId } }),
  ...(http !== undefined && { HttpParameters: httpShown(http) }),
  ...(event !== undefined && {
    EventBridgeEventBusParameters: {
      ...(event.source !== undefined && { Source: event.source }),
      ...(event.detailType !== undefined && { DetailType: event.detailType }),
    },
  }),
});

const httpShown = ({ pathValues, query, headers }: HttpParameters) => ({
  PathParameterValues: [...pathValues],
  QueryStringParameters: query,
  HeaderParameters: headers,
});
