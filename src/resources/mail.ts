/**
 * Mail: what programs send through the platform and what arrives at it, with what became of it.
 *
 * The engine keeps mails, identities, templates, configuration sets and the suppression list, and accepts mails for
 * sending; what it has accepted is on disk. Sending is events/mail-delivery.ts, which reads the log. Every mail lies in the
 * mailbox, sent or not, so that who develops can look at it; the oldest make room for the newest.
 */
import type { Log } from '../store/log.ts';
import { scan, type Operation, type Records } from '../store/records.ts';
import type { Cause } from '../util/cause.ts';
import type { Clock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId, Ids } from '../util/ids.ts';
import { Kept } from './mail/kept.ts';
import type { MailTemplate } from './mail/template.ts';

/** What became of a mail at one of its recipients. */
export type Fate =
  | { state: 'waiting'; attempts: number; detail?: string }
  /** No relay is set: it lies in the mailbox, and nowhere else. */
  | { state: 'captured' }
  | { state: 'sent'; detail: string }
  | { state: 'bounced' | 'suppressed'; detail: string }
  /** Of the simulator's address: it was sent, and somebody complained. */
  | { state: 'complained' };

export type Mail = {
  id: string;
  account: AccountId;
  direction: 'out' | 'in';
  timeMs: number;
  /** Of the envelope: a bare address. */
  from: string;
  subject: string;
  bytes: number;
  /** Recipients of the envelope, lower case as far as nothing tells them apart otherwise. */
  recipients: Readonly<Record<string, Fate>>;
  /** The identity that it was sent with. */
  identity?: string;
  cause?: Cause;
};

export type MailIdentity = {
  kind: 'address' | 'domain';
  createdMs: number;
  /** ARNs of topics that hear of mails sent with it. */
  topics: Readonly<Partial<Record<'Bounce' | 'Complaint' | 'Delivery', string>>>;
  forwardsFeedback: boolean;
};

export type SuppressedAddress = { reason: 'BOUNCE' | 'COMPLAINT'; updatedMs: number; mailId?: string };

/** What clients said of a configuration set; given back as it is. */
export type ConfigurationSet = { createdMs: number; options: Readonly<Record<string, unknown>> };

export type MailAccount = { isSending: boolean; suppresses: readonly SuppressedAddress['reason'][] };

/** Where mails wait to be sent. */
export const outgoingTopic = 'mail/out';

/** https://docs.aws.amazon.com/ses/latest/dg/quotas.html */
export const mailLimits = {
  /** Of a mail, as it goes over the wire (SES: 40 MB, 10 MB by its first API). */
  bytesMax: 10 * 1024 * 1024,
  recipientsMax: 50,
  /** In the mailbox of one account: what a person looks through; the oldest go first. */
  mailboxMax: 1_000,
  identitiesMax: 10_000,
  templatesMax: 20_000,
} as const;

const mailPrefix = 'mail/';
const rawPrefix = 'mail-raw/';

export type MailsParts = { records: Records; log: Log; clock: Clock; ids: Ids };

const accountDefault: MailAccount = Object.freeze({ isSending: true, suppresses: ['BOUNCE', 'COMPLAINT'] as const });

export class Mails {
  readonly #parts: MailsParts;
  /** Of each account, in the order in which they came. */
  readonly #mailboxes = new Map<AccountId, Map<string, Mail>>();
  readonly identities: Kept<MailIdentity>;
  readonly templates: Kept<MailTemplate>;
  readonly configurationSets: Kept<ConfigurationSet>;
  readonly suppressed: Kept<SuppressedAddress>;
  readonly #accounts: Kept<MailAccount>;

  private constructor(
    parts: MailsParts,
    kept: Pick<Mails, 'identities' | 'templates' | 'configurationSets' | 'suppressed'>,
    accounts: Kept<MailAccount>,
  ) {
    this.#parts = parts;
    this.identities = kept.identities;
    this.templates = kept.templates;
    this.configurationSets = kept.configurationSets;
    this.suppressed = kept.suppressed;
    this.#accounts = accounts;
  }

  static async open(parts: MailsParts): Promise<Mails> {
    const { records } = parts;
    const mails = new Mails(
      parts,
      {
        identities: await Kept.open(records, 'mail-identity/'),
        templates: await Kept.open(records, 'mail-template/'),
        configurationSets: await Kept.open(records, 'mail-configuration-set/'),
        suppressed: await Kept.open(records, 'mail-suppressed/'),
      },
      await Kept.open(records, 'mail-account/'),
    );
    for await (const { value } of scan(records, mailPrefix)) mails.#hold(value as Mail);
    return mails;
  }

  account(account: AccountId): MailAccount {
    return this.#accounts.get(account, 'settings') ?? accountDefault;
  }

  setAccount(account: AccountId, change: Partial<MailAccount>): Promise<void> {
    return this.#accounts.put(account, 'settings', { ...this.account(account), ...change });
  }

  /** The identity that lets somebody send from this address: its own, or its domain's. */
  identityOf(account: AccountId, address: string): string | undefined {
    const domain = domainOf(address);
    return [address, address.toLowerCase(), domain].find((name) => this.identities.get(account, name) !== undefined);
  }

  /** Of a mail to come. */
  newId(): string {
    return `0100${this.#parts.ids.uuid()}-000000`;
  }

  /** On its way, and in the mailbox, once resolved. */
  async send(
    outgoing: Pick<Mail, 'id' | 'account' | 'from' | 'subject'> & {
      recipients: readonly string[];
      raw: Buffer;
      identity?: string;
      cause?: Cause;
    },
  ): Promise<void> {
    const { recipients, raw, ...rest } = outgoing;
    const fate: Fate = { state: 'waiting', attempts: 0 };
    const mail = this.#mailOf(raw, {
      ...rest,
      direction: 'out',
      recipients: Object.fromEntries(recipients.map((address) => [address, fate])),
    });
    await this.#keep(mail, raw, [
      {
        kind: 'append',
        topic: outgoingTopic,
        message: { id: mail.id, body: JSON.stringify({ account: mail.account, id: mail.id }) },
      },
    ]);
  }

  /** Kept as one that has arrived; `more` happens with it or not at all. */
  async receive(
    incoming: Pick<Mail, 'id' | 'account' | 'from' | 'subject'> & {
      recipients: readonly string[];
      raw: Buffer;
      cause: Cause;
    },
    more: (mail: Mail) => readonly Operation[],
  ): Promise<Mail> {
    const { recipients, raw, ...rest } = incoming;
    const mail = this.#mailOf(raw, {
      ...rest,
      direction: 'in',
      recipients: Object.fromEntries(recipients.map((address) => [address, { state: 'captured' as const }])),
    });
    await this.#keep(mail, raw, more(mail));
    return mail;
  }

  get(account: AccountId, id: string): Mail | undefined {
    return this.#mailboxes.get(account)?.get(id);
  }

  /** The newest first. */
  list(account: AccountId, limit: number): readonly Mail[] {
    return [...(this.#mailboxes.get(account)?.values() ?? [])].slice(-limit).toReversed();
  }

  /** As it goes over the wire. */
  async raw(account: AccountId, id: string): Promise<Buffer | undefined> {
    const entry = await this.#parts.records.get(`${rawPrefix}${account}/${id}`);
    return entry === undefined ? undefined : Buffer.from((entry.value as { base64: string }).base64, 'base64');
  }

  /** What became of it. A mail that made room meanwhile is gone, and stays so. */
  async update(mail: Mail): Promise<void> {
    if (this.get(mail.account, mail.id) === undefined) return;
    await this.#parts.records.transact([{ kind: 'put', key: keyOf(mail), value: mail }]);
    this.#hold(mail);
  }

  #mailOf(raw: Buffer, mail: Omit<Mail, 'timeMs' | 'bytes'>): Mail {
    if (raw.byteLength > mailLimits.bytesMax) {
      throw new PlatformError(
        'too_large',
        `The mail has ${raw.byteLength} bytes; at most ${mailLimits.bytesMax} are accepted.`,
        { reason: 'MessageRejected' },
      );
    }
    return { ...mail, timeMs: this.#parts.clock.now(), bytes: raw.byteLength };
  }

  async #keep(mail: Mail, raw: Buffer, more: readonly Operation[]): Promise<void> {
    const mailbox = this.#mailboxes.get(mail.account);
    const outdated = [...(mailbox?.values() ?? [])].slice(
      0,
      Math.max(0, (mailbox?.size ?? 0) + 1 - mailLimits.mailboxMax),
    );
    await this.#parts.records.transact([
      { kind: 'put', key: keyOf(mail), value: mail },
      { kind: 'put', key: rawKeyOf(mail), value: { base64: raw.toString('base64') } },
      ...outdated.flatMap((old): Operation[] => [
        { kind: 'delete', key: keyOf(old) },
        { kind: 'delete', key: rawKeyOf(old) },
      ]),
      ...more,
    ]);
    for (const { id } of outdated) mailbox?.delete(id);
    this.#hold(mail);
  }

  #hold(mail: Mail): void {
    const mailbox = this.#mailboxes.get(mail.account) ?? new Map<string, Mail>();
    this.#mailboxes.set(mail.account, mailbox.set(mail.id, mail));
  }
}

const keyOf = ({ account, id }: Mail): string => `${mailPrefix}${account}/${id}`;
const rawKeyOf = ({ account, id }: Mail): string => `${rawPrefix}${account}/${id}`;

/** In lower case; empty where there is none. */
export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();
