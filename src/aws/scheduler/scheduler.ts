/**
 * Amazon EventBridge Scheduler over resources/scheduler/: schedules and their groups. Targets are those of
 * events/target.ts; docs/reference/scheduler.md says what differs.
 * https://docs.aws.amazon.com/scheduler/latest/APIReference/Welcome.html
 */
import { constrained } from '../constraints.ts';
import { schedulerModel, type SchedulerOperationName } from '../model/scheduler.ts';
import type { AwsService, OperationTable } from '../service.ts';
import { memberShapes, shapeConstraints } from './constraint-table.ts';
import {
  createScheduleGroup,
  deleteScheduleGroup,
  getScheduleGroup,
  listScheduleGroups,
  listTagsForResource,
  tagResource,
  untagResource,
} from './group-operations.ts';
import { createSchedule, deleteSchedule, getSchedule, listSchedules, updateSchedule } from './schedule-operations.ts';
import type { SchedulerParts } from './scheduler-parts.ts';

export function createSchedulerService(parts: SchedulerParts): AwsService {
  const operations: OperationTable<SchedulerOperationName> = {
    CreateSchedule: createSchedule(parts),
    CreateScheduleGroup: createScheduleGroup(parts),
    DeleteSchedule: deleteSchedule(parts),
    DeleteScheduleGroup: deleteScheduleGroup(parts),
    GetSchedule: getSchedule(parts),
    GetScheduleGroup: getScheduleGroup(parts),
    ListScheduleGroups: listScheduleGroups(parts),
    ListSchedules: listSchedules(parts),
    ListTagsForResource: listTagsForResource(parts),
    TagResource: tagResource(parts),
    UntagResource: untagResource(parts),
    UpdateSchedule: updateSchedule(parts),
  };
  return {
    name: 'scheduler',
    signingNames: ['scheduler'],
    protocols: ['rest-json'],
    model: schedulerModel,
    operations: constrained(operations, schedulerModel, { shapes: shapeConstraints, members: memberShapes }),
  };
}
