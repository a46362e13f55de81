/** What may be asked for beside an operation and is not built, or could not be kept as a promise: refused, not ignored. */
import { PlatformError } from '../../util/errors.ts';

type Wishes = {
  ACL?: string | undefined;
  GrantFullControl?: string | undefined;
  GrantRead?: string | undefined;
  GrantReadACP?: string | undefined;
  GrantWrite?: string | undefined;
  GrantWriteACP?: string | undefined;
  StorageClass?: string | undefined;
  ObjectLockMode?: string | undefined;
  ObjectLockLegalHoldStatus?: string | undefined;
  ObjectLockEventHold?: string | undefined;
  WriteOffsetBytes?: number | undefined;
};

/** The ACLs that mean what is the case anyway. */
const harmlessAcls = ['private', 'bucket-owner-full-control'];

export function refuseUnsupported(input: Wishes): void {
  const grants = [input.GrantFullControl, input.GrantRead, input.GrantReadACP, input.GrantWrite, input.GrantWriteACP];
  if ((input.ACL !== undefined && !harmlessAcls.includes(input.ACL)) || grants.some((grant) => grant !== undefined)) {
    throw noAcls();
  }
  if (input.StorageClass !== undefined && input.StorageClass !== 'STANDARD') {
    throw new PlatformError(
      'invalid_argument',
      `The storage class you specified is not valid: '${input.StorageClass}'. Here there is STANDARD.`,
      {
        reason: 'InvalidStorageClass',
        facts: { StorageClassRequested: input.StorageClass },
      },
    );
  }
  const wishes = {
    'x-amz-object-lock-mode': input.ObjectLockMode,
    'x-amz-object-lock-legal-hold': input.ObjectLockLegalHoldStatus,
    'x-amz-object-lock-event-hold': input.ObjectLockEventHold,
    'x-amz-write-offset-bytes': input.WriteOffsetBytes,
  };
  for (const [header, value] of Object.entries(wishes)) if (value !== undefined) throw notImplemented(header);
}

/** As on AWS for a bucket made since April 2023. https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html */
export const noAcls = (): PlatformError =>
  new PlatformError('invalid_argument', 'The bucket does not allow ACLs', { reason: 'AccessControlListNotSupported' });

/** In S3's words for a header that it does not act upon. */
export function notImplemented(header: string, why = ''): PlatformError {
  return new PlatformError(
    'not_implemented',
    `A header you provided implies functionality that is not implemented: ${header}${why}`,
    {
      reason: 'NotImplemented',
      facts: { Header: header },
    },
  );
}
