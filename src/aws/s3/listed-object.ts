import type { _Object } from '@aws-sdk/client-s3';
import type { StoredObject } from '../../resources/bucket.ts';
import { quoted, wholeSeconds } from './address.ts';

/** An object as listings show it. */
export function listedObject(
  { key, bytes, etag, modifiedMs, checksum }: StoredObject,
  encode: (name: string) => string,
): _Object {
  return {
    Key: encode(key),
    LastModified: wholeSeconds(modifiedMs),
    ETag: quoted(etag),
    Size: bytes,
    StorageClass: 'STANDARD',
    ...(checksum === undefined ? {} : { ChecksumAlgorithm: [checksum.algorithm], ChecksumType: checksum.type }),
  };
}
