import type { Buckets, Upload, UploadAddress } from '../../resources/bucket.ts';
import { noSuchUpload } from '../../resources/bucket/multipart.ts';

/** The upload, or NoSuchUpload. */
export async function existingUpload(buckets: Buckets, address: UploadAddress): Promise<Upload> {
  const upload = await buckets.upload(address);
  if (upload !== undefined) return upload;
  throw noSuchUpload(address.uploadId);
}
