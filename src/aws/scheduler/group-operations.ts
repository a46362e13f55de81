import type {
  CreateScheduleGroupInput,
  CreateScheduleGroupOutput,
  DeleteScheduleGroupInput,
  GetScheduleGroupInput,
  GetScheduleGroupOutput,
  ListScheduleGroupsInput,
  ListScheduleGroupsOutput,
  ListTagsForResourceInput,
  ListTagsForResourceOutput,
  ScheduleGroupSummary,
  TagResourceInput,
  UntagResourceInput,
} from '@aws-sdk/client-scheduler';
import { defaultGroup, type ScheduleGroup } from '../../resources/scheduler/scheduled.ts';
import { parseArn } from '../../util/arn.ts';
import { PlatformError } from '../../util/errors.ts';
import type { Access, AwsContext, OperationEntry } from '../service.ts';
import { pageOf } from '../page.ts';
import type { SchedulerParts } from './scheduler-parts.ts';

const groupArn = ({ region, account }: AwsContext, name: string): string =>
  `arn:aws:scheduler:${region}:${account}:schedule-group/${name}`;

const onGroup = (context: AwsContext, action: string, name = ''): Access[] => [
  { action: `scheduler:${action}`, resource: groupArn(context, name) },
];

const onArn = (action: string, arn = ''): Access[] => [{ action: `scheduler:${action}`, resource: arn }];

export const createScheduleGroup = ({ schedules }: SchedulerParts): OperationEntry => ({
  access: (context, input: CreateScheduleGroupInput) => onGroup(context, 'CreateScheduleGroup', input.Name),
  async run(context: AwsContext, input: CreateScheduleGroupInput): Promise<CreateScheduleGroupOutput> {
    const tags = Object.fromEntries((input.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
    const { name } = await schedules.createGroup(context.account, input.Name ?? '', {
      tags,
      ...(input.ClientToken !== undefined && { clientToken: input.ClientToken }),
    });
    return { ScheduleGroupArn: groupArn(context, name) };
  },
});

export const getScheduleGroup = ({ schedules }: SchedulerParts): OperationEntry => ({
  access: (context, input: GetScheduleGroupInput) => onGroup(context, 'GetScheduleGroup', input.Name),
  run(context: AwsContext, input: GetScheduleGroupInput): Promise<GetScheduleGroupOutput> {
    return Promise.resolve(shown(context, schedules.needGroup(context.account, input.Name ?? '')));
  },
});

export const listScheduleGroups = ({ schedules }: SchedulerParts): OperationEntry => ({
  access: (context) => onGroup(context, 'ListScheduleGroups', '*'),
  run(context: AwsContext, input: ListScheduleGroupsInput): Promise<ListScheduleGroupsOutput> {
    const { NamePrefix: prefix = '' } = input;
    const found = schedules.groups(context.account).filter(({ name }) => name.startsWith(prefix));
    const { page, ...next } = pageOf(found, { token: input.NextToken, limit: input.MaxResults }, ({ name }) => name);
    return Promise.resolve({ ScheduleGroups: page.map((group) => shown(context, group)), ...next });
  },
});

/** With all its schedules. */
export const deleteScheduleGroup = ({ schedules }: SchedulerParts): OperationEntry => ({
  access: (context, input: DeleteScheduleGroupInput) => onGroup(context, 'DeleteScheduleGroup', input.Name),
  async run(context: AwsContext, input: DeleteScheduleGroupInput): Promise<object> {
    const { Name: name = '' } = input;
    if (name === defaultGroup)
      throw new PlatformError('invalid_argument', 'The default schedule group cannot be deleted.', {
        reason: 'ValidationException',
      });
    await schedules.deleteGroup(context.account, name);
    return {};
  },
});

export const tagResource = ({ schedules }: SchedulerParts): OperationEntry => ({
  access: (_context, input: TagResourceInput) => onArn('TagResource', input.ResourceArn),
  async run(context: AwsContext, input: TagResourceInput): Promise<object> {
    const more = Object.fromEntries((input.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
    await schedules.updateGroup(context.account, groupIn(context, input.ResourceArn), ({ tags }) => ({
      tags: { ...tags, ...more },
    }));
    return {};
  },
});

export const untagResource = ({ schedules }: SchedulerParts): OperationEntry => ({
  access: (_context, input: UntagResourceInput) => onArn('UntagResource', input.ResourceArn),
  async run(context: AwsContext, input: UntagResourceInput): Promise<object> {
    const { TagKeys: names = [] } = input;
    await schedules.updateGroup(context.account, groupIn(context, input.ResourceArn), ({ tags }) => ({
      tags: Object.fromEntries(Object.entries(tags).filter(([name]) => !names.includes(name))),
    }));
    return {};
  },
});

export const listTagsForResource = ({ schedules }: SchedulerParts): OperationEntry => ({
  access: (_context, input: ListTagsForResourceInput) => onArn('ListTagsForResource', input.ResourceArn),
  run(context: AwsContext, input: ListTagsForResourceInput): Promise<ListTagsForResourceOutput> {
    const { tags } = schedules.needGroup(context.account, groupIn(context, input.ResourceArn));
    return Promise.resolve({ Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) });
  },
});

/** Groups have tags, schedules none. */
function groupIn({ account }: AwsContext, given: string | undefined): string {
  const arn = given === undefined ? undefined : parseArn(given);
  if (arn?.service === 'scheduler' && arn.account === account && arn.resource.startsWith('schedule-group/'))
    return arn.resource.slice('schedule-group/'.length);
  throw new PlatformError('invalid_argument', `${given} is not the ARN of a schedule group of this account.`, {
    reason: 'ValidationException',
    field: 'ResourceArn',
  });
}

const shown = (context: AwsContext, { name, createdMs, modifiedMs }: ScheduleGroup): ScheduleGroupSummary => ({
  Arn: groupArn(context, name),
  Name: name,
  State: 'ACTIVE',
  CreationDate: new Date(createdMs),
  LastModificationDate: new Date(modifiedMs),
});
