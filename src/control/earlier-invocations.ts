/**
 * The latest invocations of before the platform was started, from what is kept on disk: the ends of the logs say which they were,
 * and the usage rows what came of them. Nothing is added to them any more, so each answer is read once.
 */
import { phasesOf, type UsageRow } from '../metering/usage-row.ts';
import type { InvocationSettled, LogLine } from '../telemetry/telemetry.ts';
import type { AccountId } from '../util/ids.ts';
import { createInTurn } from '../util/in-turn.ts';
import type { ControlParts } from './control-parts.ts';

/** Of one list: each is one read of the store. */
export const earlierInvocationsMax = 100;
/** Three lines of the platform for each, and what it printed itself: as much as is read in a few milliseconds. */
const linesMax = 2_000;
/** Accounts and functions of which the answer is kept; the oldest goes first. */
const answersMax = 256;
/** Of a function, when only its last call is asked for: its last ones may be of an environment that was initialised for none. */
const lastLinesMax = 100;
/** Functions whose last call is looked up at once, whoever asks: each is a file that is read from its end. */
const lookUpsAtOnceMax = 4;
/** Functions whose last call is kept, a number each; the oldest goes first. */
const lastCallsMax = 20_000;

/** What is known of one without the platform that ran it. */
export type EarlierInvocation = Pick<
  UsageRow,
  'attempt' | 'functionName' | 'version' | 'timeMs' | 'source' | 'status'
> &
  Pick<UsageRow, 'requestId' | 'start' | 'startReason' | 'billedMs' | 'memoryMb' | 'requestBytes' | 'responseBytes'> &
  Pick<InvocationSettled, 'phases'>;

export type EarlierInvocations = {
  /** Newest first. `functionName`: undefined for all of the account. */
  list(account: AccountId, functionName: string | undefined, limit: number): Promise<readonly EarlierInvocation[]>;
  /** When a function was called last, from its log alone: a list of functions asks for many. */
  lastMs(account: AccountId, functionName: string): Promise<number | undefined>;
};

export function createEarlierInvocations({
  logs,
  attempts,
  startedMs,
}: Pick<ControlParts, 'logs' | 'attempts' | 'startedMs'>): EarlierInvocations {
  const answers = new Map<string, Promise<readonly EarlierInvocation[]>>();
  const lastCalls = new Map<string, Promise<number | undefined>>();
  const inTurn = createInTurn();
  let lookUps = 0;

  async function read(account: AccountId, functionName: string | undefined): Promise<EarlierInvocation[]> {
    const query = { account, functionName, sinceMs: 0, untilMs: startedMs, limit: linesMax, requestId: undefined };
    const lines = await logs.read(query);
    const ids = new Set(lines.toReversed().flatMap(({ requestId }) => requestId ?? []));
    const rows = await Promise.all([...ids].slice(0, earlierInvocationsMax).map((id) => attempts(account, id)));
    return rows
      .flat()
      .filter(({ timeMs }) => timeMs < startedMs)
      .map(viewOf)
      .toSorted((one, other) => other.timeMs - one.timeMs);
  }

  async function lookUp(account: AccountId, functionName: string): Promise<number | undefined> {
    const query = { account, functionName, sinceMs: 0, untilMs: startedMs, limit: lastLinesMax, requestId: undefined };
    const lines = await logs.read(query);
    return lines.findLast(isOfCall)?.timeMs;
  }

  return {
    async list(account, functionName, limit) {
      const key = `${account}/${functionName ?? ''}`;
      const answer = await once(answers, answersMax, key, () => read(account, functionName));
      return answer.slice(0, limit);
    },
    lastMs: (account, functionName) =>
      once(lastCalls, lastCallsMax, `${account}/${functionName}`, () =>
        inTurn(String(lookUps++ % lookUpsAtOnceMax), () => lookUp(account, functionName)),
      ),
  };
}

/** Of one that ran: what the platform says elsewhere of an event, as where its record did not arrive, is of no environment. */
const isOfCall = ({ requestId, environmentId }: LogLine): boolean =>
  requestId !== undefined && environmentId !== 'platform';

/** Read once, unless that failed. */
function once<Answer>(
  kept: Map<string, Promise<Answer>>,
  keptMax: number,
  key: string,
  read: () => Promise<Answer>,
): Promise<Answer> {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const answer = read();
  kept.set(key, answer);
  answer.catch(() => kept.delete(key));
  const [oldest] = kept.keys();
  if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest);
  return answer;
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
