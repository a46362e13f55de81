/** A mail as it goes over the wire, from what somebody says of it. */
import addressparser from 'nodemailer/lib/addressparser';
import MailComposer from 'nodemailer/lib/mail-composer';

export type MailAttachment = {
  name: string;
  content: Buffer;
  contentType?: string;
  /** Shown within the text, under this id. */
  contentId?: string;
};

export type MailParts = {
  from: string;
  to: readonly string[];
  cc?: readonly string[];
  replyTo?: readonly string[];
  subject: string;
  text?: string;
  html?: string;
  headers?: readonly { name: string; value: string }[];
  attachments?: readonly MailAttachment[];
  /** Without the angle brackets. */
  messageId: string;
  timeMs: number;
};

/** Nothing is read from files or addresses that are named in it. */
export function composeMail(mail: MailParts): Promise<Buffer> {
  const { from, to, cc = [], replyTo = [], subject, text, html, headers = [], attachments = [] } = mail;
  const composer = new MailComposer({
    from,
    to: [...to],
    cc: [...cc],
    replyTo: [...replyTo],
    subject,
    text,
    html,
    headers: headers.map(({ name, value }) => ({ key: name, value })),
    attachments: attachments.map(({ name, content, contentType, contentId }) => ({
      filename: name,
      content,
      contentType,
      ...(contentId !== undefined && { cid: contentId, contentDisposition: 'inline' }),
    })),
    messageId: `<${mail.messageId}>`,
    date: new Date(mail.timeMs),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}

/** Bare addresses, of `Jane <jane@example.com>, …`. */
export const addressesIn = (text: string): string[] =>
  addressparser(text, { flatten: true }).flatMap(({ address }) =>
    address === undefined || address === '' ? [] : [address],
  );

/** One at a domain; whether somebody reads there is another question. */
export const isAddress = (address: string): boolean =>
  address.length <= 320 && /^[^\s@<>"(),:;\\[\]]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/u.test(address);
