/**
 * Of which templates an environment is kept with the memory loaded: those that starts ask for most often of late. Pure.
 */

/** Each holds the pages that an event writes to, with all else some 4 MB and 6 at most, and goes first where memory is short. */
export const aheadMax = 16;
/** What was asked for so long ago counts half. */
const halfLifeMs = 10 * 60_000;
/**
 * One that has its environment stays unless another is asked for so many times as often: more versions than there are places, called
 * in turn, would otherwise push each other out, and none would ever find its own.
 */
const lead = 1.5;

/** How often something was asked for; what was long ago has faded. */
export type Asked = { count: number; atMs: number };
export const neverAsked: Asked = { count: 0, atMs: 0 };

const faded = ({ count, atMs }: Asked, nowMs: number): number => count * 0.5 ** ((nowMs - atMs) / halfLifeMs);

export const askedAgain = (asked: Asked, nowMs: number): Asked => ({ count: faded(asked, nowMs) + 1, atMs: nowMs });

/** `isAhead`: it has its environment now. Answers the keys of those that are to have one, those first that are asked for most. */
export function chooseAhead<Key>(
  all: Iterable<{ key: Key; asked: Asked; isAhead: boolean }>,
  nowMs: number,
  max = aheadMax,
): Key[] {
  return [...all]
    .map(({ key, asked, isAhead }) => ({ key, worth: faded(asked, nowMs) * (isAhead ? lead : 1) }))
    .toSorted((a, b) => b.worth - a.worth)
    .slice(0, max)
    .map(({ key }) => key);
}
