/** All that is wrong with who may what in an account, the gravest first, and the graph behind it. */
import { parsePolicyDocument } from '../../identity/policy-document.ts';
import { isPublicPolicy } from '../../identity/public-policy.ts';
import type { Binding } from '../../registry/binding.ts';
import type { AccountId } from '../../util/ids.ts';
import { createHolders } from '../review/holders.ts';
import type { ReviewParts } from '../review/review-parts.ts';
import { attackGraph, type AttackGraph } from './attack-graph.ts';
import { escalations } from './escalations.ts';
import { gravestFirst, type Finding } from './finding.ts';
import { openPolicy, openUrls, publicDoors } from './open-doors.ts';
import { overPermissive } from './over-permissive.ts';
import { plainSecrets } from './plain-secrets.ts';
import { unusedKey, unusedPermissions } from './unused.ts';

export type Review = { findings: readonly Finding[]; graph: AttackGraph };

export async function reviewAccount(
  parts: ReviewParts,
  account: AccountId,
  bindings: readonly Binding[],
): Promise<Review> {
  const nowMs = parts.clock.now();
  const reader = parts.identities.of(account);
  const records = parts.registry.list(account);
  const holders = createHolders(parts).list(account);
  const openRoles = holders.filter(
    ({ role }) => role !== undefined && isPublicPolicy(parsePolicyDocument(role.trust, 'trust')),
  );
  const doors = [
    ...publicDoors(records, bindings),
    ...openRoles.map(({ name }) => ({ to: name, label: 'its trust policy' })),
  ];
  const graph = await attackGraph(holders, doors, { ...parts, groups: reader.list('group') });
  const nobody = { kind: 'anonymous', account, arn: '*', accessKeyId: '' } as const;
  const resources = new Set([...(await parts.resources(account)), ...records.map(({ arn }) => arn)]);
  const findings = [
    ...escalations(graph, holders),
    // What a function's role of IAM's allows is said of the role.
    ...holders.filter(({ record }) => record?.latest.settings.role === undefined).flatMap(overPermissive),
    ...holders.flatMap((holder) => unusedPermissions(holder, parts.used.list(account, holder.name), nowMs)),
    ...reader.list('access-key').flatMap((key) => unusedKey(key, parts.identities.lastUse(account, key.name), nowMs)),
    ...openUrls(records),
    ...[...resources].flatMap((arn) => {
      const document = parts.sideOf(nobody, { action: '*', resource: arn })?.document;
      return document === undefined ? [] : openPolicy(arn, document);
    }),
    ...holders.flatMap(({ role, arn }) =>
      role === undefined ? [] : openPolicy(arn, parsePolicyDocument(role.trust, 'trust')),
    ),
    ...records.flatMap(plainSecrets),
  ];
  return { findings: gravestFirst(findings), graph };
}
