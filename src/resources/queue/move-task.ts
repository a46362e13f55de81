/** A task that moves messages out of a dead-letter queue, as it is kept on disk. */
import type { AccountId } from '../../util/ids.ts';

export type MoveStatus = 'running' | 'cancelling' | 'cancelled' | 'completed' | 'failed';

export type MoveTask = {
  id: string;
  account: AccountId;
  source: string;
  /** The life of the source that it is about. */
  sourceTopic: string;
  /** Absent: each message back to the queue that it was given up in. */
  destination?: string;
  /** Absent: as fast as it goes. */
  perSecondMax?: number;
  startedMs: number;
  status: MoveStatus;
  moved: number;
  /** How many there were when it started: what comes later stays, so that a task always ends. */
  toMove: number;
  /** Of one that failed: SQS's word for it. */
  failure?: 'CouldNotDetermineMessageSource' | 'AWS.SimpleQueueService.NonExistentQueue';
};

export const isActive = ({ status }: MoveTask): boolean => status === 'running' || status === 'cancelling';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html */
export const moveLimits = {
  perSecondMax: 500,
  /** Tasks of one source that are remembered (API_ListMessageMoveTasks: up to 10). */
  tasksOfSourceMax: 10,
  /** Of an account, at the same time. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html */
  activeMax: 100,
} as const;

/** Messages of one commit: so many hold up nobody else for longer than a few milliseconds. */
const stepMax = 250;
/** A task of a given rate moves some at a time, so that it does not wake for each message. */
const stepsPerSecond = 10;

/** How many are moved next, and how long that takes at the task's rate. Pure. */
export function nextStep({ perSecondMax, moved, toMove }: MoveTask): { messages: number; pauseMs: number } {
  const left = Math.max(0, toMove - moved);
  if (perSecondMax === undefined) return { messages: Math.min(stepMax, left), pauseMs: 0 };
  const messages = Math.min(Math.max(1, Math.floor(perSecondMax / stepsPerSecond)), left);
  return { messages, pauseMs: (messages / perSecondMax) * 1_000 };
}
