/** Where mail goes and comes from: options of the commands that run a platform. */
import { UsageError, type Invoked, type Option } from './command.ts';

export const mailOptions: Readonly<Record<string, Option>> = {
  'smtp-relay': {
    type: 'string',
    value: 'URL',
    description:
      'The mail server that what programs send goes through: smtp://HOST:PORT, smtps://HOST (or $MAYFLY_SMTP_RELAY, which is the place for a password). Without one, mails stay in the mailbox (mayfly mail)',
  },
  'smtp-port': {
    type: 'string',
    value: 'PORT',
    description: 'Takes mail for functions at this port; 0 takes any free one. None by default',
  },
};

export type MailChoice = { smtpRelay?: string; smtpPort?: number };

/** Empty: mail is kept and nothing is listened to. */
export function mailOption(invoked: Invoked, command: string): MailChoice {
  const relay = invoked.text('smtp-relay') ?? invoked.world.environment['MAYFLY_SMTP_RELAY'];
  const port = invoked.text('smtp-port');
  const number = port === undefined ? undefined : /^[0-9]{1,5}$/.test(port) ? Number(port) : Number.NaN;
  if (number !== undefined && !(number <= 65_535))
    throw new UsageError(`--smtp-port is '${port}'; a port from 0 to 65535 is accepted.`, command);
  if (relay !== undefined && relay !== '' && !/^smtps?:\/\/[^/]/.test(relay))
    throw new UsageError(
      '--smtp-relay is no address of a mail server; smtp://HOST:PORT or smtps://HOST is accepted.',
      command,
    );
  return {
    ...(relay !== undefined && relay !== '' && { smtpRelay: relay }),
    ...(number !== undefined && { smtpPort: number }),
  };
}
