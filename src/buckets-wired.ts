/** Buckets, from the engine to those who may use them and those who hear of changes in them, wired to the rest of the house. */
import type { SideOf } from './aws/authorization.ts';
import type { KeyUse } from './aws/key-use.ts';
import { heldBucket } from './aws/s3/held-bucket.ts';
import { notificationDestination } from './aws/s3/notification-destination.ts';
import { createS3Service } from './aws/s3/s3.ts';
import type { AwsService } from './aws/service.ts';
import { bucketInterest } from './events/bucket-interest.ts';
import type { NoticeSender } from './events/bucket-notice.ts';
import { functionPermission } from './events/function-permission.ts';
import { createAskedKeys, documentsOf } from './identity/asked-keys.ts';
import { createDocumentReader, type PolicyDocument } from './identity/policy-document.ts';
import type { Principal } from './identity/principal.ts';
import { isPublicPolicy } from './identity/public-policy.ts';
import type { Standing } from './identity/standing.ts';
import type { Bindings } from './registry/binding.ts';
import type { Registry } from './registry/registry.ts';
import type { Buckets, HeldBucket } from './resources/bucket.ts';
import { openBuckets } from './resources/bucket/open-buckets.ts';
import type { Blobs } from './store/blobs.ts';
import type { Records } from './store/records.ts';
import type { Clock } from './util/clock.ts';
import type { Ids } from './util/ids.ts';
import type { Sealer } from './util/sealer.ts';
import { type NoticesParts, wireNotices } from './notices-wired.ts';

/** What a bucket's policy cannot take from its account itself. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html */
const keptByAccount: ReadonlySet<string> = new Set([
  's3:putbucketpolicy',
  's3:getbucketpolicy',
  's3:deletebucketpolicy',
]);
const arnPrefix = 'arn:aws:s3:::';

export type BucketsParts = NoticesParts & {
  records: Records;
  blobs: Blobs;
  bindings: Bindings;
  registry: Registry;
  sealer: Sealer;
  /** For a service that encrypts what it keeps. */
  keyUse: (service: string) => KeyUse;
  standingOf: (principal: Principal) => Standing;
  clock: Clock;
  ids: Ids;
};

export type WiredBuckets = AsyncDisposable & {
  buckets: Buckets;
  /** To topics, queues and buses; functions are bound. */
  noticeSender: NoticeSender;
  service: AwsService;
  /** What a bucket says itself of who may use it. */
  side: SideOf;
};

export async function wireBuckets(parts: BucketsParts): Promise<WiredBuckets> {
  const { records, blobs, bindings, registry, sealer, keyUse, standingOf, clock, ids } = parts;
  const told = await wireNotices(parts);
  const wantsEvents = bucketInterest(bindings, told.notices);
  const buckets = await openBuckets({ records, blobs, clock, ids, wantsEvents, sealer });
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
    buckets,
    noticeSender: told.noticeSender,
    side,
    service: createS3Service({
      buckets,
      bindings,
      ...told,
      destination: notificationDestination(functionPermission(registry, ids)),
      keyUse: keyUse('s3'),
      policiesAsk(who, bucket, prefix) {
        const found = heldBucket(buckets, who, bucket);
        const own = found && documentOf(found.access);
        return askFor([...documentsOf(standingOf(who)), ...(own === undefined ? [] : [own])], prefix);
      },
      clock,
      ids,
    }),
    [Symbol.asyncDispose]: () => buckets[Symbol.asyncDispose](),
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-options */
function isRestricted({ account, access }: HeldBucket, document: PolicyDocument, who: Principal): boolean {
  const isStranger = who.kind === 'anonymous' || who.account !== account;
  return isStranger && access.publicAccess?.restrictsBucket === true && isPublicPolicy(document);
}
