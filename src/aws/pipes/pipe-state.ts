import type { PipeState } from '@aws-sdk/client-pipes';
import { parseStreamArn } from '../../events/table-notification.ts';
import type { Pipe } from '../../resources/pipe/pipe.ts';
import type { Queues } from '../../resources/queue.ts';
import type { TableStreams } from '../../resources/stream/table-streams.ts';
import { parseArn } from '../../util/arn.ts';
import type { AccountId } from '../../util/ids.ts';

/** What pipes take things from. */
export type PipeSources = { queues: Pick<Queues, 'get'>; tableStreams: Pick<TableStreams, 'streams'> };

/** Whether a pipe carries anything, and why not. One whose queue is made again goes on by itself. */
export function pipeState(
  sources: PipeSources,
  { settings }: Pick<Pipe, 'settings'>,
): { CurrentState: PipeState; StateReason?: string } {
  if (!settings.isWanted) return { CurrentState: 'STOPPED' };
  if (isThere(sources, settings.source)) return { CurrentState: 'RUNNING' };
  return { CurrentState: 'START_FAILED', StateReason: `The source ${settings.source} does not exist.` };
}

function isThere({ queues, tableStreams }: PipeSources, source: string): boolean {
  const name = parseStreamArn(source);
  if (name !== undefined) return tableStreams.streams.get(name.account, name.table, name.label) !== undefined;
  const arn = parseArn(source);
  return queues.get((arn?.account ?? '') as AccountId, arn?.resource ?? '') !== undefined;
}
