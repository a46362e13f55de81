import { createDocumentReader, decide } from '../identity/policy-document.ts';
import type { Principal } from '../identity/principal.ts';
import { accountRoot } from '../identity/principal-element.ts';
import type { EventBuses } from '../resources/event-bus/event-buses.ts';
import type { AccountId } from '../util/ids.ts';
import type { OnBehalf, Permission } from './function-permission.ts';

export type BusAsker = OnBehalf & {
  roleArn?: string;
  /** Of the event that is put. */
  source: string;
  detailType: string;
};

/** Whether what a rule, schedule or pipe sends may be put on a bus. */
export type BusPermission = (account: AccountId, name: string, asker: BusAsker) => Permission;

/**
 * A bus takes what its own account sends, unless its policy denies it; another account is let in by the policy alone: as
 * the role that the target names, or as the account itself.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html
 */
export function busPermission(buses: Pick<EventBuses, 'bus'>, region: string): BusPermission {
  const documentOf = createDocumentReader();
  return (account, name, { sourceAccount, sourceArn, roleArn, source, detailType }) => {
    const bus = buses.bus(account, name);
    if (bus === undefined) return 'missing';
    const document = documentOf(bus);
    const unsaid = sourceAccount === account ? 'allowed' : 'not_allowed';
    if (document === undefined) return unsaid;
    const context = {
      'aws:sourcearn': sourceArn,
      'aws:sourceaccount': sourceAccount,
      'events:source': source,
      'events:detail-type': detailType,
    };
    const asked = { action: 'events:PutEvents', resource: `arn:aws:events:${region}:${account}:event-bus/${name}` };
    const root: Principal = {
      kind: 'administrator',
      account: sourceAccount,
      arn: accountRoot(sourceAccount),
      accessKeyId: '',
    };
    const decisions = [...(roleArn === undefined ? [] : [sessionOf(sourceAccount, roleArn)]), root].map((principal) =>
      decide(document, { ...asked, asker: { kind: 'principal', principal }, context }),
    );
    if (decisions.includes('denied')) return 'denied';
    return decisions.includes('allowed') ? 'allowed' : unsaid;
  };
}

/** The role as EventBridge has assumed it. */
function sessionOf(account: AccountId, roleArn: string): Principal {
  const roleName = roleArn.split('/').at(-1) ?? '';
  const sessionName = 'events';
  return {
    kind: 'role',
    account,
    arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`,
    accessKeyId: '',
    roleArn,
    roleName,
    roleId: '',
    sessionName,
    session: { issuedMs: 0, policies: [], policyArns: [], tags: {}, transitiveTagKeys: [] },
  };
}
