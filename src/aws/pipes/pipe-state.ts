import type { PipeState } from '@aws-sdk/client-pipes';
import type { Pipe } from '../../resources/pipe/pipe.ts';
import type { Queues } from '../../resources/queue.ts';
import { parseArn } from '../../util/arn.ts';
import type { AccountId } from '../../util/ids.ts';

/** Whether a pipe carries anything, and why not. One whose queue is made again goes on by itself. */
export function pipeState(
  queues: Pick<Queues, 'get'>,
  { settings }: Pick<Pipe, 'settings'>,
): { CurrentState: PipeState; StateReason?: string } {
  if (!settings.isWanted) return { CurrentState: 'STOPPED' };
  const source = parseArn(settings.source);
  if (queues.get((source?.account ?? '') as AccountId, source?.resource ?? '') !== undefined)
    return { CurrentState: 'RUNNING' };
  return { CurrentState: 'START_FAILED', StateReason: `The source ${settings.source} does not exist.` };
}
