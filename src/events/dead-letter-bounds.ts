/**
 * How many dead letters a function keeps of its own, and for how long. What is dropped is told, in the function's log
 * and to the operator; it is counted with the others (conservation.ts). Queues have a retention of their own.
 */
import type { Log } from '../store/log.ts';
import type { Records } from '../store/records.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Clock, Timer } from '../util/clock.ts';
import { latestVersion, type AccountId, type EnvironmentId } from '../util/ids.ts';

const deadLetterLimits = {
  /** Of one function: what people still look through; a hundred times as many as are shown at once. */
  countMax: 10_000,
  /** Twice as long as a queue keeps anything. */
  ageMsMax: 28 * 24 * 3_600_000,
} as const;

/** Between two looks. Meanwhile there may be more. */
const everyMs = 60_000;
const droppedAtOnce = 500;

export type DeadLetterBoundsParts = {
  log: Log;
  records: Records;
  telemetry: Telemetry;
  clock: Clock;
  /** For the operator. */
  tell: (message: string) => void;
  /** Absent: `deadLetterLimits`. */
  bounds?: { countMax: number; ageMsMax: number };
};

export function startDeadLetterBounds(parts: DeadLetterBoundsParts): AsyncDisposable {
  const { log, clock, tell } = parts;
  let timer: Timer;
  let isClosed = false;
  let looking = Promise.resolve();
  const look = async (): Promise<void> => {
    for (const topic of await log.topics('dead/')) if (!isClosed) await holdTo(topic, parts);
  };
  const later = (): void => {
    timer = clock.schedule(everyMs, () => {
      looking = look()
        .catch((error: unknown) => tell(`dead letters could not be looked through; trying again: ${String(error)}`))
        .then(() => (isClosed ? undefined : later()));
    });
  };
  later();
  return {
    async [Symbol.asyncDispose]() {
      isClosed = true;
      timer.cancel();
      await looking;
    },
  };
}

async function holdTo(topic: string, parts: DeadLetterBoundsParts): Promise<void> {
  const { log, records, telemetry, clock, tell } = parts;
  const { countMax, ageMsMax } = parts.bounds ?? deadLetterLimits;
  let old = 0;
  for (let dropped = 1; dropped > 0; old += dropped) dropped = await log.expire(topic, clock.now() - ageMsMax);
  let many = 0;
  for (
    let over = (await log.balance(topic)).held - countMax;
    over > 0;
    over = (await log.balance(topic)).held - countMax
  ) {
    const oldest = await log.peek(topic, Math.min(over, droppedAtOnce));
    const taken = await records.transact(oldest.map(({ id }) => ({ kind: 'take', topic, id })));
    // Somebody sends one of them again just now: the next look finds what is left.
    if (oldest.length === 0 || taken.status === 'conflict') break;
    many += oldest.length;
  }
  if (old + many === 0) return;
  const [, account = '', functionName = ''] = topic.split('/');
  const why = [
    ...(old > 0 ? [`${old} lay there for more than ${ageMsMax / 86_400_000} days`] : []),
    ...(many > 0 ? [`of more than ${countMax} the ${many} oldest`] : []),
  ].join('; ');
  tell(`dead letters of ${functionName} were dropped: ${why}`);
  telemetry.emit({
    kind: 'log',
    timeMs: clock.now(),
    account: account as AccountId,
    functionName,
    requestId: undefined,
    version: latestVersion,
    environmentId: 'platform' as EnvironmentId,
    origin: 'platform',
    text: `DEAD LETTERS DROPPED ${why}`,
  });
}
