import { decide, parsePolicyDocument } from '../../identity/policy-document.ts';
import { defaultKeyPolicy } from '../../resources/key/managed-key-policy.ts';
import { PlatformError, messageOf } from '../../util/errors.ts';
import type { AwsContext } from '../service.ts';

/** https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html#key-policy-limit */
const policyBytesMax = 32 * 1024;

/** What a key is given as its policy; it must leave whoever gives it a way to change it, unless he does without. */
export function checkedPolicy(
  context: AwsContext,
  text: string | undefined,
  bypassesLockoutCheck: boolean | undefined,
): string {
  if (text === undefined) return defaultKeyPolicy(context.account);
  if (Buffer.byteLength(text) > policyBytesMax) throw malformed(`A key policy has at most ${policyBytesMax} bytes.`);
  const document = read(text);
  if (bypassesLockoutCheck === true) return text;
  const asker = { kind: 'principal', principal: context.principal } as const;
  // The key's own ARN is not known before it is made: a key policy means its own key, which is written `*`.
  const decision = decide(document, { action: 'kms:PutKeyPolicy', resource: '*', asker });
  if (decision !== 'allowed')
    throw malformed('The new key policy will not allow you to update the key policy in the future.');
  return text;
}

function read(text: string): ReturnType<typeof parsePolicyDocument> {
  try {
    return parsePolicyDocument(text);
  } catch (error) {
    throw malformed(messageOf(error));
  }
}

const malformed = (message: string): PlatformError =>
  new PlatformError('invalid_argument', message, { reason: 'MalformedPolicyDocumentException', field: 'Policy' });
