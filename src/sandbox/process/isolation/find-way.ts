/** How environments can begin on a machine: the quickest way in which a trial holds. Pure. */

/** `withProgram`: with one of ours, and not with a shell. `apart`: where there are no mounts but theirs, and not on the host. */
export type Way = { withProgram: boolean; apart: boolean };

export type FoundWay =
  /** And why it is not the one that was asked for: what a trial complained of that had no other difference. */
  { way: Way; whyShell: string | undefined; whyOnHost: string | undefined } | { why: string };

/** The shell is no less isolated, so it goes first; but where it was not the program that failed, that is tried again. */
const ways: readonly Way[] = [
  { withProgram: true, apart: true },
  { withProgram: false, apart: true },
  { withProgram: true, apart: false },
  { withProgram: false, apart: false },
];

/** `possible`: what may be tried. `complaintOf`: tries one, after those that it was given before. */
export async function findWay(
  possible: Way,
  complaintOf: (way: Way) => Promise<string | undefined>,
): Promise<FoundWay> {
  const complaints: { way: Way; complaint: string }[] = [];
  const whyNot = (withProgram: boolean, apart: boolean): string | undefined =>
    complaints.find(({ way }) => way.withProgram === withProgram && way.apart === apart)?.complaint;
  for (const way of ways) {
    const { withProgram, apart } = way;
    if ((withProgram && !possible.withProgram) || (apart && !possible.apart)) continue;
    const complaint = await complaintOf(way);
    if (complaint === undefined) return { way, whyShell: whyNot(true, apart), whyOnHost: whyNot(withProgram, true) };
    complaints.push({ way, complaint });
  }
  return { why: complaints.at(-1)?.complaint ?? 'there is no way to begin' };
}
