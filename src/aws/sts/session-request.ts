/** What a caller wants of a session beside whose it is: policies that narrow it, tags, and how long it lasts. */
import { deflateRawSync } from 'node:zlib';
import type { Credentials as WireCredentials, PolicyDescriptorType, Tag } from '@aws-sdk/client-sts';
import { parsePolicyDocument } from '../../identity/policy-document.ts';
import type { SessionFacts } from '../../identity/principal.ts';
import type { Session } from '../../identity/temporary-credentials.ts';
import { PlatformError } from '../../util/errors.ts';
import { invalidParameter, validationError } from './sts-errors.ts';
import type { StsParts } from './sts-parts.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const policyCharactersMax = 2_048;
const policyArnsMax = 10;
/** What policies and tags may have once they are packed: a token is sent with each request, and a header has 32 KB. */
const packedBytesMax = 4_096;

/** Errors: MalformedPolicyDocument, ValidationError. */
export function sessionPolicies(
  { identities }: Pick<StsParts, 'identities'>,
  input: { Policy?: string | undefined; PolicyArns?: PolicyDescriptorType[] | undefined },
): Pick<SessionFacts, 'policies' | 'policyArns'> {
  const { Policy: policy, PolicyArns: descriptors = [] } = input;
  if (policy !== undefined) checkPolicy(policy);
  if (descriptors.length > policyArnsMax)
    throw validationError(`A session has at most ${policyArnsMax} managed policies; ${descriptors.length} were given.`);
  const policyArns = descriptors.map(({ arn = '' }) => arn);
  const unknown = policyArns.find((arn) => identities.policyByArn(arn) === undefined);
  if (unknown !== undefined) throw validationError(`Policy ${unknown} does not exist or is not attachable.`);
  return { policies: policy === undefined ? [] : [policy], policyArns };
}

function checkPolicy(policy: string): void {
  if (policy.length > policyCharactersMax) {
    throw new PlatformError(
      'invalid_argument',
      `Packed size of session policy has ${policy.length} characters: ${policyCharactersMax} are accepted.`,
      { reason: 'PackedPolicyTooLarge' },
    );
  }
  try {
    parsePolicyDocument(policy, 'identity');
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    throw new PlatformError('invalid_argument', error.message, { reason: 'MalformedPolicyDocument' });
  }
}

/** Errors: InvalidParameterValue for keys that are given twice, ValidationError for such as AWS keeps for itself. */
export function tagsOf(tags: readonly Tag[] = []): Readonly<Record<string, string>> {
  const keys = tags.map(({ Key = '' }) => Key);
  if (new Set(keys.map((key) => key.toLowerCase())).size < keys.length)
    throw invalidParameter('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  const reserved = keys.find((key) => /^aws:/i.test(key));
  if (reserved !== undefined)
    throw validationError(`The tag key '${reserved}' is not accepted: names that begin with aws: are reserved.`);
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}

/**
 * Percent of what is accepted; undefined: nothing was given that needs packing.
 * Errors: PackedPolicyTooLarge.
 */
export function packedSize({ policies, policyArns, tags }: SessionFacts): number | undefined {
  if (policies.length === 0 && policyArns.length === 0 && Object.keys(tags).length === 0) return undefined;
  const bytes = deflateRawSync(JSON.stringify([policies, policyArns, tags])).length;
  const percent = Math.ceil((bytes / packedBytesMax) * 100);
  if (percent > 100) {
    const message = `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`;
    throw new PlatformError('invalid_argument', message, { reason: 'PackedPolicyTooLarge' });
  }
  return percent;
}

export const wireCredentials = (session: Session): WireCredentials => ({
  AccessKeyId: session.accessKeyId,
  SecretAccessKey: session.secretAccessKey,
  SessionToken: session.sessionToken,
  Expiration: new Date(session.expiresMs),
});

/** What policies may ask of tags that somebody wants. */
export const tagConditions = (tags: Readonly<Record<string, string>>): Record<string, string | readonly string[]> =>
  Object.keys(tags).length === 0
    ? {}
    : {
        'aws:tagkeys': Object.keys(tags),
        ...Object.fromEntries(
          Object.entries(tags).map(([key, value]) => [`aws:requesttag/${key.toLowerCase()}`, value]),
        ),
      };
