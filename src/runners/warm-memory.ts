/**
 * What idle environments may hold altogether, and which of them goes first when that, or the machine's memory, is used
 * up. Pure.
 */

const mib = 1024 * 1024;
/** Left to the rest of the machine: environments that run, the platform, the page cache. */
const reserveShare = 0.05;
const reserveBytesMin = 128 * mib;

export type MachineMemory = { totalBytes: number; availableBytes: number };

/**
 * How many bytes may be held while `heldBytes` are: the budget, and less where the machine is short of memory.
 * `machine`: undefined where it cannot be told.
 */
export function allowedBytes(budgetBytes: number, heldBytes: number, machine: MachineMemory | undefined): number {
  if (machine === undefined) return budgetBytes;
  const reserveBytes = Math.max(reserveBytesMin, machine.totalBytes * reserveShare);
  return Math.max(0, Math.min(budgetBytes, heldBytes + machine.availableBytes - reserveBytes));
}

/** Beyond this, what is kept longer is called so seldom that it is no use to anybody. */
const plentyMax = 8;

/**
 * Memory that nobody else wants is cheap: while only a part of what may be held is, a cold start less is worth so many
 * times as much of it.
 */
export const plentyOf = (allowed: number, heldBytes: number): number =>
  heldBytes === 0 ? plentyMax : Math.min(plentyMax, Math.max(1, allowed / heldBytes));

/** `clock`: that of Greedy-Dual when it was last used. `uses`: of its version, since it has had environments. */
export type Kept = { clock: number; uses: number; startMs: number; bytes: number };

/**
 * Greedy-Dual-Size-Frequency (Cherkasova, 1998) as "FaasCache" (Fuerst and Sharma, ASPLOS 2021) keeps environments by it:
 * the lowest goes first, and the clock moves up to it, so that what is never used grows old.
 */
export const keepPriority = ({ clock, uses, startMs, bytes }: Kept): number =>
  clock + (Math.max(1, uses) * Math.max(1, startMs)) / Math.max(1, bytes / mib);
