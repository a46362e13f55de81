/** How the first user of an account gets in: a user of IAM who may everything there, with one key. */
import { newAccessKeyId } from './identity/access-key-id.ts';
import { base32 } from './identity/credentials.ts';
import { accessKeyPurpose, type EntityKind } from './resources/iam/iam-entities.ts';
import type { Identities } from './resources/iam/identities.ts';
import type { Clock } from './util/clock.ts';
import type { AccountId, Ids } from './util/ids.ts';
import type { Sealer } from './util/sealer.ts';

type Parts = { identities: Identities; sealer: Sealer; clock: Clock; ids: Ids };

const userName = 'administrator';
const everything = 'arn:aws:iam::aws:policy/AdministratorAccess';
/** As long as AWS's. */
const secretBytes = 30;
/** In this order: what others refer to goes after them. */
const kinds: readonly EntityKind[] = [
  'access-key',
  'last-use',
  'instance-profile',
  'user',
  'group',
  'role',
  'policy',
  'oidc-provider',
  'settings',
];

/** The user is made where he is not there; the keys that he had are gone. */
export function giveAdministrator(
  { identities, sealer, clock, ids }: Parts,
  account: AccountId,
): Promise<{ userName: string; accessKeyId: string; secretAccessKey: string }> {
  return identities.change(account, (draft) => {
    const createdMs = clock.now();
    const user = draft.get('user', userName) ?? {
      account,
      name: userName,
      path: '/',
      id: `AIDA${base32(ids.hex(11))}`,
      createdMs,
      inline: {},
      attached: [],
      tags: {},
      groups: [],
    };
    draft.put('user', { ...user, attached: [...new Set([...user.attached, everything])] });
    for (const key of draft.list('access-key')) if (key.userName === userName) draft.delete('access-key', key.name);
    const accessKeyId = newAccessKeyId('AKIA', account, ids);
    const secretAccessKey = Buffer.from(ids.hex(secretBytes), 'hex').toString('base64');
    draft.put('access-key', {
      account,
      name: accessKeyId,
      userName,
      sealedSecret: sealer.seal(secretAccessKey, accessKeyPurpose(accessKeyId)),
      isActive: true,
      createdMs,
    });
    return { userName, accessKeyId, secretAccessKey };
  });
}

export function forgetIdentities({ identities }: Pick<Parts, 'identities'>, account: AccountId): Promise<void> {
  return identities.change(account, (draft) => {
    for (const kind of kinds) for (const { name } of draft.list(kind)) draft.delete(kind, name);
  });
}
