import { severities } from '../control/findings/finding.ts';
import { connect, type ControlClient } from './client.ts';
import { dataOption, UsageError, type Command, type Invoked } from './command.ts';
import { getAuditLog, getAuditVerification, getFindings } from './control-api.ts';
import { auditLogText, verificationText } from './output/audit-log.ts';
import { findingsText, graphText } from './output/findings.ts';
import { painter } from './output/paint.ts';
import { sinceOption, timeSince } from './time-since.ts';

const limitDefault = 50;
const limitMax = 1_000;

export const auditCommand: Command = {
  usage: 'audit [--fail-on SEVERITY] | audit log [--verify]',
  description:
    'Without log: says what is wrong with who may what, the gravest first: policies that allow too much, ways to become administrator, open doors, what nobody uses, secrets in variables; --fail-on makes that an exit code. audit log shows the audit log: who changed or looked at what, when, from where, and what came of it, and every call that was refused. Each entry carries the hash of the one before; --verify says whether all of them are as they were written.',
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
    'fail-on': {
      type: 'string',
      value: 'SEVERITY',
      description: `Exit code 1 where anything is as grave: ${severities.join(', ')}`,
    },
    graph: { type: 'boolean', description: 'Show who can become whom, and how' },
    data: dataOption,
  },
  positionalsMin: 0,
  positionalsMax: 1,
  examples: [
    'mayfly audit',
    'mayfly audit --fail-on high',
    'mayfly audit --graph',
    'mayfly audit log',
    'mayfly audit log --denied --since 1d',
    'mayfly audit log --verify --json',
  ],
  async run(invoked) {
    const [what] = invoked.positionals;
    if (what !== undefined && what !== 'log') throw new UsageError(`audit ${what} is not known; log is.`, 'audit');
    if (what === undefined) return await review(invoked);
    if (invoked.text('fail-on') !== undefined) throw new UsageError('--fail-on goes without log.', 'audit');
    if (invoked.flag('graph')) throw new UsageError('--graph goes without log.', 'audit');
    if (invoked.text('expected') !== undefined && !invoked.flag('verify'))
      throw new UsageError('--expected goes with --verify.', 'audit');
    await using client = await connect(invoked.world, invoked.text('data'));
    return invoked.flag('verify') ? await verify(invoked, client) : await show(invoked, client);
  },
};

/** What is as grave as `--fail-on` says, or more, is exit code 1. */
async function review(invoked: Invoked): Promise<number> {
  const { world } = invoked;
  for (const option of ['denied', 'verify'])
    if (invoked.flag(option)) throw new UsageError(`--${option} goes with audit log.`, 'audit');
  for (const option of ['who', 'operation', 'resource', 'since', 'limit', 'expected'])
    if (invoked.text(option) !== undefined) throw new UsageError(`--${option} goes with audit log.`, 'audit');
  const failOn = invoked.text('fail-on');
  const gravest = severities.findIndex((one) => one === failOn);
  if (failOn !== undefined && gravest < 0)
    throw new UsageError(`--fail-on is '${failOn}'; ${severities.join(', ')} are accepted.`, 'audit');
  await using client = await connect(world, invoked.text('data'));
  const { findings, graph } = await getFindings(client);
  const counts = Object.fromEntries(
    severities.map((one) => [one, findings.filter(({ severity }) => severity === one).length]),
  );
  invoked.answer({ findings, counts, graph }, () => {
    const paint = painter(world.stdout, world.environment);
    return [findingsText(findings, paint), ...(invoked.flag('graph') ? ['', graphText(graph, paint)] : [])].join('\n');
  });
  return failOn !== undefined && findings.some(({ severity }) => severities.indexOf(severity) <= gravest) ? 1 : 0;
}

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
