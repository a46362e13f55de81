import type {
  CreateScheduleInput,
  CreateScheduleOutput,
  DeleteScheduleInput,
  GetScheduleInput,
  GetScheduleOutput,
  ListSchedulesInput,
  ListSchedulesOutput,
  UpdateScheduleInput,
} from '@aws-sdk/client-scheduler';
import { scheduleArn } from '../../events/scheduler.ts';
import { serviceActionOf } from '../../events/service-calls.ts';
import { defaultGroup, type ScheduledTarget } from '../../resources/scheduler/scheduled.ts';
import { PlatformError } from '../../util/errors.ts';
import type { Access, AwsContext, OperationEntry } from '../service.ts';
import { pageOf } from '../page.ts';
import { passRole } from '../pass-role.ts';
import { readSettings, settingsShown } from './schedule-settings.ts';
import type { SchedulerParts } from './scheduler-parts.ts';

type Named = { Name?: string | undefined; GroupName?: string | undefined };

const onSchedule = (context: AwsContext, action: string, { Name = '', GroupName = defaultGroup }: Named): Access[] => [
  {
    action: `scheduler:${action}`,
    resource: `arn:aws:scheduler:${context.region}:${context.account}:schedule/${GroupName}/${Name}`,
  },
];

export const createSchedule = ({ schedules, serviceCalls }: SchedulerParts): OperationEntry => ({
  access: (context, input: CreateScheduleInput) => [
    ...onSchedule(context, 'CreateSchedule', input),
    ...passRole('scheduler.amazonaws.com', input.Target?.RoleArn),
  ],
  async run(context: AwsContext, input: CreateScheduleInput): Promise<CreateScheduleOutput> {
    const { Name = '', GroupName = defaultGroup, ClientToken } = input;
    const settings = readSettings(input, serviceCalls);
    checkRole(serviceCalls, context, input, settings.target);
    const made = await schedules.create(context.account, GroupName, Name, settings, ClientToken);
    return { ScheduleArn: scheduleArn(context.region, made) };
  },
});

/** Whatever it leaves out is as it is in a new one. */
export const updateSchedule = ({ schedules, serviceCalls }: SchedulerParts): OperationEntry => ({
  access: (context, input: UpdateScheduleInput) => [
    ...onSchedule(context, 'UpdateSchedule', input),
    ...passRole('scheduler.amazonaws.com', input.Target?.RoleArn),
  ],
  async run(context: AwsContext, input: UpdateScheduleInput): Promise<CreateScheduleOutput> {
    const { Name = '', GroupName = defaultGroup } = input;
    const settings = readSettings(input, serviceCalls);
    checkRole(serviceCalls, context, input, settings.target);
    const changed = await schedules.update(context.account, GroupName, Name, settings);
    return { ScheduleArn: scheduleArn(context.region, changed) };
  },
});

/** The role of a universal target has to be there; those of others are looked at when something is sent. */
function checkRole(
  serviceCalls: SchedulerParts['serviceCalls'],
  { account, region }: AwsContext,
  { Name: name = '', GroupName: group = defaultGroup }: Named,
  { arn, roleArn }: ScheduledTarget,
): void {
  const sourceArn = scheduleArn(region, { account, group, name });
  if (serviceActionOf(arn) === undefined || serviceCalls.mayAssume({ account, roleArn, sourceArn })) return;
  throw new PlatformError(
    'invalid_argument',
    'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.',
    { reason: 'ValidationException', field: 'Target.RoleArn' },
  );
}

export const getSchedule = ({ schedules }: SchedulerParts): OperationEntry => ({
  access: (context, input: GetScheduleInput) => onSchedule(context, 'GetSchedule', input),
  run(context: AwsContext, input: GetScheduleInput): Promise<GetScheduleOutput> {
    const { Name = '', GroupName = defaultGroup } = input;
    const found = schedules.need(context.account, GroupName, Name);
    return Promise.resolve({
      Arn: scheduleArn(context.region, found),
      GroupName: found.group,
      Name: found.name,
      ...settingsShown(found.settings),
      CreationDate: new Date(found.createdMs),
      LastModificationDate: new Date(found.countedFromMs),
    });
  },
});

export const listSchedules = ({ schedules }: SchedulerParts): OperationEntry => ({
  access: (context) => [
    {
      action: 'scheduler:ListSchedules',
      resource: `arn:aws:scheduler:${context.region}:${context.account}:schedule/*/*`,
    },
  ],
  run(context: AwsContext, input: ListSchedulesInput): Promise<ListSchedulesOutput> {
    const { GroupName: group, NamePrefix: prefix = '', State: state } = input;
    if (group !== undefined) schedules.needGroup(context.account, group);
    const found = schedules
      .list(context.account, group)
      .filter(
        ({ name, settings }) =>
          name.startsWith(prefix) && (state === undefined || settings.isEnabled === (state === 'ENABLED')),
      );
    const { page, ...next } = pageOf(
      found,
      { token: input.NextToken, limit: input.MaxResults },
      (one) => `${one.group}/${one.name}`,
    );
    return Promise.resolve({
      Schedules: page.map((one) => ({
        Arn: scheduleArn(context.region, one),
        Name: one.name,
        GroupName: one.group,
        State: one.settings.isEnabled ? 'ENABLED' : 'DISABLED',
        CreationDate: new Date(one.createdMs),
        LastModificationDate: new Date(one.countedFromMs),
        Target: { Arn: one.settings.target.arn },
      })),
      ...next,
    });
  },
});

export const deleteSchedule = ({ schedules }: SchedulerParts): OperationEntry => ({
  access: (context, input: DeleteScheduleInput) => onSchedule(context, 'DeleteSchedule', input),
  async run(context: AwsContext, input: DeleteScheduleInput): Promise<object> {
    await schedules.delete(context.account, input.GroupName ?? defaultGroup, input.Name ?? '');
    return {};
  },
});
