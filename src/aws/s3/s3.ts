/**
 * S3: objects in buckets, over REST-XML. Operations are files of their own, `(context, input) => output`; the wire is
 * aws/protocol/'s, the objects are resources/bucket.ts's. docs/reference/s3.md says it for users.
 *
 * **Gaps**, each refused by name: versioning, object lock, encryption in two layers, ACLs
 * other than the owner's, CORS, lifecycle, replication, website, logging, inventory and the like; storage
 * classes other than STANDARD; directory buckets, access points; SelectObjectContent; checksums of
 * the XXHASH family; notifications to EventBridge, and of anything but objects created
 * and removed. DeleteObjects asks for permission on all of its keys before it deletes the first: one that is not allowed denies
 * the request. A copy is answered when it is done, without the blanks that S3 sends meanwhile.
 *
 * **By design**: bucket names are an account's own, not the world's (held-bucket.ts says which one is meant). An object put without a checksum has none (S3 adds a
 * CRC64NVME). Content-MD5 is verified, and never demanded. A bucket's notifications to functions are bindings like those of a deployment:
 * both are listed, and those of a deployment are changed by deploying only. CompleteMultipartUpload may be repeated.
 *
 * **Client quirks**: boto3 before 1.36 sends Content-MD5 where newer ones send CRC32, both are kept to. Newer clients
 * percent-decode names in listings because they ask for `encoding-type=url`. `aws s3 mv` and `cp` between buckets copy parts from
 * 8 MB on.
 */
import { s3Model } from '../model/s3.ts';
import type { S3OperationName } from '../model/s3.ts';
import type { AwsService, OperationTable } from '../service.ts';
import { abortMultipartUpload } from './abort-multipart-upload.ts';
import { deleteBucketEncryption, getBucketEncryption, putBucketEncryption } from './bucket-encryption.ts';
import { deleteBucketPolicy, getBucketPolicy, getBucketPolicyStatus, putBucketPolicy } from './bucket-policy.ts';
import { completeMultipartUpload } from './complete-multipart-upload.ts';
import { constantAnswers } from './constant-answers.ts';
import { copyObject } from './copy-object.ts';
import { createBucket } from './create-bucket.ts';
import { createMultipartUpload } from './create-multipart-upload.ts';
import { deleteBucketTagging } from './delete-bucket-tagging.ts';
import { deleteBucket } from './delete-bucket.ts';
import { deleteObjectTagging } from './delete-object-tagging.ts';
import { deleteObject } from './delete-object.ts';
import { deleteObjects } from './delete-objects.ts';
import { readFormUpload } from './form-upload/form-upload.ts';
import { getBucketLocation } from './get-bucket-location.ts';
import { getBucketNotificationConfiguration } from './get-bucket-notification-configuration.ts';
import { getBucketTagging } from './get-bucket-tagging.ts';
import { getObjectAttributes } from './get-object-attributes.ts';
import { getObjectTagging } from './get-object-tagging.ts';
import { getObject } from './get-object.ts';
import { bucketOwner } from './held-bucket.ts';
import { headBucket } from './head-bucket.ts';
import { headObject } from './head-object.ts';
import { listBuckets } from './list-buckets.ts';
import { listMultipartUploads } from './list-multipart-uploads.ts';
import { listObjectVersions } from './list-object-versions.ts';
import { listObjectsV2 } from './list-objects-v2.ts';
import { listObjects } from './list-objects.ts';
import { listParts } from './list-parts.ts';
import {
  deleteBucketOwnershipControls,
  getBucketOwnershipControls,
  putBucketAcl,
  putBucketOwnershipControls,
  putObjectAcl,
} from './ownership.ts';
import { deletePublicAccessBlock, getPublicAccessBlock, putPublicAccessBlock } from './public-access-block.ts';
import { putBucketNotificationConfiguration } from './put-bucket-notification-configuration.ts';
import { putBucketTagging } from './put-bucket-tagging.ts';
import { putObjectTagging } from './put-object-tagging.ts';
import { putObject } from './put-object.ts';
import { uploadPartCopy } from './upload-part-copy.ts';
import { uploadPart } from './upload-part.ts';
import { withConditions } from './request-conditions.ts';
import type { S3Parts } from './s3-operation.ts';

export function createS3Service(parts: S3Parts): AwsService {
  const operations = {
    ...constantAnswers(parts),
    AbortMultipartUpload: abortMultipartUpload(parts),
    CompleteMultipartUpload: completeMultipartUpload(parts),
    CopyObject: copyObject(parts),
    CreateBucket: createBucket(parts),
    CreateBucketMetadataConfiguration: 'not built',
    CreateBucketMetadataTableConfiguration: 'not built',
    CreateMultipartUpload: createMultipartUpload(parts),
    CreateSession: 'not built',
    DeleteBucket: deleteBucket(parts),
    DeleteBucketAnalyticsConfiguration: 'not built',
    DeleteBucketCors: 'not built',
    DeleteBucketEncryption: deleteBucketEncryption(parts),
    DeleteBucketIntelligentTieringConfiguration: 'not built',
    DeleteBucketInventoryConfiguration: 'not built',
    DeleteBucketLifecycle: 'not built',
    DeleteBucketMetadataConfiguration: 'not built',
    DeleteBucketMetadataTableConfiguration: 'not built',
    DeleteBucketMetricsConfiguration: 'not built',
    DeleteBucketOwnershipControls: deleteBucketOwnershipControls(parts),
    DeleteBucketPolicy: deleteBucketPolicy(parts),
    DeleteBucketReplication: 'not built',
    DeleteBucketTagging: deleteBucketTagging(parts),
    DeleteBucketWebsite: 'not built',
    DeleteObject: deleteObject(parts),
    DeleteObjectAnnotation: 'not built',
    DeleteObjectTagging: deleteObjectTagging(parts),
    DeleteObjects: deleteObjects(parts),
    DeletePublicAccessBlock: deletePublicAccessBlock(parts),
    GetBucketAbac: 'not built',
    GetBucketAnalyticsConfiguration: 'not built',
    GetBucketIntelligentTieringConfiguration: 'not built',
    GetBucketInventoryConfiguration: 'not built',
    GetBucketEncryption: getBucketEncryption(parts),
    GetBucketLocation: getBucketLocation(parts),
    GetBucketMetadataConfiguration: 'not built',
    GetBucketMetadataTableConfiguration: 'not built',
    GetBucketMetricsConfiguration: 'not built',
    GetBucketNotificationConfiguration: getBucketNotificationConfiguration(parts),
    GetBucketOwnershipControls: getBucketOwnershipControls(parts),
    GetBucketPolicy: getBucketPolicy(parts),
    GetBucketPolicyStatus: getBucketPolicyStatus(parts),
    GetBucketTagging: getBucketTagging(parts),
    GetObject: getObject(parts),
    GetObjectAnnotation: 'not built',
    GetObjectAttributes: getObjectAttributes(parts),
    GetObjectLegalHold: 'not built',
    GetObjectRetention: 'not built',
    GetObjectTagging: getObjectTagging(parts),
    GetObjectTorrent: 'not built',
    GetPublicAccessBlock: getPublicAccessBlock(parts),
    HeadBucket: headBucket(parts),
    HeadObject: headObject(parts),
    ListBucketAnalyticsConfigurations: 'not built',
    ListBucketIntelligentTieringConfigurations: 'not built',
    ListBucketInventoryConfigurations: 'not built',
    ListBucketMetricsConfigurations: 'not built',
    ListBuckets: listBuckets(parts),
    ListDirectoryBuckets: 'not built',
    ListMultipartUploads: listMultipartUploads(parts),
    ListObjectAnnotations: 'not built',
    ListObjectVersions: listObjectVersions(parts),
    ListObjects: listObjects(parts),
    ListObjectsV2: listObjectsV2(parts),
    ListParts: listParts(parts),
    PutBucketAbac: 'not built',
    PutBucketAccelerateConfiguration: 'not built',
    PutBucketAcl: putBucketAcl(parts),
    PutBucketAnalyticsConfiguration: 'not built',
    PutBucketCors: 'not built',
    PutBucketEncryption: putBucketEncryption(parts),
    PutBucketIntelligentTieringConfiguration: 'not built',
    PutBucketInventoryConfiguration: 'not built',
    PutBucketLifecycleConfiguration: 'not built',
    PutBucketLogging: 'not built',
    PutBucketMetricsConfiguration: 'not built',
    PutBucketNotificationConfiguration: putBucketNotificationConfiguration(parts),
    PutBucketOwnershipControls: putBucketOwnershipControls(parts),
    PutBucketPolicy: putBucketPolicy(parts),
    PutBucketReplication: 'not built',
    PutBucketRequestPayment: 'not built',
    PutBucketTagging: putBucketTagging(parts),
    PutBucketVersioning: 'not built',
    PutBucketWebsite: 'not built',
    PutObject: putObject(parts),
    PutObjectAcl: putObjectAcl(parts),
    PutObjectAnnotation: 'not built',
    PutObjectLegalHold: 'not built',
    PutObjectLockConfiguration: 'not built',
    PutObjectRetention: 'not built',
    PutObjectTagging: putObjectTagging(parts),
    PutPublicAccessBlock: putPublicAccessBlock(parts),
    RenameObject: 'not built',
    RestoreObject: 'not built',
    SelectObjectContent: 'not built',
    UpdateBucketMetadataAnnotationTableConfiguration: 'not built',
    UpdateBucketMetadataInventoryTableConfiguration: 'not built',
    UpdateBucketMetadataJournalTableConfiguration: 'not built',
    UpdateObjectEncryption: 'not built',
    UploadPart: uploadPart(parts),
    UploadPartCopy: uploadPartCopy(parts),
    WriteGetObjectResponse: 'not built',
  } satisfies OperationTable<S3OperationName>;
  return {
    name: 's3',
    signingNames: ['s3'],
    protocols: ['s3'],
    model: s3Model,
    operations: opened(withConditions(operations, parts)),
    ownerOf: (principal, operation, { Bucket }) =>
      // A name is free in every account that has it not.
      operation === 'CreateBucket' || typeof Bucket !== 'string'
        ? principal.account
        : bucketOwner(parts.buckets, principal, Bucket),
    readForm: (request) => readFormUpload(request, parts),
  };
}

/**
 * What a bucket's policy can let everybody do. Copies and uploads in parts are for those who have credentials, as on S3, and
 * so is whatever changes the bucket.
 */
const openToEverybody: ReadonlySet<string> = new Set<S3OperationName>([
  'DeleteObject',
  'DeleteObjects',
  'GetBucketLocation',
  'GetObject',
  'GetObjectAttributes',
  'GetObjectTagging',
  'HeadBucket',
  'HeadObject',
  'ListObjects',
  'ListObjectsV2',
  'ListObjectVersions',
  'PutObject',
]);

const opened = (operations: OperationTable<string>): OperationTable<string> =>
  Object.fromEntries(
    Object.entries(operations).map(([name, entry]) => [
      name,
      entry === 'not built' || !openToEverybody.has(name) ? entry : { ...entry, isOpen: true as const },
    ]),
  );
