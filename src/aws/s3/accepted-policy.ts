/** What is taken as the policy of a bucket, and how S3 names what is wrong with it. */
import { parsePolicyDocument, type PolicyDocument } from '../../identity/policy-document.ts';
import { PlatformError } from '../../util/errors.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/add-bucket-policy.html */
const policyBytesMax = 20 * 1024;

/** Actions on objects; all others are on buckets. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
const onObjects =
  /^s3:(?:(?:Get|Put|Delete|Restore|Replicate)(?!ObjectLambda)Object|AbortMultipartUpload$|ListMultipartUploadParts$|ObjectOwnerOverrideToBucketOwner$|BypassGovernanceRetention$|InitiateReplication$|Replicate(?:Delete|Tags)$|UpdateObject)/i;

/** Errors: `invalid_argument` MalformedPolicy. */
export function acceptedPolicy(text: string, bucket: string): PolicyDocument {
  if (!text.startsWith('{')) throw malformed("Policies must be valid JSON and the first byte must be '{'");
  const bytes = Buffer.byteLength(text);
  if (bytes > policyBytesMax)
    throw malformed(`Policies have at most ${policyBytesMax} bytes, and this one has ${bytes}`);
  const document = parsed(text);
  for (const { actions, resources } of writtenIn(text)) {
    if (!actions.every((action) => /^(?:\*|s3:[\w*?]+)$/i.test(action))) throw malformed('Policy has invalid action');
    if (!resources.every((resource) => isOf(bucket, resource))) throw malformed('Policy has invalid resource');
    if (!actions.every((action) => appliesTo(action, resources, bucket)))
      throw malformed('Action does not apply to any resource(s) in statement');
  }
  return document;
}

function parsed(text: string): PolicyDocument {
  try {
    return parsePolicyDocument(text);
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'invalid_argument') throw malformed(error.message);
    throw error;
  }
}

type Written = { actions: readonly string[]; resources: readonly string[] };
type Texts = string | readonly string[];
type Statement = { Action?: Texts; NotAction?: Texts; Resource?: Texts; NotResource?: Texts };

/** As it stands there: it has been parsed before, so that its shape is known. */
function writtenIn(text: string): Written[] {
  const { Statement } = JSON.parse(text) as { Statement: Statement | readonly Statement[] };
  return [Statement].flat().map((statement) => ({
    actions: [statement.Action ?? statement.NotAction ?? []].flat(),
    resources: [statement.Resource ?? statement.NotResource ?? []].flat(),
  }));
}

const arnOf = (bucket: string): string => `arn:aws:s3:::${bucket}`;

/** Whether a pattern can mean the bucket, or something in it. */
function isOf(bucket: string, resource: string): boolean {
  const fixed = resource.split(/[*?$]/, 1)[0] ?? '';
  const objects = `${arnOf(bucket)}/`;
  if (fixed.startsWith(objects)) return true;
  return fixed.length < resource.length ? objects.startsWith(fixed) : resource === arnOf(bucket);
}

/** What has wildcards may be anything that they stand for. */
function appliesTo(action: string, resources: readonly string[], bucket: string): boolean {
  if (/[*?]/.test(action)) return true;
  const isOnObjects = onObjects.test(action);
  return resources.some((resource) => {
    if (isOnObjects) return resource !== arnOf(bucket);
    return !resource.startsWith(`${arnOf(bucket)}/`);
  });
}

const malformed = (message: string): PlatformError =>
  new PlatformError('invalid_argument', message, { reason: 'MalformedPolicy', field: 'Policy' });
