/** One mail, from whichever of SES's APIs it came: checked as SES checks it, and on its way. */
import { addressesIn, composeMail, isAddress, type MailAttachment } from '../../events/compose-mail.ts';
import { decodeWords, headerValues, parseMailHeaders, withoutHeaders } from '../../resources/mail/headers.ts';
import { parseTemplate, type MailTemplate } from '../../resources/mail/template.ts';
import { mailLimits } from '../../resources/mail.ts';
import type { AwsContext } from '../service.ts';
import { invalidParameter, noConfigurationSet, noTemplate, refused } from './ses-errors.ts';
import type { SesParts } from './ses-parts.ts';

export type Destinations = { to: readonly string[]; cc: readonly string[]; bcc: readonly string[] };

export type Written = { subject: string; text?: string; html?: string };

export type MailToSend = {
  /** `Jane <jane@example.com>`. */
  from: string;
  destinations: Destinations;
  replyTo: readonly string[];
  configurationSet: string | undefined;
  written: Written;
  headers?: readonly { name: string; value: string }[];
  attachments?: readonly MailAttachment[];
};

/** Answers the mail's id. */
export async function sendWritten(parts: SesParts, context: AwsContext, mail: MailToSend): Promise<string> {
  const { from, destinations, replyTo, configurationSet, written } = mail;
  const checked = checkSending(parts, context, from, destinations, configurationSet);
  const id = parts.mails.newId();
  const raw = await composeMail({
    from,
    to: destinations.to,
    cc: destinations.cc,
    replyTo,
    ...written,
    ...(mail.headers !== undefined && { headers: mail.headers }),
    ...(mail.attachments !== undefined && { attachments: mail.attachments }),
    messageId: messageIdOf(id),
    timeMs: parts.clock.now(),
  });
  await parts.mails.send({
    ...checked,
    id,
    account: context.account,
    subject: written.subject,
    raw,
    cause: context.cause,
  });
  return id;
}

export type RawToSend = {
  data: Uint8Array;
  /** Absent: what its From says. */
  from: string | undefined;
  /** Absent: what its To, Cc and Bcc say. */
  recipients: readonly string[] | undefined;
  configurationSet: string | undefined;
};

/** As it is, but for Bcc and Message-ID, which SES takes out and puts in. */
export async function sendRaw(parts: SesParts, context: AwsContext, mail: RawToSend): Promise<string> {
  const data = Buffer.from(mail.data);
  const headers = parseMailHeaders(data);
  const [named = ''] = headerValues(headers, 'from');
  for (const address of authorsOf(data)) if (!isOwn(parts, context, address)) throw notVerified(context, address);
  if (headers.length === 0) throw invalidParameter("Missing required header 'From'.", 'RawMessage');
  const inHeaders = ['to', 'cc', 'bcc'].flatMap((name) => headerValues(headers, name).flatMap(addressesIn));
  const [set] = headerValues(headers, 'x-ses-configuration-set');
  const checked = checkSending(
    parts,
    context,
    mail.from ?? named,
    { to: mail.recipients ?? inHeaders, cc: [], bcc: [] },
    mail.configurationSet ?? set,
  );
  const id = parts.mails.newId();
  const kept = withoutHeaders(data, ['bcc', 'message-id', 'x-ses-configuration-set', 'x-ses-message-tags']);
  const raw = Buffer.concat([Buffer.from(`Message-ID: <${messageIdOf(id)}>\r\n`), kept]);
  const [subject = ''] = headerValues(headers, 'subject');
  await parts.mails.send({
    ...checked,
    id,
    account: context.account,
    subject: decodeWords(subject),
    raw,
    cause: context.cause,
  });
  return id;
}

/** Whose mail it says it is: it must be theirs, whatever address it is sent with. */
export const authorsOf = (data: Uint8Array): string[] => {
  const headers = parseMailHeaders(Buffer.from(data));
  return ['from', 'sender'].flatMap((name) => headerValues(headers, name).flatMap(addressesIn));
};

const isOwn = ({ mails }: SesParts, { account }: AwsContext, address: string): boolean =>
  mails.identityOf(account, address) !== undefined;

const notVerified = ({ region }: AwsContext, address: string): Error =>
  refused(
    'MessageRejected',
    `Email address is not verified. The following identities failed the check in region ${region.toUpperCase()}: ${address}`,
  );

const messageIdOf = (id: string): string => `${id}@email.amazonses.com`;

function checkSending(
  { mails }: SesParts,
  context: AwsContext,
  fromText: string,
  { to, cc, bcc }: Destinations,
  configurationSet: string | undefined,
): { from: string; recipients: readonly string[]; identity: string } {
  const { account } = context;
  if (!mails.account(account).isSending)
    throw refused('AccountSendingPausedException', 'Email sending is disabled for this account.');
  const [from = '', ...more] = addressesIn(fromText);
  if (more.length > 0 || !isAddress(from)) throw invalidParameter(`Missing final '@domain'`, 'Source');
  const recipients = [...new Set([...to, ...cc, ...bcc].flatMap(addressesIn))];
  const count = to.length + cc.length + bcc.length;
  if (count > mailLimits.recipientsMax) throw invalidParameter(`Recipient count exceeds ${mailLimits.recipientsMax}.`);
  if (recipients.length === 0 || !recipients.every(isAddress))
    throw invalidParameter(
      recipients.length === 0 ? 'Empty required header' : `Missing final '@domain'`,
      'Destination',
    );
  const identity = mails.identityOf(account, from);
  if (identity === undefined) throw notVerified(context, from);
  if (configurationSet !== undefined && mails.configurationSets.get(account, configurationSet) === undefined)
    throw noConfigurationSet(configurationSet);
  return { from, recipients, identity };
}

export function needTemplate({ mails }: SesParts, context: AwsContext, name: string | undefined): MailTemplate {
  const template = mails.templates.get(context.account, name ?? '');
  if (template === undefined) throw noTemplate(name ?? '');
  return template;
}

/** `data`: JSON, the later over the earlier. Throws InvalidRenderingParameter, MissingRenderingAttribute, InvalidTemplate. */
export function renderTemplate(template: MailTemplate, ...data: readonly (string | undefined)[]): Written {
  const values: unknown = Object.assign({}, ...data.map(parseData));
  const render = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : parseTemplate(text)(values);
  const [subject = '', text, html] = [template.subject, template.text, template.html].map(render);
  return { subject, ...(text !== undefined && { text }), ...(html !== undefined && { html }) };
}

function parseData(text: string | undefined): object {
  if (text === undefined || text.trim() === '') return {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch {
    // Said below.
  }
  throw refused('InvalidRenderingParameter', 'Template rendering data is invalid', 'TemplateData');
}
