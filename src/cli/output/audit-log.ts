import type { AuditEntry } from '../../resources/audit-log/audit-entry.ts';
import type { ChainReport } from '../../resources/audit-log/verify-chain.ts';
import { columns } from './columns.ts';
import type { Paint } from './paint.ts';
import { ago, count } from './units.ts';

/** `entries`: newest first, as they are answered; shown newest last, as a log is read. */
export function auditLogText(entries: readonly AuditEntry[], paint: Paint, nowMs: number): string {
  if (entries.length === 0) return 'Nothing of the kind is in the audit log.';
  return columns(
    entries
      .toReversed()
      .map((entry) => [
        paint('dim', String(entry.sequence)),
        ago(entry.timeMs, nowMs),
        whoOf(entry),
        paint('bold', entry.service === 'mayfly' ? entry.operation : `${entry.service}:${entry.operation}`),
        resultOf(entry, paint),
        paint('dim', [...entry.resources, ...parametersOf(entry)].join(' ')),
      ]),
  ).join('\n');
}

function whoOf({ actor, from }: AuditEntry): string {
  const who =
    actor.kind === 'unknown'
      ? `somebody${actor.accessKeyId === '' ? '' : ` with ${actor.accessKeyId}`}`
      : [actor.kind, actor.name].filter((word) => word !== '').join(' ');
  return from.address === '' || actor.kind === 'function' ? who : `${who} from ${from.address}`;
}

function resultOf({ result, error, count: times }: AuditEntry, paint: Paint): string {
  const repeated = times > 1 ? ` ×${times}` : '';
  if (result === 'ok') return paint('green', 'ok') + repeated;
  return paint(result === 'denied' ? 'red' : 'yellow', `${result} ${error?.code ?? ''}`.trim()) + repeated;
}

/** Those that the resources do not say already. */
function parametersOf({ parameters, resources }: AuditEntry): string[] {
  return Object.entries(parameters)
    .filter(([, value]) => !resources.some((arn) => arn.endsWith(String(value))))
    .map(([name, value]) => `${name}=${value}`);
}

export function verificationText({ entries, head, faults }: ChainReport, paint: Paint): string {
  if (head === undefined) return 'The audit log is empty.';
  const lines =
    faults.length === 0
      ? [
          `${paint('green', 'as it was written')}: ${count(entries, 'entry', 'entries')}, each continuing the one before`,
        ]
      : [
          `${paint('red', 'not as it was written')}: ${count(faults.length, 'fault')} in ${count(entries, 'entry', 'entries')}`,
          ...faults.map(({ problem }) => `  ${problem}`),
        ];
  return [
    ...lines,
    `last entry: ${head.sequence}:${head.hash}`,
    paint(
      'dim',
      'Keep that line elsewhere: --expected with it shows another time that nothing up to there was changed.',
    ),
  ].join('\n');
}
