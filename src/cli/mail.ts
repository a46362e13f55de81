import type { MailView } from '../control/views.ts';
import { connect } from './client.ts';
import { dataOption, UsageError, type Command } from './command.ts';
import { getMail, getMails } from './control-api.ts';
import { columns } from './output/columns.ts';
import { painter, type Paint } from './output/paint.ts';
import { ago, bytesText } from './output/units.ts';

const limitMax = 1_000;

export const mailCommand: Command = {
  usage: 'mail ls [--limit N] | mail show ID',
  description:
    'Shows the mailbox: every mail that programs sent through SES, with what became of it at each recipient, and every mail that arrived at the SMTP port. Without a relay (serve --smtp-relay) what is sent lies here and goes nowhere else. The last thousand are kept.',
  options: {
    limit: { type: 'string', value: 'N', description: 'The newest so many; 50 by default' },
    data: dataOption,
  },
  positionalsMin: 1,
  positionalsMax: 2,
  examples: ['mayfly mail ls', 'mayfly mail show 010001a1ff7b-c8cc-7a64-b795-b87dfe0d7196-000000'],
  async run(invoked) {
    const { world } = invoked;
    const [what, id] = invoked.positionals;
    const paint = painter(world.stdout, world.environment);
    if (what === 'show' && id !== undefined) {
      await using client = await connect(world, invoked.text('data'));
      const mail = await getMail(client, id);
      invoked.answer(mail, () => [...headLines(mail, paint), '', mail.raw].join('\n'));
      return 0;
    }
    if (what !== 'ls' || id !== undefined)
      throw new UsageError(`mail ${invoked.positionals.join(' ')} is not known; mail ls and mail show ID are.`, 'mail');
    const asked = invoked.text('limit') ?? '50';
    const limit = /^[0-9]{1,4}$/.test(asked) ? Number(asked) : 0;
    if (limit < 1 || limit > limitMax)
      throw new UsageError(`--limit is '${asked}'; a whole number from 1 to ${limitMax} is accepted.`, 'mail');
    await using client = await connect(world, invoked.text('data'));
    const mails = await getMails(client, limit);
    invoked.answer({ mails }, () => {
      if (mails.length === 0) return 'The mailbox is empty.';
      const rows = mails.map((mail) => [
        mail.id,
        ago(mail.timeMs, world.clock.now()),
        `${mail.from} → ${mail.recipients.map(({ address }) => address).join(', ')}`,
        paint('bold', mail.subject),
        statesOf(mail, paint),
      ]);
      return columns(rows).join('\n');
    });
    return 0;
  },
};

function headLines(mail: MailView, paint: Paint): string[] {
  const recipients = mail.recipients.map(
    ({ address, state, detail }) => `  ${address}  ${state}${detail === undefined ? '' : paint('dim', ` (${detail})`)}`,
  );
  const what = mail.direction === 'in' ? 'arrived from' : 'sent by';
  return [
    `${paint('bold', mail.subject)}  ${paint('dim', bytesText(mail.bytes))}`,
    `${what} ${mail.from} to`,
    ...recipients,
  ];
}

function statesOf({ direction, recipients }: MailView, paint: Paint): string {
  if (direction === 'in') return paint('dim', 'arrived');
  const states = [...new Set(recipients.map(({ state }) => state))].join(', ');
  return /bounced|suppressed|complained/.test(states) ? paint('red', states) : states;
}
