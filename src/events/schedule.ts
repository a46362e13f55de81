/**
 * Schedules as a source: each time that falls due becomes one asynchronous invocation.
 *
 * What was fired last is on disk, and moves on in the same transaction that enqueues the invocation, whose id derives
 * from the schedule and the due time: each due time is enqueued once, whatever crashes. When the platform was down
 * (or stalled) over several due times, the latest of them fires once, at once; the ones before it are skipped.
 */
import type { Binding, BindingSource } from '../registry/binding.ts';
import { parseScheduleExpression, parseTimeZone } from '../resources/schedule-expression.ts';
import { latestFiring, nextFiring, type Schedule } from '../resources/schedule.ts';
import { scan } from '../store/records.ts';
import { newCause } from '../util/cause.ts';
import { derivedUuid, type RequestId } from '../util/ids.ts';
import { scheduleNotification } from './schedule-notification.ts';
import { delay, type EventSource, type SourceContext } from './source.ts';

type ScheduleBinding = Binding & { source: Extract<BindingSource, { kind: 'schedule' }> };

/** `schedule/<account>/<binding>`: there from when the schedule was first seen enabled. */
type Fired = {
  /** What it said then: a schedule that says something else is a new one. */
  expression: string;
  timeZone: string;
  /** A rate counts from here. */
  anchorMs: number;
  firedMs: number;
};

type Kept = {
  binding: ScheduleBinding;
  fired: Fired;
  /** Of the record. */
  revision: number;
  schedule: Schedule;
  /** Infinity: never again. */
  nextMs: number;
};

const recordPrefix = 'schedule/';
/** The longest sleep: by then a changed or corrected wall clock is noticed. */
const sleepMsMax = 60_000;
/** Half a commit of the store. */
const firingsAtOnceMax = 1_000;
/** After a firing that failed (the store did not answer). */
const retryMs = 5_000;

export const scheduleSource: EventSource = {
  kind: 'schedule',
  async run(context, signal) {
    const { bindings, clock } = context;
    const kept = new Map<string, Kept>();
    let changed = true;
    let isStart = true;
    let wake = new AbortController();
    const watch = bindings.watch(() => {
      changed = true;
      wake.abort();
    });
    try {
      while (!signal.aborted) {
        wake = new AbortController();
        if (changed) {
          changed = false;
          await reconcile(context, kept, isStart);
          isStart = false;
        }
        await fireAllDue(context, kept);
        const nextMs = [...kept.values()].reduce((earliest, one) => Math.min(earliest, one.nextMs), Infinity);
        const sleepMs = Math.min(sleepMsMax, Math.max(0, nextMs - clock.now()));
        await delay(clock, sleepMs, AbortSignal.any([signal, wake.signal]));
      }
    } finally {
      watch.stop();
    }
  },
};

/** Makes `kept` and the records agree with the bindings. */
async function reconcile(
  { bindings, records, clock, report }: SourceContext,
  kept: Map<string, Kept>,
  isStart: boolean,
): Promise<void> {
  const wanted = new Map<string, ScheduleBinding>();
  for (const binding of bindings.ofKind('schedule')) {
    if (binding.source.enabled) wanted.set(`${recordPrefix}${binding.account}/${binding.id}`, binding);
  }
  kept.clear();
  for await (const { key, value, revision } of scan(records, recordPrefix)) {
    const fired = value as Fired;
    const binding = wanted.get(key);
    const same = binding?.source.expression === fired.expression && binding.source.timeZone === fired.timeZone;
    if (binding === undefined || !same) {
      // Disabled, deleted or rewritten: what it would have missed until it is back is not caught up on.
      await records.transact([
        { kind: 'check', key, revision },
        { kind: 'delete', key },
      ]);
      continue;
    }
    wanted.delete(key);
    kept.set(key, keep(binding, fired, revision));
  }
  for (const [key, binding] of wanted) {
    const { expression, timeZone } = binding.source;
    // At the start it is one that was made just before a crash: whoever made it was told that it is there.
    const sinceMs = isStart ? Math.min(binding.createdMs, clock.now()) : clock.now();
    const fired: Fired = { expression, timeZone, anchorMs: sinceMs, firedMs: sinceMs };
    try {
      // Before it is written: what cannot be read is not kept.
      parseScheduleExpression(expression);
      parseTimeZone(timeZone);
      const outcome = await records.transact([
        { kind: 'check', key, revision: 0 },
        { kind: 'put', key, value: fired },
      ]);
      if (outcome.status === 'committed') kept.set(key, keep(binding, fired, outcome.revision));
    } catch (cause) {
      report(`the schedule "${expression}" of ${binding.functionName} cannot be kept`, cause);
    }
  }
}

/** Together, so that the disk is waited for once: one after the other, ten thousand of a minute would take longer than it. */
async function fireAllDue(context: SourceContext, kept: Map<string, Kept>): Promise<void> {
  const due = [...kept].filter(([, one]) => one.nextMs <= context.clock.now());
  for (let at = 0; at < due.length; at += firingsAtOnceMax) {
    const fired = due.slice(at, at + firingsAtOnceMax).map(async ([key, one]) => {
      kept.set(key, await fireOrRetry(context, key, one));
    });
    await Promise.all(fired);
  }
}

/** One that cannot be fired holds up no other. */
async function fireOrRetry(context: SourceContext, key: string, one: Kept): Promise<Kept> {
  try {
    return await fire(context, key, one);
  } catch (cause) {
    const { functionName, source } = one.binding;
    context.report(`the schedule "${source.expression}" of ${functionName} could not be fired; trying again`, cause);
    return { ...one, nextMs: context.clock.now() + retryMs };
  }
}

async function fire(context: SourceContext, key: string, one: Kept): Promise<Kept> {
  const { records, asynchronous, clock, region } = context;
  const dueMs = latestFiring(one.schedule, one.fired.firedMs, clock.now());
  if (dueMs === undefined) return one;
  const { account, functionName, qualifier, id, source } = one.binding;
  const requestId = derivedUuid('schedule', account, id, String(dueMs)) as RequestId;
  const ruleName = `${functionName}-${derivedUuid(id).slice(0, 8)}`;
  const fired: Fired = { ...one.fired, firedMs: dueMs };
  const outcome = await records.transact([
    { kind: 'check', key, revision: one.revision },
    { kind: 'put', key, value: fired },
    asynchronous.enqueueOperation({
      requestId,
      account,
      functionName,
      qualifier,
      event: source.input ?? JSON.stringify(scheduleNotification({ id: requestId, account, region, ruleName, dueMs })),
      source: 'schedule',
      cause: newCause(clock.now(), context.ids.hex(12)),
    }),
  ]);
  if (outcome.status === 'committed') return keep(one.binding, fired, outcome.revision);
  // Somebody else fired it: their record counts. Without one it was taken away, and this due time with it.
  const entry = await records.get(key);
  return entry === undefined ? keep(one.binding, fired, 0) : keep(one.binding, entry.value as Fired, entry.revision);
}

function keep(binding: ScheduleBinding, fired: Fired, revision: number): Kept {
  const { expression, timeZone, anchorMs } = fired;
  const schedule = { expression: parseScheduleExpression(expression), timeZone, anchorMs };
  return { binding, fired, revision, schedule, nextMs: nextFiring(schedule, fired.firedMs) ?? Infinity };
}
