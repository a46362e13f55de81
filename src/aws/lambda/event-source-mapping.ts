/**
 * Event source mappings as Lambda names them, over the registry's bindings of queues and of tables' streams: those that were
 * made here, and those that deployments made. https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html
 *
 * Gaps: queues and tables' streams alone are polled (event-source-kinds.ts says what of the others is checked); provisioned pollers,
 * metrics, logging and keys of a mapping are refused by name. By design: Creating and Enabling are what an operation
 * answers, and have come true by then; Updating, Disabling and Deleting last as long as batches of before run.
 */
import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import { receiptOfQueue, receiptOfStream } from '../../events/receive-permission.ts';
import { streamOf, type TableBinding } from '../../events/table.ts';
import { arnOfStream } from '../../events/table-notification.ts';
import { tableArn } from '../../resources/table/table.ts';
import type { Binding, BindingSource } from '../../registry/binding.ts';
import { derivedUuid, functionArn, latestVersion, type AccountId } from '../../util/ids.ts';
import type { Access, AwsContext } from '../service.ts';
import { resourceConflict, resourceNotFound } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { tableMappingMembers } from './table-mapping-members.ts';

export type MappingParts = Pick<
  LambdaParts,
  | 'registry'
  | 'bindings'
  | 'draining'
  | 'inTurn'
  | 'queues'
  | 'topics'
  | 'buses'
  | 'buckets'
  | 'tableStreams'
  | 'streamResults'
  | 'receiving'
  | 'clock'
  | 'ids'
>;

export type QueueMapping = Binding & { source: Extract<BindingSource, { kind: 'queue' }> };
export type Mapping = QueueMapping | TableBinding;

export const isTableMapping = (mapping: Mapping): mapping is TableBinding => mapping.source.kind === 'table';

export type MappingState = 'Creating' | 'Updating' | 'Enabling' | 'Disabling' | 'Deleting';

/** What is changed in turn. */
export const mappingsOf = (account: AccountId): string => `mappings of ${account}`;

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A deployment's bindings have ids of their own kind. */
export const uuidOf = ({ id }: Pick<Binding, 'id'>): string =>
  uuidPattern.test(id) ? id : derivedUuid('event source mapping', id);

export function mappings({ bindings }: Pick<LambdaParts, 'bindings'>, account: AccountId): Mapping[] {
  return [...bindings.ofKind('queue'), ...bindings.ofKind('table')]
    .filter((binding) => binding.account === account)
    .toSorted((one, other) => (uuidOf(one) < uuidOf(other) ? -1 : 1));
}

/** With those that are deleted and still run something. */
export function shownMappings(parts: Pick<LambdaParts, 'bindings' | 'draining'>, account: AccountId): Mapping[] {
  const present = mappings(parts, account);
  const gone = (parts.draining?.of(account) ?? []).filter(
    (binding): binding is Mapping =>
      (binding.source.kind === 'queue' || binding.source.kind === 'table') &&
      !present.some((mapping) => mapping.id === binding.id),
  );
  return [...present, ...gone].toSorted((one, other) => (uuidOf(one) < uuidOf(other) ? -1 : 1));
}

/** What a mapping is, or is becoming as long as something of before runs. */
function stateOf(
  parts: Pick<LambdaParts, 'bindings' | 'draining'>,
  { account, id, source }: Mapping,
): MappingState | 'Enabled' | 'Disabled' {
  const isDraining = parts.draining?.of(account).some((binding) => binding.id === id) ?? false;
  const isPresent = mappings(parts, account).some((mapping) => mapping.id === id);
  if (!isPresent) return 'Deleting';
  if (source.enabled === false) return isDraining ? 'Disabling' : 'Disabled';
  return isDraining ? 'Updating' : 'Enabled';
}

/** Errors: ResourceNotFoundException. */
export function existingMapping(parts: Pick<LambdaParts, 'bindings'>, account: AccountId, uuid = ''): Mapping {
  const found = mappings(parts, account).find((mapping) => uuidOf(mapping) === uuid.toLowerCase());
  if (found === undefined) throw resourceNotFound('The resource you requested does not exist.');
  return found;
}

/** One of a source to one qualifier of a function is enough. Errors: ResourceConflictException. */
export function checkNotMapped(
  parts: Pick<LambdaParts, 'bindings' | 'tableStreams'>,
  { region }: Pick<AwsContext, 'region'>,
  mapping: Mapping,
): void {
  const arn = sourceArn(parts, region, mapping);
  const same = mappings(parts, mapping.account).find(
    (other) =>
      other.id !== mapping.id &&
      other.functionName === mapping.functionName &&
      other.qualifier === mapping.qualifier &&
      sourceArn(parts, region, other) === arn,
  );
  if (same === undefined) return;
  throw resourceConflict(
    `An event source mapping with ${mapping.source.kind === 'queue' ? 'SQS' : 'event source'} arn (" ${arn} ") and function (" ${mapping.functionName} ") already exists. Please update or delete the existing mapping with UUID ${uuidOf(same)}`,
  );
}

export const mappingAccess =
  (action: string) =>
  ({ region, account }: AwsContext, { UUID: uuid = '' }: { UUID?: string | undefined }): readonly Access[] => [
    // In one spelling, as `existingMapping` reads it.
    { action, resource: mappingArn(region, account, uuid.toLowerCase()) },
  ];

const mappingArn = (region: string, account: AccountId, uuid: string): string =>
  `arn:aws:lambda:${region}:${account}:event-source-mapping:${uuid}`;

/** Of the function as the mapping names it: unqualified for $LATEST. */
export const mappedFunctionArn = (region: string, { account, functionName, qualifier }: Mapping): string => {
  const arn = functionArn(region, account, functionName);
  return qualifier === latestVersion ? arn : `${arn}:${qualifier}`;
};

/** Of a table that has no stream: the table's. */
export function sourceArn(
  { tableStreams }: Pick<LambdaParts, 'tableStreams'>,
  region: string,
  mapping: Mapping,
): string {
  const { account, source } = mapping;
  if (source.kind === 'queue') return `arn:aws:sqs:${region}:${account}:${source.queue}`;
  const { table, stream: label = streamOf(tableStreams, { account, source })?.label } = source;
  return label === undefined
    ? tableArn(region, { account, name: table })
    : arnOfStream(region, { account, table, label });
}

export function mappingConfiguration(
  parts: Pick<LambdaParts, 'tableStreams'>,
  { region }: Pick<AwsContext, 'region'>,
  mapping: Mapping,
  state: MappingState | 'Enabled' | 'Disabled',
): EventSourceMappingConfiguration {
  const { account, source, createdMs, modifiedMs } = mapping;
  const uuid = uuidOf(mapping);
  return {
    UUID: uuid,
    EventSourceMappingArn: mappingArn(region, account, uuid),
    EventSourceArn: sourceArn(parts, region, mapping),
    FunctionArn: mappedFunctionArn(region, mapping),
    BatchSize: source.batchMax,
    MaximumBatchingWindowInSeconds: Math.ceil(source.windowMs / 1_000),
    FunctionResponseTypes: source.reportsFailures ? ['ReportBatchItemFailures'] : [],
    ...(source.filters === undefined
      ? {}
      : { FilterCriteria: { Filters: source.filters.map((Pattern) => ({ Pattern })) } }),
    ...(source.kind === 'table' || source.concurrencyMax === undefined
      ? {}
      : { ScalingConfig: { MaximumConcurrency: source.concurrencyMax } }),
    LastModified: new Date(modifiedMs ?? createdMs),
    State: state,
    StateTransitionReason: 'USER_INITIATED',
    ...(source.kind === 'table' && tableMappingMembers(source)),
  };
}

/** What is looked at where a mapping is shown. */
export type ShownParts = Pick<LambdaParts, 'bindings' | 'draining' | 'receiving' | 'tableStreams' | 'streamResults'>;

/** As it is now; what keeps it from being run is said as Lambda says it of the last time that it tried. */
export function shownMapping(
  parts: ShownParts,
  context: Pick<AwsContext, 'region'>,
  mapping: Mapping,
): EventSourceMappingConfiguration {
  const lacking = mapping.application === undefined ? whatIsLacking(parts, context, mapping) : undefined;
  return {
    ...mappingConfiguration(parts, context, mapping, stateOf(parts, mapping)),
    ...(isTableMapping(mapping) && {
      LastProcessingResult: parts.streamResults.of(mapping) ?? 'No records processed',
    }),
    ...(lacking !== undefined && { LastProcessingResult: `PROBLEM: ${lacking}.` }),
  };
}

/** What its function's role does not allow, in Lambda's words; undefined: nothing. */
export function whatIsLacking(
  { receiving, tableStreams }: Pick<LambdaParts, 'receiving' | 'tableStreams'>,
  { region }: Pick<AwsContext, 'region'>,
  mapping: Mapping,
): string | undefined {
  if (isTableMapping(mapping)) {
    const arn = sourceArn({ tableStreams }, region, mapping);
    if (receiving.whyNot(receiptOfStream(mapping, arn)) === undefined) return undefined;
    return `Cannot access stream ${arn}. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, and ListStreams Actions on your stream in DynamoDB`;
  }
  const lacking = receiving.whyNot(receiptOfQueue(region, mapping));
  if (lacking === undefined) return undefined;
  return `The function execution role does not have permissions to call ${lacking.action.replace('sqs:', '')} on SQS`;
}
