/** What buckets say themselves of who may use them, for who decides that. */
import type { SideOf } from './aws/authorization.ts';
import { heldBucket } from './aws/s3/held-bucket.ts';
import { createAskedKeys, documentsOf } from './identity/asked-keys.ts';
import { createDocumentReader, type PolicyDocument } from './identity/policy-document.ts';
import type { Principal } from './identity/principal.ts';
import { isPublicPolicy } from './identity/public-policy.ts';
import type { Standing } from './identity/standing.ts';
import type { Buckets, HeldBucket } from './resources/bucket.ts';

/** What a bucket's policy cannot take from its account itself. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html */
const keptByAccount: ReadonlySet<string> = new Set([
  's3:putbucketpolicy',
  's3:getbucketpolicy',
  's3:deletebucketpolicy',
]);
const arnPrefix = 'arn:aws:s3:::';

export type BucketPolicies = {
  /** What a bucket says itself. */
  side: SideOf;
  /** Whether a policy that bears on what somebody does to a bucket names a key that begins so. */
  ask: (who: Principal, bucket: string, prefix: string) => boolean;
};

export function wireBucketPolicies(
  buckets: Pick<Buckets, 'held' | 'leftBy'>,
  standingOf: (principal: Principal) => Standing,
): BucketPolicies {
  const documentOf = createDocumentReader();
  const askFor = createAskedKeys();
  const side: SideOf = (who, { action, resource }) => {
    if (!resource.startsWith(arnPrefix)) return undefined;
    const [name = ''] = resource.slice(arnPrefix.length).split('/');
    // A name is free in every account that has it not.
    const found = action === 's3:CreateBucket' ? undefined : heldBucket(buckets, who, name);
    if (found === undefined) return { account: who.account };
    const document = documentOf(found.access);
    return {
      account: found.account,
      document: document !== undefined && isRestricted(found, document, who) ? undefined : document,
      keptByAccount,
      keys: (key) => (key === 's3:resourceaccount' ? found.account : undefined),
    };
  };
  return {
    side,
    ask(who, bucket, prefix) {
      const found = heldBucket(buckets, who, bucket);
      const own = found && documentOf(found.access);
      return askFor([...documentsOf(standingOf(who)), ...(own === undefined ? [] : [own])], prefix);
    },
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-options */
function isRestricted({ account, access }: HeldBucket, document: PolicyDocument, who: Principal): boolean {
  const isStranger = who.kind === 'anonymous' || who.account !== account;
  return isStranger && access.publicAccess?.restrictsBucket === true && isPublicPolicy(document);
}
