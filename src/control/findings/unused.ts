/** What nobody uses any more: permissions, roles and keys that could go. Pure. */
import { includes } from '../../identity/policy-document.ts';
import type { AccessKey, LastUse } from '../../resources/iam/iam-entities.ts';
import type { UsedPermission } from '../../resources/used-permissions.ts';
import type { Holder } from '../review/holders.ts';
import type { Finding } from './finding.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** What is newer may still be about to be used. */
const newMs = 14 * dayMs;
/** https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html: keys not used for so long are to be removed (IAM.8). */
const unusedMs = 90 * dayMs;

/** Statements of a function's of which nothing was used for long. */
export function unusedPermissions(
  { name, policies, record, principal }: Holder,
  used: readonly UsedPermission[],
  nowMs: number,
): Finding[] {
  if (record === undefined || principal.kind !== 'function' || nowMs - record.modifiedMs < newMs) return [];
  const recent = used.filter(({ lastMs }) => nowMs - lastMs < unusedMs);
  return policies.flatMap((policy) =>
    policy.document.statements.flatMap((statement, index) => {
      const isUsed = recent.some(({ action }) =>
        includes(statement, statement.actions, action.toLowerCase(), () => undefined),
      );
      if (statement.effect === 'deny' || isUsed) return [];
      return [
        {
          severity: 'low',
          kind: 'unused-permission',
          subject: name,
          problem: `statement ${statement.id ?? index + 1} of ${policy.name} was not used ${since(unusedMs)}`,
          advice: `mayfly iam tighten ${principal.functionName} shows what it needs.`,
        } as const,
      ];
    }),
  );
}

/** Active ones. `lastUse`: undefined where it never was. */
export function unusedKey(key: AccessKey, lastUse: LastUse | undefined, nowMs: number): Finding[] {
  if (!key.isActive || nowMs - (lastUse?.atMs ?? key.createdMs) < unusedMs) return [];
  return [
    {
      severity: 'medium',
      kind: 'unused-key',
      subject: `user/${key.userName}`,
      problem: `the access key ${key.name} was ${lastUse === undefined ? 'never used' : `not used ${since(unusedMs)}`}`,
      advice: `aws iam update-access-key --user-name ${key.userName} --access-key-id ${key.name} --status Inactive, and later delete-access-key.`,
    },
  ];
}

const since = (ms: number): string => `for ${ms / dayMs} days`;
