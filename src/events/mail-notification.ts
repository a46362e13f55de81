/** A mail that arrived, as SES tells functions. Pure. https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-lambda-event.html */
import { decodeWords, headerValues, type MailHeader } from '../resources/mail/headers.ts';
import type { Mail } from '../resources/mail.ts';

/** Of the headers, as SES cuts them. Same page. */
const headersBytesMax = 10 * 1024;

export type MailReceipt = { recipients: readonly string[]; functionArn: string; processingMs: number };

export function mailNotification(
  mail: Mail,
  headers: readonly MailHeader[],
  { recipients, functionArn, processingMs }: MailReceipt,
): object {
  const timestamp = new Date(mail.timeMs).toISOString();
  const kept: MailHeader[] = [];
  let bytes = 0;
  for (const header of headers) {
    bytes += Buffer.byteLength(header.name) + Buffer.byteLength(header.value);
    if (bytes > headersBytesMax) break;
    kept.push(header);
  }
  const list = (name: string): string[] =>
    headerValues(headers, name).flatMap((value) =>
      value.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/).map((one) => one.trim()),
    );
  const [date, messageId, subject] = ['date', 'message-id', 'subject'].map((name) => headerValues(headers, name)[0]);
  // What is looked for at a door that the operator opened to nobody but his own servers: nothing.
  const notLooked = { status: 'DISABLED' };
  return {
    Records: [
      {
        eventSource: 'aws:ses',
        eventVersion: '1.0',
        ses: {
          mail: {
            timestamp,
            source: mail.from,
            messageId: mail.id,
            destination: Object.keys(mail.recipients),
            headersTruncated: kept.length < headers.length,
            headers: kept,
            commonHeaders: {
              returnPath: mail.from,
              from: list('from'),
              ...(date !== undefined && { date }),
              to: list('to'),
              ...(headerValues(headers, 'cc').length > 0 && { cc: list('cc') }),
              ...(messageId !== undefined && { messageId }),
              ...(subject !== undefined && { subject: decodeWords(subject) }),
            },
          },
          receipt: {
            timestamp,
            processingTimeMillis: processingMs,
            recipients,
            spamVerdict: notLooked,
            virusVerdict: notLooked,
            spfVerdict: notLooked,
            dkimVerdict: notLooked,
            dmarcVerdict: notLooked,
            action: { type: 'Lambda', functionArn, invocationType: 'Event' },
          },
        },
      },
    ],
  };
}
