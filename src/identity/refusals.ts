/** Why a request is not believed: `unauthenticated`, with AWS's name for it as the reason. S3 has the words; aws/protocol/ has the others'. */
import { PlatformError } from '../util/errors.ts';

export function refused(reason: string, message: string, facts: Record<string, string> = {}): PlatformError {
  return new PlatformError('unauthenticated', message, { reason, facts });
}

export function mismatch(
  claim: { accessKeyId: string; signature: string },
  facts: Record<string, string>,
): PlatformError {
  const message =
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.';
  return refused('SignatureDoesNotMatch', message, {
    AWSAccessKeyId: claim.accessKeyId,
    SignatureProvided: claim.signature,
    ...facts,
  });
}

export function expired(expiresMs: number, nowMs: number): PlatformError {
  const facts = { Expires: new Date(expiresMs).toISOString(), ServerTime: new Date(nowMs).toISOString() };
  return refused('AccessDenied', 'Request has expired', facts);
}
