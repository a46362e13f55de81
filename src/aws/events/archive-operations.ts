import type {
  Archive as ListedArchive,
  CreateArchiveRequest,
  CreateArchiveResponse,
  DeleteArchiveRequest,
  DescribeArchiveRequest,
  DescribeArchiveResponse,
  ListArchivesRequest,
  ListArchivesResponse,
  UpdateArchiveRequest,
  UpdateArchiveResponse,
} from '@aws-sdk/client-eventbridge';
import type { Archive } from '../../resources/event-bus/event-bus.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { checkPattern, invalid, notHere } from './events-errors.ts';
import type { EventsParts } from './events-parts.ts';
import { pageOf } from '../page.ts';
import { archiveArn, busArn, nameInArn, onResource } from './reference.ts';

const onArchive = (context: AwsContext, action: string, name: string | undefined) =>
  onResource(context, action, `archive/${name ?? ''}`);

export const createArchive = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: CreateArchiveRequest) => onArchive(context, 'CreateArchive', input.ArchiveName),
  async run(context: AwsContext, input: CreateArchiveRequest): Promise<CreateArchiveResponse> {
    const { Description: description, EventPattern: pattern, RetentionDays: retentionDays = 0 } = input;
    if (pattern) checkPattern(pattern);
    if (input.KmsKeyIdentifier) throw notHere('KmsKeyIdentifier', 'nothing of it is encrypted with keys of callers');
    const archive = await buses.createArchive({
      account: context.account,
      name: input.ArchiveName ?? '',
      bus: nameInArn(context, input.EventSourceArn, 'event-bus', 'EventSourceArn'),
      retentionDays,
      ...(description !== undefined && { description }),
      ...(pattern && { pattern }),
    });
    return state(context, archive);
  },
});

export const updateArchive = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: UpdateArchiveRequest) => onArchive(context, 'UpdateArchive', input.ArchiveName),
  async run(context: AwsContext, input: UpdateArchiveRequest): Promise<UpdateArchiveResponse> {
    const { Description: description, EventPattern: pattern, RetentionDays: retentionDays } = input;
    if (pattern) checkPattern(pattern);
    const archive = await buses.updateArchive(context.account, input.ArchiveName ?? '', {
      ...(description !== undefined && { description }),
      ...(pattern && { pattern }),
      ...(retentionDays !== undefined && { retentionDays }),
    });
    return state(context, archive);
  },
});

export const describeArchive = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: DescribeArchiveRequest) => onArchive(context, 'DescribeArchive', input.ArchiveName),
  async run(context: AwsContext, input: DescribeArchiveRequest): Promise<DescribeArchiveResponse> {
    const archive = buses.needArchive(context.account, input.ArchiveName ?? '');
    return {
      ...(await listed(buses, context, archive)),
      ArchiveArn: archiveArn(context, archive),
      ...(archive.description !== undefined && { Description: archive.description }),
      ...(archive.pattern !== undefined && { EventPattern: archive.pattern }),
    };
  },
});

export const listArchives = ({ buses }: EventsParts): OperationEntry => ({
  access: (context) => onResource(context, 'ListArchives', '*'),
  async run(context: AwsContext, input: ListArchivesRequest): Promise<ListArchivesResponse> {
    const { NamePrefix: prefix, EventSourceArn: source, State: wanted } = input;
    if ([prefix, source, wanted].filter((one) => one !== undefined).length > 1)
      throw invalid(
        'At most one filter is allowed for ListArchives. Use either : State, EventSourceArn, or NamePrefix.',
      );
    const found = buses
      .archives(context.account)
      .filter(
        (archive) =>
          archive.name.startsWith(prefix ?? '') &&
          (source === undefined || source === sourceArn(context, archive)) &&
          (wanted === undefined || wanted === 'ENABLED'),
      );
    const { page, ...next } = pageOf(found, { token: input.NextToken, limit: input.Limit }, ({ name }) => name);
    return { Archives: await Promise.all(page.map((archive) => listed(buses, context, archive))), ...next };
  },
});

export const deleteArchive = ({ buses }: EventsParts): OperationEntry => ({
  access: (context, input: DeleteArchiveRequest) => onArchive(context, 'DeleteArchive', input.ArchiveName),
  async run(context: AwsContext, input: DeleteArchiveRequest): Promise<object> {
    await buses.deleteArchive(context.account, input.ArchiveName ?? '');
    return {};
  },
});

const sourceArn = (context: AwsContext, { account, bus }: Archive): string => busArn(context, { account, name: bus });

const state = (context: AwsContext, archive: Archive): CreateArchiveResponse => ({
  ArchiveArn: archiveArn(context, archive),
  State: 'ENABLED',
  CreationTime: new Date(archive.createdMs),
});

async function listed(buses: EventsParts['buses'], context: AwsContext, archive: Archive): Promise<ListedArchive> {
  const { count, bytes } = await buses.archived(archive);
  return {
    ArchiveName: archive.name,
    EventSourceArn: sourceArn(context, archive),
    State: 'ENABLED',
    RetentionDays: archive.retentionDays,
    SizeBytes: bytes,
    EventCount: count,
    CreationTime: new Date(archive.createdMs),
  };
}
