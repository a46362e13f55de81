/**
 * Sequence numbers: decimal digits that grow with each record of a stream, all of one length, so that they sort as text.
 *
 *   1 mmmmmmmmmmmmmm cccccc     the millisecond, and a count within it
 *
 * Pure. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html
 */

const millisecondDigits = 14;
const countDigits = 6;
const countMax = 10 ** countDigits - 1;
const pattern = /^1\d{20}$/;

/** The first that a record of this millisecond can have. */
export const sequenceAt = (timeMs: number): string => sequenceOf(timeMs, 0);

/** When a record was given its number, epoch ms. */
export const timeOfSequence = (sequence: string): number => Number(sequence.slice(1, 1 + millisecondDigits));

/** After `last`, and not before `nowMs`: a clock that is set back lets time stand still. */
export function nextSequence(last: string, nowMs: number): string {
  const lastMs = timeOfSequence(last);
  if (nowMs > lastMs) return sequenceAt(Math.floor(nowMs));
  const count = Number(last.slice(1 + millisecondDigits));
  return count < countMax ? sequenceOf(lastMs, count + 1) : sequenceAt(lastMs + 1);
}

/** The one just before: what is after it is from `sequence` on. */
export function sequenceBefore(sequence: string): string {
  const count = Number(sequence.slice(1 + millisecondDigits));
  const timeMs = timeOfSequence(sequence);
  if (count > 0) return sequenceOf(timeMs, count - 1);
  return timeMs === 0 ? sequence : sequenceOf(timeMs - 1, countMax);
}

export const isSequence = (text: string): boolean => pattern.test(text);

function sequenceOf(timeMs: number, count: number): string {
  return `1${String(timeMs).padStart(millisecondDigits, '0')}${String(count).padStart(countDigits, '0')}`;
}
