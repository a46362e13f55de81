/** How much was sent: of the mails that the mailbox has, which is the last thousand. */
import type { Fate, Mail } from '../../resources/mail.ts';
import { mailLimits } from '../../resources/mail.ts';
import type { AwsContext } from '../service.ts';
import type { SesParts } from './ses-parts.ts';

const dayMs = 86_400_000;
/** What is not limited here is said to be as much as SES ever gives. */
export const quota = { Max24HourSend: 1_000_000, MaxSendRate: 1_000 } as const;
/** https://docs.aws.amazon.com/ses/latest/APIReference/API_GetSendStatistics.html */
const slotMs = 15 * 60_000;

const sentOf = ({ mails }: SesParts, { account }: AwsContext): readonly Mail[] =>
  mails.list(account, mailLimits.mailboxMax).filter(({ direction }) => direction === 'out');

export function sentLastDay(parts: SesParts, context: AwsContext): number {
  const sinceMs = parts.clock.now() - dayMs;
  return sentOf(parts, context)
    .filter(({ timeMs }) => timeMs >= sinceMs)
    .reduce((sum, { recipients }) => sum + Object.keys(recipients).length, 0);
}

export type DataPoint = {
  Timestamp: Date;
  DeliveryAttempts: number;
  Bounces: number;
  Complaints: number;
  Rejects: number;
};

/** Of two weeks, a quarter of an hour each. */
export function sendStatistics(parts: SesParts, context: AwsContext): DataPoint[] {
  const sinceMs = parts.clock.now() - 14 * dayMs;
  const points = new Map<number, DataPoint>();
  for (const { timeMs, recipients } of sentOf(parts, context)) {
    if (timeMs < sinceMs) continue;
    const slot = Math.floor(timeMs / slotMs) * slotMs;
    const point = points.get(slot) ?? {
      Timestamp: new Date(slot),
      DeliveryAttempts: 0,
      Bounces: 0,
      Complaints: 0,
      Rejects: 0,
    };
    points.set(slot, point);
    const count = (...states: readonly Fate['state'][]): number =>
      Object.values(recipients).filter(({ state }) => states.includes(state)).length;
    point.DeliveryAttempts += Object.keys(recipients).length;
    point.Bounces += count('bounced', 'suppressed');
    point.Complaints += count('complained');
  }
  return [...points.values()].toSorted((a, b) => a.Timestamp.getTime() - b.Timestamp.getTime());
}
