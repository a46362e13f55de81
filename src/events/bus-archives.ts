/**
 * Archives: what is too old in one goes, and what a replay names is put on its bus once more, in the order of the events'
 * times. How far a replay has come is written in the transaction that puts its events: it goes on after a crash.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-archive.html
 */
import type { BusEvent } from '../resources/event-bus/bus-event.ts';
import { archiveEventKey, archiveEventsPrefix, type Replay } from '../resources/event-bus/event-bus.ts';
import type { EventBuses } from '../resources/event-bus/event-buses.ts';
import type { Operation, Records } from '../store/records.ts';
import type { Clock } from '../util/clock.ts';
import { derivedUuid } from '../util/ids.ts';
import { delay, type Report } from './source.ts';

export type ArchiveParts = { buses: EventBuses; records: Records; clock: Clock; report: Report };

const dayMs = 24 * 3_600_000;
/** How often what is too old goes. */
const expireEveryMs = 3_600_000;
/** Events of one step of a replay. */
const stepMax = 500;
/** After a step that failed (the store did not answer). */
const retryMs = 1_000;

export function keepArchives(parts: ArchiveParts): AsyncDisposable {
  const stop = new AbortController();
  const running = new Map<string, Promise<void>>();
  const start = (): void => {
    for (const replay of parts.buses.openReplays()) {
      const key = `${replay.account}/${replay.name}`;
      if (running.has(key)) continue;
      running.set(
        key,
        replayAll(parts, replay, stop.signal).finally(() => running.delete(key)),
      );
    }
  };
  const watch = parts.buses.watch(start);
  start();
  const expiring = expireRegularly(parts, stop.signal);
  return {
    async [Symbol.asyncDispose]() {
      watch.stop();
      stop.abort();
      await Promise.all([expiring, ...running.values()]);
    },
  };
}

async function expireRegularly({ buses, clock, report }: ArchiveParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const { account, life, retentionDays, name } of buses.allArchives()) {
      if (retentionDays === 0) continue;
      try {
        await buses.dropArchived(account, life, clock.now() - retentionDays * dayMs);
      } catch (cause) {
        report(`old events of the archive ${name} could not be dropped`, cause);
      }
    }
    await delay(clock, expireEveryMs, signal);
  }
}

async function replayAll(parts: ArchiveParts, replay: Replay, signal: AbortSignal): Promise<void> {
  const { buses, clock, report } = parts;
  const { account, name } = replay;
  while (!signal.aborted) {
    try {
      if ((await step(parts, buses.needReplay(account, name))) === 'over') return;
    } catch (cause) {
      report(`the replay ${name} could not go on; trying again`, cause);
      await delay(clock, retryMs, signal);
    }
  }
}

async function step({ buses, records, clock }: ArchiveParts, replay: Replay): Promise<'over' | 'more'> {
  const { account, name, archiveLife, bus, rules, fromMs, toMs, after } = replay;
  const end = (change: Partial<Replay>): Promise<Replay> =>
    buses.updateReplay(account, name, () => ({ ...change, endedMs: clock.now() }));
  if (replay.state === 'CANCELLING') {
    await end({ state: 'CANCELLED', reason: 'Cancelled by request.' });
    return 'over';
  }
  if (buses.archive(account, replay.archive)?.life !== archiveLife) {
    await end({ state: 'FAILED', reason: 'The archive was deleted.' });
    return 'over';
  }
  const page = await records.range({
    prefix: archiveEventsPrefix(account, archiveLife),
    from: archiveEventKey(account, archiveLife, fromMs, ''),
    limit: stepMax,
    ...(after !== undefined && { after }),
  });
  const events = page.filter(({ value }) => (value as BusEvent).timeMs < toMs);
  const last = events.at(-1);
  if (last !== undefined) {
    const operations = events.flatMap(({ value }): Operation[] => {
      const event = value as BusEvent;
      // An event of its own in the log, but to those who get it the one that it was.
      const put = buses.putOperation(account, bus, { ...event, replay: { name, rules } });
      if (put?.kind !== 'append') return [];
      return [{ ...put, message: { ...put.message, id: derivedUuid('replay', name, put.message.id) } }];
    });
    const lastEventMs = (last.value as BusEvent).timeMs;
    await buses.updateReplay(
      account,
      name,
      ({ state }) => ({ after: last.key, lastEventMs, state: state === 'CANCELLING' ? state : 'RUNNING' }),
      operations,
    );
  }
  if (events.length === stepMax) return 'more';
  await end({ state: 'COMPLETED' });
  return 'over';
}
