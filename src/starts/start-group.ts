/** Invocations counted together: how their environments were come by, why, and where the time of those that waited went. */
import type { StartReasonKind } from '../telemetry/start-reason.ts';
import { isWaitedFor, startKinds, type InvocationSettled, type StartKind } from '../telemetry/telemetry.ts';
import {
  addDuration,
  addDurations,
  countedPhases,
  percentile,
  phaseUs,
  writeDurations,
  type CountedPhase,
  type Durations,
  type WrittenDurations,
} from './durations.ts';

type Counts<Key extends string> = Partial<Record<Key, number>>;

export type StartGroup = {
  invocations: number;
  starts: Counts<StartKind>;
  /** Of those that waited. */
  reasons: Counts<StartReasonKind>;
  phases: Record<CountedPhase, Durations>;
};

/** As it is kept. */
export type WrittenGroup = Omit<StartGroup, 'phases'> & { phases: Partial<Record<CountedPhase, WrittenDurations>> };

/** As it is answered: of each phase, what half of the cold starts stayed within, and 99 of a hundred. */
export type GroupView = Omit<StartGroup, 'phases'> & {
  coldStarts: number;
  /** Cold starts of all invocations, 0 to 1. */
  share: number;
  phases: Record<CountedPhase, { p50Us: number; p99Us: number }>;
};

export function newGroup(): StartGroup {
  const none = (): Durations => new Map();
  return {
    invocations: 0,
    starts: {},
    reasons: {},
    phases: {
      cold: none(),
      queue: none(),
      place: none(),
      provision: none(),
      init: none(),
      handler: none(),
      reply: none(),
    },
  };
}

function add<Key extends string>(counts: Counts<Key>, key: Key, count = 1): void {
  counts[key] = (counts[key] ?? 0) + count;
}

export function addInvocation(group: StartGroup, { start, startReason, phases }: InvocationSettled): void {
  group.invocations += 1;
  add(group.starts, start);
  if (!isWaitedFor(start)) return;
  if (startReason !== undefined) add(group.reasons, startReason.kind);
  for (const phase of countedPhases) addDuration(group.phases[phase], phaseUs(phases, phase));
}

export function addGroup(group: StartGroup, written: WrittenGroup): void {
  group.invocations += written.invocations;
  for (const [start, count] of Object.entries(written.starts)) add(group.starts, start as StartKind, count);
  for (const [kind, count] of Object.entries(written.reasons)) add(group.reasons, kind as StartReasonKind, count);
  for (const phase of countedPhases) addDurations(group.phases[phase], written.phases[phase] ?? []);
}

export function writeGroup({ invocations, starts, reasons, phases }: StartGroup): WrittenGroup {
  const written: WrittenGroup['phases'] = {};
  for (const phase of countedPhases) if (phases[phase].size > 0) written[phase] = writeDurations(phases[phase]);
  return { invocations, starts, reasons, phases: written };
}

export const coldStartsOf = ({ starts }: Pick<StartGroup, 'starts'>): number =>
  startKinds.filter(isWaitedFor).reduce((sum, kind) => sum + (starts[kind] ?? 0), 0);

export function viewGroup({ invocations, starts, reasons, phases }: StartGroup): GroupView {
  const coldStarts = coldStartsOf({ starts });
  const view = (phase: CountedPhase) => ({
    p50Us: percentile(phases[phase], 0.5),
    p99Us: percentile(phases[phase], 0.99),
  });
  return {
    invocations,
    starts,
    reasons,
    coldStarts,
    share: invocations === 0 ? 0 : coldStarts / invocations,
    phases: {
      cold: view('cold'),
      queue: view('queue'),
      place: view('place'),
      provision: view('provision'),
      init: view('init'),
      handler: view('handler'),
      reply: view('reply'),
    },
  };
}
