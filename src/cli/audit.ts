import { connect, type ControlClient } from './client.ts';
import { dataOption, UsageError, type Command, type Invoked } from './command.ts';
import { getAuditLog, getAuditVerification } from './control-api.ts';
import { auditLogText, verificationText } from './output/audit-log.ts';
import { painter } from './output/paint.ts';
import { sinceOption, timeSince } from './time-since.ts';

const limitDefault = 50;
const limitMax = 1_000;

export const auditCommand: Command = {
  usage: 'audit log [--verify]',
  description:
    'Shows the audit log: who changed or looked at what, when, from where, and what came of it, and every call that was refused. Each entry carries the hash of the one before; --verify says whether all of them are as they were written.',
  options: {
    denied: { type: 'boolean', description: 'Only what was refused' },
    who: { type: 'string', value: 'NAME', description: 'Only of this user, function, session, ARN or access key' },
    operation: { type: 'string', value: 'NAME', description: 'Only this operation: CreateFunction' },
    resource: { type: 'string', value: 'ARN', description: 'Only about this resource; the end of its ARN will do' },
    since: sinceOption,
    limit: { type: 'string', value: 'N', description: `The newest so many; ${limitDefault} by default` },
    verify: { type: 'boolean', description: 'Say whether the log is as it was written' },
    expected: {
      type: 'string',
      value: 'ENTRY',
      description: 'With --verify: the last entry, as an earlier --verify printed it',
    },
    data: dataOption,
  },
  positionalsMin: 1,
  positionalsMax: 1,
  examples: ['mayfly audit log', 'mayfly audit log --denied --since 1d', 'mayfly audit log --verify --json'],
  async run(invoked) {
    const [what = ''] = invoked.positionals;
    if (what !== 'log') throw new UsageError(`audit ${what} is not known; log is.`, 'audit');
    if (invoked.text('expected') !== undefined && !invoked.flag('verify'))
      throw new UsageError('--expected goes with --verify.', 'audit');
    await using client = await connect(invoked.world, invoked.text('data'));
    return invoked.flag('verify') ? await verify(invoked, client) : await show(invoked, client);
  },
};

async function show(invoked: Invoked, client: ControlClient): Promise<number> {
  const { world } = invoked;
  const since = invoked.text('since');
  const entries = await getAuditLog(client, {
    result: invoked.flag('denied') ? 'denied' : undefined,
    who: invoked.text('who'),
    operation: invoked.text('operation'),
    resource: invoked.text('resource'),
    fromMs: since === undefined ? undefined : timeSince(since, world.clock.now(), 'audit'),
    limit: limitOf(invoked),
  });
  invoked.answer({ entries }, () => auditLogText(entries, painter(world.stdout, world.environment), world.clock.now()));
  return 0;
}

/** A log that is not as it was written is exit code 1. */
async function verify(invoked: Invoked, client: ControlClient): Promise<number> {
  const { world } = invoked;
  const report = await getAuditVerification(client, invoked.text('expected'));
  invoked.answer(report, () => verificationText(report, painter(world.stdout, world.environment)));
  return report.faults.length === 0 ? 0 : 1;
}

function limitOf(invoked: Invoked): number {
  const asked = invoked.text('limit') ?? String(limitDefault);
  const limit = Number(asked);
  if (Number.isInteger(limit) && limit >= 1 && limit <= limitMax) return limit;
  throw new UsageError(`--limit is '${asked}'; a whole number from 1 to ${limitMax} is accepted.`, 'audit');
}
