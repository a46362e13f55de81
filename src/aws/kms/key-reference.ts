/** Which key an input means, and what is asked for it. */
import type { ConditionContext } from '../../identity/policy-document.ts';
import type { EncryptionContext, Key } from '../../resources/key.ts';
import { invalidUsage, keyNotFound, keyValidation } from '../../resources/key/key-errors.ts';
import { algorithmsOf, type KeyUsage } from '../../resources/key/key-specs.ts';
import type { Keys } from '../../resources/key/keys.ts';
import { PlatformError } from '../../util/errors.ts';
import { keyAccess, type KeyAccess } from '../key-access.ts';
import type { AwsContext } from '../service.ts';

/** By id, ARN or alias. Throws `not_found`. */
export const needKey = (keys: Keys, { account }: AwsContext, reference = ''): Key => keys.need(account, reference);

/** Operations that manage a key take no alias. */
export function needManagedKey(keys: Keys, context: AwsContext, reference = ''): Key {
  if (/^(arn:[^/]*:)?alias\//.test(reference))
    throw keyNotFound(`Invalid keyId '${reference}': an alias is not taken here.`);
  return needKey(keys, context, reference);
}

type More = {
  encryptionContext?: EncryptionContext | undefined;
  conditions?: ConditionContext;
  grantId?: string;
};

/** `reference`: as the input has it. */
export function onKey(
  keys: Keys,
  context: AwsContext,
  action: string,
  reference: string | undefined,
  more: More = {},
): KeyAccess[] {
  const key = needKey(keys, context, reference);
  return [accessTo(keys, context, action, key, { ...more, conditions: { ...aliasIn(reference), ...more.conditions } })];
}

export const accessTo = (keys: Keys, context: AwsContext, action: string, key: Key, more: More = {}): KeyAccess =>
  keyAccess(keys, context, `kms:${action}`, key, { ...more, encryptionContext: more.encryptionContext ?? {} });

const aliasIn = (reference = ''): ConditionContext => {
  const [, alias] = /(?:^|:)(alias\/.*)$/.exec(reference) ?? [];
  return alias === undefined ? {} : { 'kms:requestalias': alias };
};

/** Throws unless the key is for that, and has that algorithm. */
export function requireUsage(keys: Keys, key: Key, usage: KeyUsage, what: string, algorithm?: string): void {
  if (key.usage !== usage)
    throw invalidUsage(`${keys.arnOf(key)} key usage is ${key.usage} which is not valid for ${what}.`);
  if (algorithm !== undefined && !algorithmsOf(key).includes(algorithm))
    throw invalidUsage(`Algorithm ${algorithm} and key spec ${key.spec} are incompatible.`);
}

/** https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html */
export function endDryRun({ DryRun }: { DryRun?: boolean | undefined }): void {
  if (DryRun === true)
    throw new PlatformError('precondition_failed', 'The request would have succeeded, but the DryRun option is set.', {
      reason: 'DryRunOperationException',
    });
}

/** Enclaves that prove who they are: there are none here. */
export function refuseRecipient({ Recipient }: { Recipient?: unknown }): void {
  if (Recipient !== undefined)
    throw new PlatformError('invalid_argument', 'Recipient is not available here: there are no enclaves.', {
      reason: 'UnsupportedOperationException',
      field: 'Recipient',
    });
}

/** https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html */
const contextBytesMax = 8_192;

export function encryptionContextOf(given: Record<string, string> | undefined): EncryptionContext {
  const context = given ?? {};
  if (Buffer.byteLength(JSON.stringify(context)) > contextBytesMax)
    throw keyValidation(`The encryption context is larger than ${contextBytesMax} bytes.`);
  return context;
}
