/**
 * Mails that were accepted go out: through the relay, or, where none is set, no further than the mailbox.
 *
 *   waiting ─▶ sent, bounced (the relay refused), suppressed (on the list), captured (no relay)
 *      └────▶ waiting, `attempts` + 1, tried again later (the relay cannot take it now), bounced when it is too old
 *
 * What became of each recipient is on disk before the log is acknowledged; a crash between the relay's answer and that
 * sends the mail again, with the same Message-ID.
 *
 * The simulator's addresses (bounce@, complaint@, … at simulator.amazonses.com) behave as documented and reach no relay.
 * https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html
 */
import { outgoingTopic, type Fate, type Mail, type Mails } from '../resources/mail.ts';
import type { Topics } from '../resources/topic.ts';
import type { Log } from '../store/log.ts';
import { parseArn } from '../util/arn.ts';
import type { Clock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import { derivedUuid, type AccountId, type Ids } from '../util/ids.ts';
import { Delivery, done, type Handled } from './deliver.ts';
import { noMessagingKeys, type MessagingKeys } from './keys-for.ts';
import { feedbackOf } from './mail-feedback.ts';
import { setAside } from './set-aside.ts';
import type { Relay } from './smtp-relay.ts';
import type { Report } from './source.ts';

export type MailDeliveryParts = {
  region: string;
  log: Log;
  mails: Mails;
  topics: Pick<Topics, 'publish'>;
  /** For topics that are encrypted with keys; absent: none is. */
  keys?: MessagingKeys;
  /** Absent: mails stay in the mailbox. */
  relay?: Relay;
  clock: Clock;
  ids: Ids;
  report: Report;
};

type Held = { receipt: string; account: AccountId; id: string };

const holder = 'events/mail-delivery';
/** More than a relay takes to answer; extended while it is waited for. */
const leaseMs = 120_000;
/** Mails under way at once: as many connections to the relay. */
const concurrencyMax = 8;
/** The last one repeats. */
const retryDelaysMs = [60_000, 300_000, 900_000, 3_600_000] as const;
/** SES gives up after about as long. https://docs.aws.amazon.com/ses/latest/dg/send-email-concepts-deliverability.html */
const ageMsMax = 14 * 3_600_000;

const simulator = '@simulator.amazonses.com';

export async function startMailDelivery(parts: MailDeliveryParts): Promise<AsyncDisposable> {
  const { log, clock, ids, report } = parts;
  await log.release(holder);
  return new Delivery<Held>(
    {
      name: 'mails',
      watch: (ready) => log.watch(outgoingTopic, ready),
      take: async (max) =>
        (await log.receive(outgoingTopic, { max, leaseMs, holder })).map(({ receipt, body }) => ({
          receipt,
          ...(JSON.parse(body) as { account: AccountId; id: string }),
        })),
      handle: (held) => handle(parts, held),
      setAside: ({ receipt, account, id }) =>
        setAside(log, outgoingTopic, [{ id, body: JSON.stringify({ account, id }), receipt }]),
      extend: ({ receipt }) => log.extend(outgoingTopic, receipt, leaseMs),
    },
    { concurrencyMax, aheadMax: 0, extendEveryMs: leaseMs / 3 },
    { clock, ids, report },
  );
}

async function handle(parts: MailDeliveryParts, { receipt, account, id }: Held): Promise<Handled> {
  const { log, mails } = parts;
  const mail = mails.get(account, id);
  const raw = mail === undefined ? undefined : await mails.raw(account, id);
  if (mail === undefined || raw === undefined) {
    await log.acknowledge(outgoingTopic, [receipt]);
    return done;
  }
  const after: Mail = { ...mail, recipients: { ...mail.recipients, ...(await fates(parts, mail, raw)) } };
  for (const [address, fate] of Object.entries(after.recipients))
    if (fate.state === 'bounced' && isSuppressing(parts, mail, address, 'BOUNCE'))
      await mails.suppressed.put(account, address.toLowerCase(), {
        reason: 'BOUNCE',
        updatedMs: parts.clock.now(),
        mailId: id,
      });
  await tellTopics(parts, mail, after);
  await mails.update(after);
  const attempts = Object.values(after.recipients).flatMap((fate) => (fate.state === 'waiting' ? [fate.attempts] : []));
  if (attempts.length === 0) {
    await log.acknowledge(outgoingTopic, [receipt]);
    return done;
  }
  const at = Math.min(Math.max(...attempts), retryDelaysMs.length) - 1;
  await log.redeliver(outgoingTopic, receipt, { delayMs: retryDelaysMs[at] ?? 0 });
  return done;
}

/** Of those who still wait. */
async function fates(parts: MailDeliveryParts, mail: Mail, raw: Buffer): Promise<Record<string, Fate>> {
  const { mails, relay, clock } = parts;
  const came: Record<string, Fate> = {};
  const open: string[] = [];
  for (const [address, fate] of Object.entries(mail.recipients)) {
    if (fate.state !== 'waiting') continue;
    const simulated = simulatedFate(address);
    const listed = mails.suppressed.get(mail.account, address.toLowerCase());
    if (simulated !== undefined) came[address] = simulated;
    // One that got onto the list by this very mail is a bounce that a crash had us forget.
    else if (
      listed !== undefined &&
      listed.mailId !== mail.id &&
      mails.account(mail.account).suppresses.includes(listed.reason)
    )
      came[address] = { state: 'suppressed', detail: `it is on the suppression list (${listed.reason})` };
    else if (relay === undefined) came[address] = { state: 'captured' };
    else open.push(address);
  }
  if (relay === undefined || open.length === 0) return came;
  const answers = await relay.send({ from: mail.from, to: open }, raw);
  for (const address of open) {
    const { kind, detail } = answers.get(address) ?? { kind: 'later', detail: 'the relay did not say' };
    const fate = mail.recipients[address];
    const attempts = (fate?.state === 'waiting' ? fate.attempts : 0) + 1;
    if (kind === 'taken') came[address] = { state: 'sent', detail };
    else if (kind === 'refused') came[address] = { state: 'bounced', detail };
    else if (clock.now() - mail.timeMs > ageMsMax) came[address] = { state: 'bounced', detail: `given up: ${detail}` };
    else came[address] = { state: 'waiting', attempts, detail };
  }
  return came;
}

function simulatedFate(address: string): Fate | undefined {
  if (!address.toLowerCase().endsWith(simulator)) return undefined;
  // What stands behind a plus is for the sender to tell mails apart.
  const [name = ''] = address.toLowerCase().split('@')[0]?.split('+') ?? [];
  switch (name) {
    case 'success':
    case 'ooto':
      return { state: 'sent', detail: '250 taken by the simulator' };
    case 'bounce':
      return { state: 'bounced', detail: '550 5.1.1 the simulator knows nobody of this name' };
    case 'complaint':
      return { state: 'complained' };
    case 'suppressionlist':
      return { state: 'suppressed', detail: 'the simulator has it on the suppression list' };
    default:
      return undefined;
  }
}

/** The simulator's addresses do not get onto the list. */
const isSuppressing = (
  { mails }: MailDeliveryParts,
  mail: Mail,
  address: string,
  reason: 'BOUNCE' | 'COMPLAINT',
): boolean =>
  !address.toLowerCase().endsWith(simulator) &&
  mail.recipients[address]?.state === 'waiting' &&
  mails.account(mail.account).suppresses.includes(reason);

/** Those whose topics the identity names. Told again after a crash, they drop what they still hold. */
async function tellTopics(parts: MailDeliveryParts, before: Mail, after: Mail): Promise<void> {
  const { mails, topics, keys = noMessagingKeys, region, report } = parts;
  const identity = before.identity === undefined ? undefined : mails.identities.get(before.account, before.identity);
  if (identity === undefined) return;
  for (const { kind, recipients, message } of feedbackOf(before, after, parts)) {
    const target = identity.topics[kind];
    if (target === undefined) continue;
    const sourceArn = `arn:aws:ses:${region}:${before.account}:identity/${before.identity}`;
    const behalf = { service: 'ses.amazonaws.com', sourceArn, sourceAccount: before.account };
    const id = derivedUuid('mail feedback', before.id, kind, ...recipients);
    const name = parseArn(target)?.resource ?? '';
    try {
      const told = { id, message, attributes: {}, ...(before.cause !== undefined && { cause: before.cause }) };
      await topics.publish(before.account, name, [told], keys.topics.service(behalf));
    } catch (cause) {
      if (!(cause instanceof PlatformError) || cause.fault !== 'caller') throw cause;
      report(`the topic ${target} was not told what became of the mail ${before.id}`, cause);
    }
  }
}
