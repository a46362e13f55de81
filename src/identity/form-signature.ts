/**
 * The signature of an upload by form: not of the request, but of the policy in it, so that a browser can send what its
 * server has allowed. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html
 */
import { algorithm, amzDateMs, type Scope } from './signature.ts';
import { claimOf } from './signature-claim.ts';
import { refused } from './refusals.ts';

/** As the form has it; what is not there is undefined. */
export type FormSignature = {
  /** In base64: what is signed. */
  policy: string;
  algorithm: string | undefined;
  credential: string | undefined;
  amzDate: string | undefined;
  signature: string | undefined;
  sessionToken: string | undefined;
  /** Signature version 2, as boto3 still makes it. */
  older: { accessKeyId: string | undefined; signature: string | undefined };
};

export type FormClaim = {
  claim: { accessKeyId: string; signature: string; sessionToken: string | undefined };
  policy: string;
  /** Undefined: it is of version 2, which has none. */
  scope: Scope | undefined;
};

/** A signing key is good for so long: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html */
const daysMax = 7;
const dayMs = 24 * 3_600_000;

/** Errors: `unauthenticated` (AccessDenied, AuthorizationQueryParametersError). */
export function formClaimOf(form: FormSignature, nowMs: number): FormClaim {
  const { policy, sessionToken, older } = form;
  if (form.algorithm === undefined && older.accessKeyId !== undefined && older.signature !== undefined) {
    const { accessKeyId, signature } = older;
    return { policy, claim: { accessKeyId, signature, sessionToken }, scope: undefined };
  }
  const { credential, amzDate, signature } = form;
  const missing = Object.entries({
    'X-Amz-Algorithm': form.algorithm,
    'X-Amz-Credential': credential,
    'X-Amz-Date': amzDate,
    'X-Amz-Signature': signature,
  }).find(([, value]) => value === undefined);
  if (missing !== undefined || credential === undefined || amzDate === undefined || signature === undefined)
    throw refused(
      'AccessDenied',
      `Bucket POST must contain a field named '${missing?.[0] ?? ''}'.  If it is specified, please check the order of the fields.`,
    );
  if (form.algorithm !== algorithm)
    throw refused('AuthorizationQueryParametersError', `X-Amz-Algorithm only supports "${algorithm}".`);
  const parsed = claimOf('query', {
    credential,
    signedHeaders: 'host',
    signature,
    amzDate,
    sessionToken,
    expiresSeconds: undefined,
  });
  if (parsed.status !== 'claimed')
    throw refused('AuthorizationQueryParametersError', parsed.status === 'malformed' ? parsed.message : '');
  const signedMs = amzDateMs(amzDate) ?? 0;
  if (nowMs - signedMs > daysMax * dayMs)
    throw refused('AccessDenied', `The form was signed more than ${daysMax} days ago.`);
  return { policy, claim: parsed.claim, scope: parsed.claim.scope };
}
