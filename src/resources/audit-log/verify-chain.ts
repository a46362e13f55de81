/** Whether an audit log is as it was written. Pure; entries are given oldest first, a page at a time. */
import { type AuditEntry, firstPrevious, hashOf } from './audit-entry.ts';

export type ChainFault = {
  sequence: number;
  /** For people: what is wrong there. */
  problem: string;
};

export type ChainReport = {
  entries: number;
  /** The last one: to be kept elsewhere, and given as `expected` another time. Undefined: there are none. */
  head: { sequence: number; hash: string } | undefined;
  /** In order; as many as `faultsMax`. */
  faults: readonly ChainFault[];
};

/** One change shows at two places; a log that is all wrong needs no longer list. */
const faultsMax = 100;

/** `expected`: an entry that the log is known to have had. */
export async function verifyChain(
  entries: AsyncIterable<AuditEntry>,
  expected?: { sequence: number; hash: string },
): Promise<ChainReport> {
  const faults: ChainFault[] = [];
  let count = 0;
  let before: { sequence: number; hash: string } | undefined;
  let first: AuditEntry | undefined;
  /** What the log itself says it has removed. */
  let removed: { sequence: number; hash: string } = { sequence: 0, hash: firstPrevious };
  let wasSeen = expected === undefined;
  const fault = (sequence: number, problem: string): void => {
    if (faults.length < faultsMax) faults.push({ sequence, problem });
  };
  for await (const entry of entries) {
    count += 1;
    first ??= entry;
    if (before !== undefined && entry.sequence !== before.sequence + 1)
      fault(entry.sequence, `entries ${before.sequence + 1} to ${entry.sequence - 1} are missing`);
    else if (before !== undefined && entry.previous !== before.hash)
      fault(entry.sequence, `entry ${entry.sequence} does not continue entry ${before.sequence}`);
    const actual = hashOf(entry);
    if (actual !== entry.hash) fault(entry.sequence, `entry ${entry.sequence} was changed after it was written`);
    if (expected?.sequence === entry.sequence) {
      wasSeen = true;
      if (expected.hash !== actual)
        fault(entry.sequence, `entry ${entry.sequence} is not the one that was expected there`);
    }
    if (entry.removed !== undefined && entry.removed.sequence > removed.sequence) removed = entry.removed;
    before = { sequence: entry.sequence, hash: actual };
  }
  if (first !== undefined && (first.sequence !== removed.sequence + 1 || first.previous !== removed.hash))
    fault(first.sequence, `entries before ${first.sequence} were removed, and the log does not say so`);
  if (!wasSeen && expected !== undefined && expected.sequence > removed.sequence)
    fault(expected.sequence, `entry ${expected.sequence} is not there any more`);
  return { entries: count, head: before, faults: faults.toSorted((a, b) => a.sequence - b.sequence) };
}
