/**
 * The latest invocations of before the platform was started, from what is kept on disk: the ends of the logs say which they were,
 * and the usage rows what came of them. Nothing is added to them any more, so each answer is read once.
 */
import { phasesOf, type UsageRow } from '../metering/usage-row.ts';
import type { InvocationSettled } from '../telemetry/telemetry.ts';
import type { AccountId } from '../util/ids.ts';
import type { ControlParts } from './control-parts.ts';

/** Each is one read of the store. */
const invocationsMax = 100;
/** Three lines of the platform for each, and what it printed itself: as much as is read in a few milliseconds. */
const linesMax = 2_000;
/** Accounts and functions of which the answer is kept; the oldest goes first. */
const answersMax = 256;

/** What is known of one without the platform that ran it. */
export type EarlierInvocation = Pick<
  UsageRow,
  'attempt' | 'functionName' | 'version' | 'timeMs' | 'source' | 'status'
> &
  Pick<UsageRow, 'requestId' | 'start' | 'startReason' | 'billedMs' | 'memoryMb' | 'requestBytes' | 'responseBytes'> &
  Pick<InvocationSettled, 'phases'>;

/** Newest first. */
export type EarlierInvocations = (
  account: AccountId,
  functionName: string | undefined,
  limit: number,
) => Promise<readonly EarlierInvocation[]>;

export function createEarlierInvocations({
  logs,
  attempts,
  startedMs,
}: Pick<ControlParts, 'logs' | 'attempts' | 'startedMs'>): EarlierInvocations {
  const answers = new Map<string, Promise<readonly EarlierInvocation[]>>();

  async function read(account: AccountId, functionName: string | undefined): Promise<EarlierInvocation[]> {
    const query = { account, functionName, sinceMs: 0, untilMs: startedMs, limit: linesMax, requestId: undefined };
    const lines = await logs.read(query);
    const ids = new Set(lines.toReversed().flatMap(({ requestId }) => requestId ?? []));
    const rows = await Promise.all([...ids].slice(0, invocationsMax).map((id) => attempts(account, id)));
    return rows
      .flat()
      .filter(({ timeMs }) => timeMs < startedMs)
      .map(viewOf)
      .toSorted((one, other) => other.timeMs - one.timeMs);
  }

  return async (account, functionName, limit) => {
    const key = `${account}/${functionName ?? ''}`;
    let answer = answers.get(key);
    if (answer === undefined) {
      answer = read(account, functionName);
      answers.set(key, answer);
      answer.catch(() => answers.delete(key));
      const [oldest] = answers.keys();
      if (answers.size > answersMax && oldest !== undefined) answers.delete(oldest);
    }
    return (await answer).slice(0, limit);
  };
}

function viewOf(row: UsageRow): EarlierInvocation {
  const { requestId, attempt, functionName, version, timeMs, source, status, start, startReason } = row;
  const { billedMs, memoryMb, requestBytes, responseBytes } = row;
  return {
    timeMs,
    functionName,
    version,
    requestId,
    attempt,
    source,
    status,
    start,
    ...(startReason !== undefined && { startReason }),
    phases: phasesOf(row),
    billedMs,
    memoryMb,
    requestBytes,
    responseBytes,
  };
}
