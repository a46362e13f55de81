/** A schedule's settings as clients write and read them. */
import type {
  CreateScheduleInput,
  GetScheduleOutput,
  Target as GivenTarget,
  UpdateScheduleInput,
} from '@aws-sdk/client-scheduler';
import { serviceActionOf, type ServiceCalls } from '../../events/service-calls.ts';
import { targetKind, targetServices } from '../../events/target.ts';
import { parseExpression } from '../../resources/scheduler/next-due.ts';
import type { ScheduledSettings, ScheduledTarget } from '../../resources/scheduler/scheduled.ts';
import { PlatformError, messageOf } from '../../util/errors.ts';
import { isObject } from '../../util/field.ts';

const invalid = (message: string, field?: string): PlatformError =>
  new PlatformError('invalid_argument', message, {
    reason: 'ValidationException',
    ...(field === undefined ? {} : { field }),
  });

/** Characters of a target's input, by what is left for everything else. https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html */
const inputLengthMax = 256 * 1024;

export function readSettings(
  input: CreateScheduleInput | UpdateScheduleInput,
  serviceCalls: Pick<ServiceCalls, 'refusal'>,
): ScheduledSettings {
  const { ScheduleExpression: expression = '', ScheduleExpressionTimezone: timeZone = 'UTC' } = input;
  try {
    parseExpression(expression, timeZone);
  } catch (error) {
    const why = messageOf(error);
    throw invalid(`Invalid Schedule Expression ${expression}. ${why}`, 'ScheduleExpression');
  }
  const { Mode: mode, MaximumWindowInMinutes: minutes } = input.FlexibleTimeWindow ?? {};
  if (mode === 'FLEXIBLE' && minutes === undefined)
    throw invalid('MaximumWindowInMinutes must be specified when FlexibleTimeWindow Mode is FLEXIBLE.');
  if (mode === 'OFF' && minutes !== undefined)
    throw invalid('MaximumWindowInMinutes must not be specified when FlexibleTimeWindow Mode is OFF.');
  const [startMs, endMs] = [input.StartDate?.getTime(), input.EndDate?.getTime()];
  if (startMs !== undefined && endMs !== undefined && startMs >= endMs)
    throw invalid('The StartDate you specify must be earlier than the EndDate.', 'StartDate');
  if (input.KmsKeyArn !== undefined)
    throw invalid('KmsKeyArn is not available here: nothing of it is encrypted with keys of callers.', 'KmsKeyArn');
  return {
    expression,
    timeZone,
    isEnabled: input.State !== 'DISABLED',
    windowMs: (minutes ?? 0) * 60_000,
    isDeletedWhenOver: input.ActionAfterCompletion === 'DELETE',
    target: readTarget(input.Target, serviceCalls),
    ...(input.Description !== undefined && { description: input.Description }),
    ...(startMs !== undefined && { startMs }),
    ...(endMs !== undefined && { endMs }),
  };
}

/** What belongs to targets that are not built. */
const foreign = ['EcsParameters', 'KinesisParameters', 'SageMakerPipelineParameters'] as const;

function readTarget(given: GivenTarget | undefined, serviceCalls: Pick<ServiceCalls, 'refusal'>): ScheduledTarget {
  const { Arn: arn = '', RoleArn: roleArn = '', Input: text, DeadLetterConfig, RetryPolicy } = given ?? {};
  const unbuilt = foreign.find((name) => given?.[name] !== undefined);
  if (unbuilt !== undefined || targetKind(arn, 'schedule') === undefined) {
    throw invalid(
      `${unbuilt ?? `The target ${arn}`} is not available here: targets of these services are built: ${targetServices('schedule')}.`,
      unbuilt ?? 'Target.Arn',
    );
  }
  const action = serviceActionOf(arn);
  if (action === undefined && arn.includes(':aws-sdk:'))
    throw invalid(
      `The target ${arn} names no operation: arn:aws:scheduler:::aws-sdk:SERVICE:ACTION is accepted, such as arn:aws:scheduler:::aws-sdk:sqs:sendMessage.`,
      'Target.Arn',
    );
  const refusal = action && serviceCalls.refusal(action);
  if (refusal !== undefined) throw invalid(refusal, 'Target.Arn');
  if (action !== undefined && text !== undefined && !isJsonObject(text))
    throw invalid('Target.Input must be a JSON object: the parameters of the operation.', 'Target.Input');
  if (text !== undefined && text.length > inputLengthMax)
    throw invalid(
      `Target.Input has ${text.length} characters; at most ${inputLengthMax} are accepted.`,
      'Target.Input',
    );
  const groupId = given?.SqsParameters?.MessageGroupId;
  if (arn.endsWith('.fifo') && groupId === undefined)
    throw invalid('MessageGroupId must be specified for a FIFO queue.', 'Target.SqsParameters');
  const { Source: source, DetailType: detailType } = given?.EventBridgeParameters ?? {};
  if (arn.includes(':event-bus/') && (source === undefined || detailType === undefined))
    throw invalid('EventBridgeParameters must be specified for an event bus.', 'Target.EventBridgeParameters');
  const { MaximumRetryAttempts: attemptsMax, MaximumEventAgeInSeconds: ageMax } = RetryPolicy ?? {};
  return {
    arn,
    roleArn,
    retry: {
      ...(attemptsMax !== undefined && { attemptsMax }),
      ...(ageMax !== undefined && { ageMaxMs: ageMax * 1_000 }),
    },
    ...(text !== undefined && { input: text }),
    ...(groupId !== undefined && { groupId }),
    ...(source !== undefined && detailType !== undefined && { event: { source, detailType } }),
    ...(DeadLetterConfig?.Arn !== undefined && { deadLetterQueue: DeadLetterConfig.Arn }),
  };
}

function isJsonObject(text: string): boolean {
  try {
    return isObject(JSON.parse(text));
  } catch {
    return false;
  }
}

export function settingsShown(settings: ScheduledSettings): GetScheduleOutput {
  const { description, expression, timeZone, startMs, endMs, isEnabled, windowMs, isDeletedWhenOver, target } =
    settings;
  return {
    ScheduleExpression: expression,
    ScheduleExpressionTimezone: timeZone,
    State: isEnabled ? 'ENABLED' : 'DISABLED',
    FlexibleTimeWindow:
      windowMs === 0 ? { Mode: 'OFF' } : { Mode: 'FLEXIBLE', MaximumWindowInMinutes: windowMs / 60_000 },
    ActionAfterCompletion: isDeletedWhenOver ? 'DELETE' : 'NONE',
    Target: targetShown(target),
    ...(description !== undefined && { Description: description }),
    ...(startMs !== undefined && { StartDate: new Date(startMs) }),
    ...(endMs !== undefined && { EndDate: new Date(endMs) }),
  };
}

function targetShown({ arn, roleArn, input, groupId, event, deadLetterQueue, retry }: ScheduledTarget): GivenTarget {
  return {
    Arn: arn,
    RoleArn: roleArn,
    ...(input !== undefined && { Input: input }),
    ...(groupId !== undefined && { SqsParameters: { MessageGroupId: groupId } }),
    ...(event !== undefined && { EventBridgeParameters: { Source: event.source, DetailType: event.detailType } }),
    ...(deadLetterQueue !== undefined && { DeadLetterConfig: { Arn: deadLetterQueue } }),
    RetryPolicy: {
      MaximumEventAgeInSeconds: (retry.ageMaxMs ?? 86_400_000) / 1_000,
      MaximumRetryAttempts: retry.attemptsMax ?? 185,
    },
  };
}
