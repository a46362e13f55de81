/**
 * S3: objects in buckets, over REST-XML. Operations are files of their own, `(context, input) => output`; the wire is
 * aws/protocol/'s, the objects are resources/bucket.ts's. docs/reference/s3.md says it for users.
 *
 * **Gaps**, each refused by name: versioning, object lock, encryption in two layers, ACLs
 * other than the owner's, bucket policies, CORS, lifecycle, replication, website, logging, inventory and the like; storage
 * classes other than STANDARD; directory buckets, access points; SelectObjectContent; checksums of
 * the XXHASH family; notifications to EventBridge, and of anything but objects created
 * and removed. DeleteObjects asks for permission on all of its keys before it deletes the first: one that is not allowed denies
 * the request. A copy is answered when it is done, without the blanks that S3 sends meanwhile.
 *
 * **By design**: bucket names are an account's own, not the world's. An object put without a checksum has none (S3 adds a
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
import { headBucket } from './head-bucket.ts';
import { headObject } from './head-object.ts';
import { listBuckets } from './list-buckets.ts';
import { listMultipartUploads } from './list-multipart-uploads.ts';
import { listObjectVersions } from './list-object-versions.ts';
import { listObjectsV2 } from './list-objects-v2.ts';
import { listObjects } from './list-objects.ts';
import { listParts } from './list-parts.ts';
import { putBucketNotificationConfiguration } from './put-bucket-notification-configuration.ts';
import { putBucketTagging } from './put-bucket-tagging.ts';
import { putObjectTagging } from './put-object-tagging.ts';
import { putObject } from './put-object.ts';
import { uploadPartCopy } from './upload-part-copy.ts';
import { uploadPart } from './upload-part.ts';
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
    DeleteBucketOwnershipControls: 'not built',
    DeleteBucketPolicy: 'not built',
    DeleteBucketReplication: 'not built',
    DeleteBucketTagging: deleteBucketTagging(parts),
    DeleteBucketWebsite: 'not built',
    DeleteObject: deleteObject(parts),
    DeleteObjectAnnotation: 'not built',
    DeleteObjectTagging: deleteObjectTagging(parts),
    DeleteObjects: deleteObjects(parts),
    DeletePublicAccessBlock: 'not built',
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
    GetBucketTagging: getBucketTagging(parts),
    GetObject: getObject(parts),
    GetObjectAnnotation: 'not built',
    GetObjectAttributes: getObjectAttributes(parts),
    GetObjectLegalHold: 'not built',
    GetObjectRetention: 'not built',
    GetObjectTagging: getObjectTagging(parts),
    GetObjectTorrent: 'not built',
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
    PutBucketAcl: 'not built',
    PutBucketAnalyticsConfiguration: 'not built',
    PutBucketCors: 'not built',
    PutBucketEncryption: putBucketEncryption(parts),
    PutBucketIntelligentTieringConfiguration: 'not built',
    PutBucketInventoryConfiguration: 'not built',
    PutBucketLifecycleConfiguration: 'not built',
    PutBucketLogging: 'not built',
    PutBucketMetricsConfiguration: 'not built',
    PutBucketNotificationConfiguration: putBucketNotificationConfiguration(parts),
    PutBucketOwnershipControls: 'not built',
    PutBucketPolicy: 'not built',
    PutBucketReplication: 'not built',
    PutBucketRequestPayment: 'not built',
    PutBucketTagging: putBucketTagging(parts),
    PutBucketVersioning: 'not built',
    PutBucketWebsite: 'not built',
    PutObject: putObject(parts),
    PutObjectAcl: 'not built',
    PutObjectAnnotation: 'not built',
    PutObjectLegalHold: 'not built',
    PutObjectLockConfiguration: 'not built',
    PutObjectRetention: 'not built',
    PutObjectTagging: putObjectTagging(parts),
    PutPublicAccessBlock: 'not built',
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
    operations,
    readForm: (request) => readFormUpload(request, parts),
  };
}
