/** What somebody wants of a key, with all that the conditions of policies and grants may ask of it. */
import type { ConditionContext } from '../identity/policy-document.ts';
import type { EncryptionContext, Key } from '../resources/key.ts';
import type { Keys } from '../resources/key/keys.ts';
import type { Access, AwsContext } from './service.ts';

export type KeyAccess = Access & {
  key: Key;
  /** Grants compare it in full; conditions see its pairs. */
  encryptionContext?: EncryptionContext;
  /** A grant that is to be retired: who it says may. */
  grantId?: string;
};

/** `conditions`: what this operation has besides. https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html */
export function keyAccess(
  keys: Pick<Keys, 'arnOf' | 'aliases'>,
  /** Absent: a service, which is of no account. */
  { principal }: Partial<Pick<AwsContext, 'principal'>>,
  action: string,
  key: Key,
  more: { encryptionContext?: EncryptionContext; conditions?: ConditionContext; grantId?: string } = {},
): KeyAccess {
  const { encryptionContext = {}, conditions, grantId } = more;
  const pairs = Object.entries(encryptionContext).map(([name, value]) => [
    `kms:encryptioncontext:${name.toLowerCase()}`,
    value,
  ]);
  const tags = Object.entries(key.tags).map(([name, value]) => [`aws:resourcetag/${name.toLowerCase()}`, value]);
  return {
    action,
    resource: keys.arnOf(key),
    key,
    encryptionContext,
    ...(grantId !== undefined && { grantId }),
    conditions: {
      // Of who asks, whosever is what he asks for; strangers have none.
      'kms:calleraccount': principal === undefined || principal.kind === 'anonymous' ? undefined : principal.account,
      'kms:keyorigin': 'AWS_KMS',
      'kms:keyspec': key.spec,
      'kms:keyusage': key.usage,
      'kms:multiregion': 'false',
      'kms:resourcealiases': keys.aliases(key.account, key.id).map(({ name }) => name),
      'kms:encryptioncontextkeys': Object.keys(encryptionContext),
      ...Object.fromEntries([...pairs, ...tags]),
      ...conditions,
    },
  };
}

export const isKeyAccess = (access: Access): access is KeyAccess => 'key' in access;
