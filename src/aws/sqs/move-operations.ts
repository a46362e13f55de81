/** StartMessageMoveTask, ListMessageMoveTasks and CancelMessageMoveTask: messages out of dead-letter queues, and back. */
import type {
  CancelMessageMoveTaskRequest,
  CancelMessageMoveTaskResult,
  ListMessageMoveTasksRequest,
  ListMessageMoveTasksResult,
  ListMessageMoveTasksResultEntry,
  StartMessageMoveTaskRequest,
  StartMessageMoveTaskResult,
} from '@aws-sdk/client-sqs';
import { moveLimits, type MoveTask } from '../../resources/queue/move-task.ts';
import type { Queue } from '../../resources/queue.ts';
import { isFifoName } from '../../resources/queue-settings.ts';
import { PlatformError } from '../../util/errors.ts';
import { isObject } from '../../util/field.ts';
import type { Access, AwsContext, OperationEntry } from '../service.ts';
import type { SqsParts } from './sqs-parts.ts';
import { invalid, missing, queueArn, queueOfArn, wholeNumber } from './queue-url.ts';

export function startMessageMoveTask(parts: SqsParts): OperationEntry {
  return {
    access: (_context, { SourceArn = '', DestinationArn }: StartMessageMoveTaskRequest): readonly Access[] => [
      ...['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((action) => ({
        action: `sqs:${action}`,
        resource: SourceArn,
      })),
      ...(DestinationArn === undefined ? [] : [{ action: 'sqs:SendMessage', resource: DestinationArn }]),
    ],
    async run(context: AwsContext, input: StartMessageMoveTaskRequest): Promise<StartMessageMoveTaskResult> {
      const { DestinationArn } = input;
      const source = existing(parts, context, 'SourceArn', input.SourceArn);
      if (parts.queues.sourcesOf(source).length === 0)
        throw invalid('SourceArn', input.SourceArn, 'Source queue must be configured as a Dead Letter Queue.');
      const destination =
        DestinationArn === undefined ? undefined : existing(parts, context, 'DestinationArn', DestinationArn);
      if (destination?.name === source.name)
        throw invalid('DestinationArn', DestinationArn, 'Source and destination must be different queues.');
      if (destination !== undefined && isFifoName(destination.name) !== isFifoName(source.name))
        throw invalid('DestinationArn', DestinationArn, 'Source and destination must be of the same type.');
      const rate = input.MaxNumberOfMessagesPerSecond;
      const perSecond = wholeNumber('MaxNumberOfMessagesPerSecond', rate, 1, moveLimits.perSecondMax);
      const task = await parts.moves.start(source, destination, perSecond);
      return { TaskHandle: handleOf(context, task) };
    },
  };
}

export function listMessageMoveTasks(parts: SqsParts): OperationEntry {
  return {
    access: (_context, { SourceArn = '' }: ListMessageMoveTasksRequest) => [
      { action: 'sqs:ListMessageMoveTasks', resource: SourceArn },
    ],
    async run(context: AwsContext, input: ListMessageMoveTasksRequest): Promise<ListMessageMoveTasksResult> {
      const source = existing(parts, context, 'SourceArn', input.SourceArn);
      const max = wholeNumber('MaxResults', input.MaxResults, 1, moveLimits.tasksOfSourceMax) ?? 1;
      return {
        Results: parts.moves
          .list(source)
          .slice(0, max)
          .map((task) => toEntry(context, task)),
      };
    },
  };
}

export function cancelMessageMoveTask(parts: SqsParts): OperationEntry {
  return {
    access: (_context, { TaskHandle = '' }: CancelMessageMoveTaskRequest) => [
      { action: 'sqs:CancelMessageMoveTask', resource: parseHandle(TaskHandle).sourceArn },
    ],
    async run(context: AwsContext, input: CancelMessageMoveTaskRequest): Promise<CancelMessageMoveTaskResult> {
      const { taskId } = parseHandle(input.TaskHandle ?? '');
      const task = await parts.moves.cancel(context.account, taskId);
      if (task === undefined) throw notFound('Task does not exist, or is not running any more.', 'TaskHandle');
      return { ApproximateNumberOfMessagesMoved: task.moved };
    },
  };
}

function toEntry(context: AwsContext, task: MoveTask): ListMessageMoveTasksResultEntry {
  const { account, source, destination, perSecondMax, failure } = task;
  return {
    ...(task.status === 'running' && { TaskHandle: handleOf(context, task) }),
    Status: task.status.toUpperCase(),
    SourceArn: queueArn(context, { account, name: source }),
    ...(destination !== undefined && { DestinationArn: queueArn(context, { account, name: destination }) }),
    ...(perSecondMax !== undefined && { MaxNumberOfMessagesPerSecond: perSecondMax }),
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    ...(failure !== undefined && { FailureReason: failure }),
    StartedTimestamp: task.startedMs,
  };
}

function existing({ queues }: SqsParts, context: AwsContext, parameter: string, arn: string | undefined): Queue {
  if (arn === undefined || arn === '') throw missing(parameter);
  const queue = queueOfArn(queues, context, arn);
  if (queue !== undefined) return queue;
  throw notFound(`The resource that you specified for the ${parameter} parameter doesn't exist.`, parameter);
}

function notFound(message: string, field: string): PlatformError {
  return new PlatformError('not_found', message, { field, reason: 'ResourceNotFoundException' });
}

/** As AWS's: JSON in base64. */
function handleOf(context: AwsContext, { id, account, source }: MoveTask): string {
  const sourceArn = queueArn(context, { account, name: source });
  return Buffer.from(JSON.stringify({ taskId: id, sourceArn })).toString('base64');
}

function parseHandle(handle: string): { taskId: string; sourceArn: string } {
  if (handle === '') throw missing('TaskHandle');
  try {
    const parsed: unknown = JSON.parse(Buffer.from(handle, 'base64').toString());
    if (isObject(parsed) && typeof parsed['taskId'] === 'string' && typeof parsed['sourceArn'] === 'string')
      return { taskId: parsed['taskId'], sourceArn: parsed['sourceArn'] };
  } catch {
    // Said below, as of any other text that is none.
  }
  throw invalid('TaskHandle', handle, 'It is not one that StartMessageMoveTask or ListMessageMoveTasks answered.');
}
