/**
 * Mail as a source: what arrives at the SMTP port for an address that a function is bound to becomes an asynchronous
 * invocation of it, with SES's event.
 *
 * Who is told 250 has told us for good: the mail and its invocations are on disk by then, in one transaction. A crash
 * before that leaves the sender's server to try again, as SMTP has it. Nobody else's mail is taken: an address that no
 * function is bound to is refused, so that this is no relay.
 */
import { SMTPServer, type SMTPServerAddress, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { Binding, BindingSource } from '../registry/binding.ts';
import type { Buckets } from '../resources/bucket.ts';
import { decodeWords, headerValues, parseMailHeaders } from '../resources/mail/headers.ts';
import { domainOf, mailLimits, type Mails } from '../resources/mail.ts';
import type { AccountId, RequestId } from '../util/ids.ts';
import { derivedUuid, functionArn, latestVersion } from '../util/ids.ts';
import { newCause } from '../util/cause.ts';
import { mailNotification } from './mail-notification.ts';
import { untilAborted, type EventSource, type SourceContext } from './source.ts';

export type MailBinding = Binding & { source: Extract<BindingSource, { kind: 'email' }> };

export type MailSourceParts = {
  mails: Mails;
  buckets: Pick<Buckets, 'put'>;
  account: AccountId;
  /** Absent: nothing is listened to. 0: any free port. */
  port: number | undefined;
  listen: string;
  listening(port: number): void;
};

/** Connections at once: mail servers keep few. */
const connectionsMax = 100;
/** A server that says nothing for so long is gone. https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.2.7 */
const silenceMsMax = 5 * 60_000;
/** How long stopping waits for mails that are being taken. */
const closeMsMax = 5_000;

export function createMailSource(parts: MailSourceParts): EventSource {
  return {
    kind: 'email',
    async run(context, signal) {
      if (parts.port === undefined) return untilAborted(signal);
      const server = new SMTPServer({
        authOptional: true,
        // The certificate that the library brings along is everybody's: no TLS is better than that one.
        disabledCommands: ['AUTH', 'STARTTLS'],
        size: mailLimits.bytesMax,
        maxClients: connectionsMax,
        socketTimeout: silenceMsMax,
        closeTimeout: closeMsMax,
        logger: false,
        onRcptTo: ({ address }, _session, callback) =>
          callback(
            boundTo(context, parts.account, address).length > 0
              ? null
              : refusal(550, `5.1.1 <${address}> is nobody here`),
          ),
        onData: (stream, session, callback) => {
          void answer(context, parts, stream, session, callback);
        },
      });
      server.on('error', (error) => context.report('the SMTP port has trouble', error));
      await new Promise<void>((resolve, reject) => {
        server.server.once('error', reject);
        server.listen(parts.port ?? 0, parts.listen, () => resolve());
      });
      const address = server.server.address();
      parts.listening(typeof address === 'object' && address !== null ? address.port : 0);
      await untilAborted(signal);
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** What the sender's server is told, once it is so. */
async function answer(
  context: SourceContext,
  parts: MailSourceParts,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  tell: (error?: Error | null, message?: string) => void,
): Promise<void> {
  try {
    tell(null, `2.0.0 kept as ${await take(context, parts, stream, session)}`);
  } catch (error) {
    if (!(error instanceof SmtpRefusal)) context.report('a mail that arrived could not be kept', error);
    tell(error instanceof SmtpRefusal ? error : refusal(451, '4.3.0 it cannot be kept now; try again later'));
  }
}

class SmtpRefusal extends Error {
  readonly responseCode: number;

  constructor(code: number, message: string) {
    super(message);
    this.responseCode = code;
  }
}

const refusal = (code: number, message: string): SmtpRefusal => new SmtpRefusal(code, message);

/** Those of its address, or of all of its domain (`@example.com`). */
function boundTo({ bindings }: SourceContext, account: AccountId, address: string): MailBinding[] {
  const names = [address.toLowerCase(), `@${domainOf(address)}`];
  return bindings
    .ofKind('email')
    .filter((binding) => binding.account === account && names.includes(binding.source.address.toLowerCase()));
}

/** Answers its id. */
async function take(
  context: SourceContext,
  { mails, buckets, account }: MailSourceParts,
  stream: SMTPServerDataStream,
  { envelope, remoteAddress }: SMTPServerSession,
): Promise<string> {
  const { asynchronous, clock, ids, region } = context;
  const startMs = clock.monotonicMs();
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) if (!stream.sizeExceeded) chunks.push(chunk);
  if (stream.sizeExceeded) throw refusal(552, `5.3.4 a mail has at most ${mailLimits.bytesMax} bytes`);
  const raw = Buffer.concat(chunks);
  const headers = parseMailHeaders(raw);
  const recipients = envelope.rcptTo.map(({ address }: SMTPServerAddress) => address);
  const [subject = ''] = headerValues(headers, 'subject');
  const cause = newCause(clock.now(), ids.hex(12));
  const from = envelope.mailFrom === false ? '' : (envelope.mailFrom?.address ?? '');
  const incoming = { id: mails.newId(), account, from, subject: decodeWords(subject), recipients, raw, cause };
  const bound = recipients.flatMap((address) =>
    boundTo(context, account, address).map((binding) => ({ binding, address })),
  );
  const byBinding = Map.groupBy(bound, ({ binding }) => binding);
  for (const bucket of new Set([...byBinding.keys()].flatMap(({ source }) => source.bucket ?? []))) {
    // A function that reads it finds it: it is there before the invocation is.
    await buckets.put(
      { account, bucket, key: incoming.id },
      oneChunk(raw),
      { headers: { contentType: 'message/rfc822' } },
      { cause, sourceIp: remoteAddress, principalId: 'ses.amazonaws.com', requestId: incoming.id },
    );
  }
  const mail = await mails.receive(incoming, (kept) =>
    [...byBinding].map(([{ id, functionName, qualifier }, those]) =>
      asynchronous.enqueueOperation({
        requestId: derivedUuid('email', kept.id, id) as RequestId,
        account,
        functionName,
        qualifier,
        event: JSON.stringify(
          mailNotification(kept, headers, {
            recipients: those.map(({ address }) => address),
            functionArn:
              functionArn(region, account, functionName) + (qualifier === latestVersion ? '' : `:${qualifier}`),
            processingMs: Math.round(clock.monotonicMs() - startMs),
          }),
        ),
        source: 'email',
        cause,
      }),
    ),
  );
  return mail.id;
}

async function* oneChunk(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
