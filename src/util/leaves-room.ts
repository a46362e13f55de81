/** Of what is left, who takes one more may have so many times as much: by himself four fifths of all. */
const timesTheRest = 4;

/**
 * Whether somebody who has `own` of the `taken` places, of `max`, may take one more without keeping others out: one of them may have most of
 * what nobody wants, and however many he has, who comes next finds some.
 * A. K. Choudhury and E. L. Hahne, "Dynamic queue length thresholds for shared-memory packet switches", IEEE/ACM Transactions on Networking 6 (1998).
 */
export const leavesRoom = ({ own, taken, max }: { own: number; taken: number; max: number }): boolean =>
  taken < max && own < timesTheRest * (max - taken);
