/** What became of a mail, as SES tells topics. Pure. https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html */
import type { Fate, Mail } from '../resources/mail.ts';
import type { Clock } from '../util/clock.ts';

export type FeedbackKind = 'Bounce' | 'Complaint' | 'Delivery';

/** Of the recipients whose fate was decided between the two. */
export function feedbackOf(
  before: Mail,
  after: Mail,
  { clock, region }: { clock: Clock; region: string },
): { kind: FeedbackKind; recipients: readonly string[]; message: string }[] {
  const decided = Object.entries(after.recipients).filter(
    ([address]) => before.recipients[address]?.state === 'waiting',
  );
  const of = (...states: readonly Fate['state'][]): string[] =>
    decided.filter(([, { state }]) => states.includes(state)).map(([address]) => address);
  const timestamp = new Date(clock.now()).toISOString();
  const mail = {
    timestamp: new Date(after.timeMs).toISOString(),
    source: after.from,
    sourceArn: `arn:aws:ses:${region}:${after.account}:identity/${after.identity ?? after.from}`,
    sendingAccountId: after.account,
    messageId: after.id,
    destination: Object.keys(after.recipients),
  };
  const told: { kind: FeedbackKind; recipients: readonly string[]; message: string }[] = [];
  const tell = (kind: FeedbackKind, recipients: readonly string[], detail: object): void =>
    void told.push({ kind, recipients, message: JSON.stringify({ notificationType: kind, ...detail, mail }) });
  const [bounced, complained, sent] = [of('bounced', 'suppressed'), of('complained'), of('sent', 'captured')];
  if (bounced.length > 0) {
    const isSuppressed = bounced.every((address) => after.recipients[address]?.state === 'suppressed');
    tell('Bounce', bounced, {
      bounce: {
        bounceType: 'Permanent',
        bounceSubType: isSuppressed ? 'OnAccountSuppressionList' : 'General',
        bouncedRecipients: bounced.map((emailAddress) => {
          const fate = after.recipients[emailAddress];
          const diagnosticCode =
            fate !== undefined && 'detail' in fate ? { diagnosticCode: `smtp; ${fate.detail}` } : {};
          return { emailAddress, action: 'failed', status: '5.1.1', ...diagnosticCode };
        }),
        timestamp,
        feedbackId: `${after.id}-bounce`,
      },
    });
  }
  if (complained.length > 0) {
    tell('Complaint', complained, {
      complaint: {
        complainedRecipients: complained.map((emailAddress) => ({ emailAddress })),
        timestamp,
        feedbackId: `${after.id}-complaint`,
        complaintFeedbackType: 'abuse',
      },
    });
  }
  if (sent.length > 0) {
    tell('Delivery', sent, {
      delivery: {
        timestamp,
        processingTimeMillis: clock.now() - after.timeMs,
        recipients: sent,
        smtpResponse: '250 Ok',
      },
    });
  }
  return told;
}
