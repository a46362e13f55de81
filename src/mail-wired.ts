/** Mail, from SES's APIs to the relay or the mailbox, wired to the rest of the house. */
import { createSecondSesService } from './aws/ses/second-ses.ts';
import { createSesService } from './aws/ses/ses.ts';
import type { AwsService } from './aws/service.ts';
import { startMailDelivery } from './events/mail-delivery.ts';
import { createMailSource } from './events/mail.ts';
import { createRelay, parseRelayAddress } from './events/smtp-relay.ts';
import type { MessagingKeys } from './events/keys-for.ts';
import type { EventSource, Report } from './events/source.ts';
import type { Buckets } from './resources/bucket.ts';
import type { Mails } from './resources/mail.ts';
import type { Topics } from './resources/topic.ts';
import type { Log } from './store/log.ts';
import type { Records } from './store/records.ts';
import type { Clock } from './util/clock.ts';
import type { AccountId, Ids } from './util/ids.ts';

export type MailSettings = {
  /** `smtp://host:25`; absent: mails stay in the mailbox. */
  relay?: string;
  /** Where mail arrives for functions; 0: any free port. Absent: nowhere. */
  port?: number;
  /** The address that it listens on. */
  listen: string;
};

export type MailParts = {
  region: string;
  account: AccountId;
  settings: MailSettings;
  mails: Mails;
  buckets: Pick<Buckets, 'put'>;
  records: Records;
  log: Log;
  topics: Pick<Topics, 'get' | 'publish'>;
  /** For topics that are encrypted with keys; absent: none is. */
  keys?: MessagingKeys;
  clock: Clock;
  ids: Ids;
  report: Report;
};

export type WiredMail = AsyncDisposable & {
  services: readonly AwsService[];
  source: EventSource;
  /** Where mail arrives, once it does. */
  port(): Promise<number>;
};

export async function wireMail(parts: MailParts): Promise<WiredMail> {
  const { settings, ...others } = parts;
  const { mails, topics, clock, account, buckets } = others;
  const { relay, port, listen } = settings;
  const listening = Promise.withResolvers<number>();
  const delivery = await startMailDelivery({
    ...others,
    ...(relay !== undefined && { relay: createRelay(parseRelayAddress(relay)) }),
  });
  const sesParts = { mails, topics, clock };
  return {
    source: createMailSource({ mails, buckets, account, port, listen, listening: listening.resolve }),
    port: () => listening.promise,
    services: [createSesService(sesParts), createSecondSesService(sesParts)],
    [Symbol.asyncDispose]: () => delivery[Symbol.asyncDispose](),
  };
}
