/** Which messages of a topic are next, where some belong to groups: store/sqlite/apply-groups.ts in plain code. Pure. */
import { noisyGroup } from '../log.ts';
import type { MemoryMessage } from './memory-log.ts';

export const inOrder = (a: MemoryMessage, b: MemoryMessage): number => a.dueMs - b.dueMs || a.sequence - b.sequence;

/** In the order in which they are given out. */
export function pick(
  all: readonly MemoryMessage[],
  nowMs: number,
  max: number,
  leasedAbout: number,
): readonly MemoryMessage[] {
  const groups = Map.groupBy(all, ({ group }) => group?.name);
  if ([...groups.keys()].every((name) => name === undefined)) return ready(all, nowMs).slice(0, max);
  const isOrdered = all.some(({ group }) => group?.ordered === true);
  return (isOrdered ? pickOrdered : pickFairly)(groups, nowMs, max, leasedAbout);
}

type ByGroup = ReadonlyMap<string | undefined, readonly MemoryMessage[]>;

const ready = (messages: readonly MemoryMessage[], nowMs: number): MemoryMessage[] =>
  messages.filter(({ dueMs }) => dueMs <= nowMs).sort(inOrder);

function pickOrdered(groups: ByGroup, nowMs: number, max: number): readonly MemoryMessage[] {
  const free = [...groups.values()].flatMap((messages) => {
    const sorted = messages.toSorted((a, b) => a.sequence - b.sequence);
    const readyMs = Math.max(sorted[0]?.dueMs ?? 0, ...sorted.filter(({ leased }) => leased).map(({ dueMs }) => dueMs));
    return readyMs <= nowMs ? [{ readyMs, next: sorted[0]?.sequence ?? 0, sorted }] : [];
  });
  return free
    .sort((a, b) => a.readyMs - b.readyMs || a.next - b.next)
    .flatMap(({ sorted }) => {
      const waiting = sorted.findIndex(({ dueMs }) => dueMs > nowMs);
      return waiting < 0 ? sorted : sorted.slice(0, waiting);
    })
    .slice(0, max);
}

function pickFairly(groups: ByGroup, nowMs: number, max: number, leasedAbout: number): readonly MemoryMessage[] {
  const noisyFrom = Math.max(noisyGroup.leasedMin, Math.floor(leasedAbout * noisyGroup.share) + 1);
  const [quiet, noisy]: [MemoryMessage[], MemoryMessage[]] = [[], []];
  for (const [name, messages] of groups) {
    const isNoisy = name !== undefined && messages.filter(({ leased }) => leased).length >= noisyFrom;
    (isNoisy ? noisy : quiet).push(...messages);
  }
  return [...ready(quiet, nowMs), ...ready(noisy, nowMs)].slice(0, max);
}
