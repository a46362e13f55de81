/** The mail server that what is sent goes through. https://www.rfc-editor.org/rfc/rfc5321 */
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { PlatformError, messageOf } from '../util/errors.ts';

/** At one recipient: taken, refused for good, or not now. */
export type RelayAnswer = { kind: 'taken' | 'refused' | 'later'; detail: string };

export type Relay = {
  /** For each recipient what was answered. Never rejects. */
  send(envelope: { from: string; to: readonly string[] }, raw: Buffer): Promise<ReadonlyMap<string, RelayAnswer>>;
};

export type RelayAddress = {
  host: string;
  port: number;
  /** TLS from the first byte. */
  isSecure: boolean;
  credentials?: { user: string; password: string };
};

type SentInfo = { response: string | undefined; rejectedErrors: readonly Error[] | undefined };

/** Longer than a server takes that looks at a mail before it answers. */
const timeoutMs = 60_000;

/** `smtp://user:password@host:587`, `smtps://host`. Errors: `invalid_argument`. */
export function parseRelayAddress(text: string): RelayAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '') {
    throw new PlatformError(
      'invalid_argument',
      `the relay is no address of a mail server; smtp://HOST:PORT or smtps://USER:PASSWORD@HOST is accepted`,
      { field: 'smtp-relay' },
    );
  }
  const isSecure = url.protocol === 'smtps:';
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (isSecure ? 465 : 587) : Number(url.port),
    isSecure,
    ...(url.username !== '' && {
      credentials: { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) },
    }),
  };
}

/** A connection for each mail: they are few, and what one does to it concerns no other. */
export function createRelay({ host, port, isSecure, credentials }: RelayAddress): Relay {
  return {
    async send(envelope, raw) {
      const answers = new Map<string, RelayAnswer>();
      const all = (answer: RelayAnswer): ReadonlyMap<string, RelayAnswer> =>
        new Map(envelope.to.map((address) => [address, answers.get(address) ?? answer]));
      const connection = new SMTPConnection({
        host,
        port,
        secure: isSecure,
        connectionTimeout: timeoutMs,
        greetingTimeout: timeoutMs,
        socketTimeout: timeoutMs,
      });
      try {
        await new Promise<void>((resolve, reject) => {
          connection.once('error', reject);
          connection.connect((error) => (error ? reject(error) : resolve()));
        });
        if (credentials !== undefined) {
          await new Promise<void>((resolve, reject) => {
            connection.login({ credentials: { user: credentials.user, pass: credentials.password } }, (error) =>
              error ? reject(error) : resolve(),
            );
          });
        }
        const info = await new Promise<SentInfo>((resolve, reject) => {
          connection.send({ from: envelope.from, to: [...envelope.to] }, raw, (error, sent) =>
            error ? reject(error) : resolve({ response: sent?.response, rejectedErrors: sent?.rejectedErrors }),
          );
        });
        for (const error of info.rejectedErrors ?? []) {
          const address = 'recipient' in error ? String(error.recipient) : '';
          answers.set(address, answerOf(error));
        }
        return all({ kind: 'taken', detail: info.response ?? 'taken' });
      } catch (error) {
        return all(answerOf(error));
      } finally {
        connection.close();
      }
    },
  };
}

/** 5xx is final, everything else may be otherwise in a while: our credentials included, which the operator can mend. */
function answerOf(error: unknown): RelayAnswer {
  const detail = messageOf(error);
  const code = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : 0;
  const isOurs = error instanceof Error && 'code' in error && error.code === 'EAUTH';
  return { kind: code >= 500 && code < 600 && !isOurs ? 'refused' : 'later', detail: detail.slice(0, 500) };
}
