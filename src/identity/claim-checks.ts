/**
 * What has to be so of a claim, whatever its signature: made for this service and region, at this time, and over every
 * header that matters. S3 answers in words of its own, everybody else in those of Signature Version 4's common part.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
import { amzDateAt, amzDateMs } from './signature.ts';
import type { Claim } from './signature-claim.ts';
import { expired, refused } from './refusals.ts';

export type SignatureStyle = 's3' | 'other';

export type ExpectedScope = {
  /** Names that the credential's scope may give as the service. */
  signingNames: readonly string[];
  /** The region that the credential's scope must give; undefined: any. */
  region?: string;
  /** S3's rules for the path, for the payload's hash and for clocks. */
  style: SignatureStyle;
};

export function checkScope(
  claim: Pick<Claim, 'place' | 'scope'>,
  { signingNames, region: expected, style }: ExpectedScope,
): void {
  const { region, service } = claim.scope;
  const isService = signingNames.includes(service);
  if (isService && (expected === undefined || region === expected)) return;
  if (style === 's3') {
    const [reason, begin] =
      claim.place === 'header'
        ? (['AuthorizationHeaderMalformed', 'The authorization header is malformed'] as const)
        : (['AuthorizationQueryParametersError', 'Error parsing the X-Amz-Credential parameter'] as const);
    if (!isService)
      throw refused(reason, `${begin}; incorrect service "${service}". This endpoint belongs to "${signingNames[0]}".`);
    // With the region that was expected, boto3 and others try again.
    const message = `${begin}; the region '${region}' is wrong; expecting '${expected}'`;
    throw refused(reason, message, { Region: expected ?? '' });
  }
  const message = isService
    ? `Credential should be scoped to a valid region, not '${region}': this is '${expected}'.`
    : `Credential should be scoped to correct service: '${signingNames.join("' or '")}', not '${service}'.`;
  throw refused('SignatureDoesNotMatch', message);
}

/**
 * S3's and everybody else's.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html#RESTAuthenticationTimeStamp,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
const skewMinutesMax: Readonly<Record<SignatureStyle, number>> = { s3: 15, other: 5 };
const minuteMs = 60_000;

export function checkTime(claim: Claim, style: SignatureStyle, nowMs: number): void {
  const signedMs = amzDateMs(claim.amzDate) ?? 0;
  const minutes = skewMinutesMax[style];
  const skewMs = minutes * minuteMs;
  const isEarly = signedMs - nowMs > skewMs;
  if (claim.expiresSeconds === undefined) {
    if (isEarly || nowMs - signedMs > skewMs) throw skewed(claim.amzDate, style, nowMs, minutes, isEarly);
    return;
  }
  if (isEarly) throw skewed(claim.amzDate, style, nowMs, minutes, isEarly);
  const expiresMs = signedMs + claim.expiresSeconds * 1000;
  if (nowMs <= expiresMs) return;
  if (style === 's3') throw expired(expiresMs, nowMs);
  const [end, now] = [amzDateAt(expiresMs), amzDateAt(nowMs)];
  throw refused('SignatureDoesNotMatch', `Signature expired: ${end} is now earlier than ${now}`);
}

function skewed(amzDate: string, style: SignatureStyle, nowMs: number, minutes: number, isEarly: boolean): Error {
  if (style === 's3') {
    return refused(
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
      {
        RequestTime: amzDate,
        ServerTime: new Date(nowMs).toISOString(),
        MaxAllowedSkewMilliseconds: String(minutes * minuteMs),
      },
    );
  }
  const now = amzDateAt(nowMs);
  const bound = amzDateAt(nowMs + (isEarly ? minutes : -minutes) * minuteMs);
  const message = isEarly
    ? `Signature not yet current: ${amzDate} is still later than ${bound} (${now} + ${minutes} min.)`
    : `Signature expired: ${amzDate} is now earlier than ${bound} (${now} - ${minutes} min.)`;
  return refused('SignatureDoesNotMatch', message);
}

/** Headers that nothing depends on which the signature does not cover otherwise: the token proves itself. */
const unsignedAllowed = new Set(['x-amz-security-token', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-user-agent']);

/** Somebody on the way must not be able to add an x-amz- header (an ACL, a copy source) to a signed request. */
export function checkSignedHeaders(names: readonly string[], claim: Claim): void {
  const unsigned = names.filter(
    (name) => name.startsWith('x-amz-') && !unsignedAllowed.has(name) && !claim.signedHeaders.includes(name),
  );
  if (!claim.signedHeaders.includes('host')) unsigned.unshift('host');
  if (unsigned.length > 0)
    throw refused('AccessDenied', 'There were headers present in the request which were not signed', {
      HeadersNotSigned: unsigned.join(', '),
    });
}
