/**
 * Who sends a request: its signature checked against the administrator's credentials or against those of the function
 * in whose environment it was made. What the principal may do is identity/policy.ts.
 */
import { isIP } from 'node:net';
import type { Clock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import type { HttpRequest } from '../util/http.ts';
import type { AccountId } from '../util/ids.ts';
import { type FunctionCredentials, temporaryKeyPrefix } from './function-credentials.ts';
import type { Principal } from './principal.ts';
import type { Credentials } from './sign.ts';
import {
  amzDateMs,
  canonicalRequest,
  type ChunkSigning,
  type Claim,
  createSigningKeys,
  isSameSignature,
  parseClaim,
  sign,
  stringToSign,
  unsignedPayload,
} from './signature.ts';
import {
  parseQueryClaimV2,
  type QueryClaimV2,
  type SignableRequestV2,
  signV2,
  stringToSignV2,
} from './signature-v2.ts';

export type AuthenticateOptions = {
  /** `dev`: a request from loopback that no environment made is the administrator's, whatever its signature. */
  mode: 'serve' | 'dev';
  administrator: Credentials;
  functionCredentials: FunctionCredentials;
  account: AccountId;
  clock: Clock;
};

export type Authentication = {
  principal: Principal;
  /** What the signatures of the body's chunks continue from. Undefined: this request's signature was not checked (`dev`). */
  chunkSigning: ChunkSigning | undefined;
};

export type AuthenticateCall = {
  /** Names that the credential's scope may give as the service. */
  signingNames: readonly string[];
  /** The region that the credential's scope must give; undefined: any. */
  region?: string;
  /** S3's rules for the path and for the payload's hash. */
  style: 's3' | 'other';
  /** The bucket, where the host names it: S3's older signature signs it as part of the path. */
  bucketInHost?: string | undefined;
  /** Hex SHA-256 of the body: asked for only where the hash is not in a header, and only of a caller who is known. */
  bodyHash: () => Promise<string>;
  /** What is not signed is nobody's, and not refused. */
  isOpen?: boolean;
};

export type Authenticate = (request: HttpRequest, call: AuthenticateCall) => Promise<Authentication>;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html#RESTAuthenticationTimeStamp */
const clockSkewMsMax = 15 * 60 * 1000;

/**
 * Errors: `unauthenticated`, with AWS's name for what is wrong as the reason; `permission_denied` for a function's
 * credentials outside its environment.
 */
export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  const signingKeys = createSigningKeys();

  return async (request, call) => {
    const parsed = parseClaim(request.headers, (name) => queryParameter(request.query, name));
    const isOlder = parsed.status === 'none' && call.style === 's3' && request.query.includes('AWSAccessKeyId=');
    const older = isOlder ? olderClaim(request, call) : undefined;
    if (options.mode === 'dev' && isFromThisMachine(request)) {
      const claimed = parsed.status === 'claimed' ? parsed.claim.accessKeyId : older?.claim.accessKeyId;
      return { principal: trusted(claimed ?? options.administrator.accessKeyId), chunkSigning: undefined };
    }
    if (older !== undefined) return checkOlder(request, older);
    switch (parsed.status) {
      case 'none': {
        if (call.isOpen === true) {
          const principal: Principal = { kind: 'anonymous', account: options.account, arn: '*', accessKeyId: '' };
          return { principal, chunkSigning: undefined };
        }
        const reason = call.style === 's3' ? 'AccessDenied' : 'MissingAuthenticationToken';
        throw refused(reason, 'Request is missing Authentication Token: it is not signed.');
      }
      case 'malformed': {
        const isHeader = request.headers['authorization'] !== undefined;
        throw refused(isHeader ? 'AuthorizationHeaderMalformed' : 'AuthorizationQueryParametersError', parsed.message);
      }
      case 'claimed':
        return check(request, parsed.claim, call);
    }
  };

  /** `dev` believes the name alone; one of twelve digits is that of an account. */
  function trusted(accessKeyId: string): Principal {
    return administrator(/^\d{12}$/.test(accessKeyId) ? (accessKeyId as AccountId) : options.account, accessKeyId);
  }

  async function check(request: HttpRequest, claim: Claim, call: AuthenticateCall): Promise<Authentication> {
    const nowMs = options.clock.now();
    checkScope(claim, call);
    checkTime(claim, nowMs);
    const known = knownSigner(claim, request, nowMs);
    checkSignedHeaders(request, claim);

    const payloadHash = await payloadHashOf(request, claim, call);
    const pathStyle = call.style === 's3' ? 's3' : 'normalised';
    const canonical = canonicalRequest(request, { signedHeaders: claim.signedHeaders, payloadHash, pathStyle });
    const text = stringToSign(claim.amzDate, claim.scope, canonical);
    const key = signingKeys(known.secretAccessKey, claim.scope);
    if (!isSameSignature(sign(key, text), claim.signature))
      throw mismatch(claim, { StringToSign: text, CanonicalRequest: canonical });
    return {
      principal: known.principal,
      chunkSigning: { key, amzDate: claim.amzDate, scope: claim.scope, seedSignature: claim.signature },
    };
  }

  function checkOlder(request: HttpRequest, { claim, signable }: OlderClaim): Authentication {
    const nowMs = options.clock.now();
    const expiresMs = /^\d{1,12}$/.test(claim.expires) ? Number(claim.expires) * 1000 : 0;
    if (nowMs > expiresMs) throw expired(expiresMs, nowMs);
    const known = knownSigner(claim, request, nowMs);
    const contentType = request.headers['content-type'] ?? '';
    // The type is signed, but whoever made the URL often did not know it: an unsigned one is as in the newer signature.
    const texts = [contentType, ''].map((type) => stringToSignV2(signable, claim.expires, type));
    if (!texts.some((text) => isSameSignature(signV2(known.secretAccessKey, text), claim.signature))) {
      throw mismatch(claim, { StringToSign: texts[0] ?? '' });
    }
    return { principal: known.principal, chunkSigning: undefined };
  }

  function knownSigner(
    claim: Pick<Claim, 'accessKeyId' | 'sessionToken'>,
    request: HttpRequest,
    nowMs: number,
  ): { principal: Principal; secretAccessKey: string } {
    if (claim.accessKeyId === options.administrator.accessKeyId && claim.sessionToken === undefined) {
      return {
        principal: administrator(options.account, claim.accessKeyId),
        secretAccessKey: options.administrator.secretAccessKey,
      };
    }
    if (!claim.accessKeyId.startsWith(temporaryKeyPrefix) || claim.sessionToken === undefined) {
      throw refused('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.', {
        AWSAccessKeyId: claim.accessKeyId,
      });
    }
    const session = options.functionCredentials.open(claim.accessKeyId, claim.sessionToken, nowMs);
    switch (session.status) {
      case 'expired':
        throw refused('ExpiredToken', 'The provided token has expired.');
      case 'invalid':
        throw refused('InvalidToken', 'The provided token is malformed or otherwise invalid.');
      case 'ok': {
        const { identity, secretAccessKey } = session;
        if (request.environmentId !== identity.environmentId) {
          const message =
            'The provided token belongs to a function and is valid only inside the environment that it was given to.';
          throw new PlatformError('permission_denied', message, { reason: 'AccessDenied' });
        }
        const arn = `arn:aws:sts::${identity.account}:assumed-role/${identity.functionName}/${identity.environmentId}`;
        return { principal: { kind: 'function', arn, accessKeyId: claim.accessKeyId, ...identity }, secretAccessKey };
      }
    }
  }
}

function administrator(account: AccountId, accessKeyId: string): Principal {
  return { kind: 'administrator', account, arn: `arn:aws:iam::${account}:root`, accessKeyId };
}

function refused(reason: string, message: string, facts: Record<string, string> = {}): PlatformError {
  return new PlatformError('unauthenticated', message, { reason, facts });
}

function mismatch(claim: { accessKeyId: string; signature: string }, facts: Record<string, string>): PlatformError {
  const message =
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.';
  return refused('SignatureDoesNotMatch', message, {
    AWSAccessKeyId: claim.accessKeyId,
    SignatureProvided: claim.signature,
    ...facts,
  });
}

function expired(expiresMs: number, nowMs: number): PlatformError {
  const facts = { Expires: new Date(expiresMs).toISOString(), ServerTime: new Date(nowMs).toISOString() };
  return refused('AccessDenied', 'Request has expired', facts);
}

function checkScope(claim: Claim, call: AuthenticateCall): void {
  const { region, service } = claim.scope;
  if (!call.signingNames.includes(service)) {
    const expected = call.signingNames.join("' or '");
    throw refused(
      'AuthorizationHeaderMalformed',
      `The credential is scoped to the service '${service}': expected '${expected}'.`,
    );
  }
  if (call.region === undefined || region === call.region) return;
  const message = `The credential is scoped to the region '${region}': expected '${call.region}'.`;
  if (call.style === 'other') throw refused('SignatureDoesNotMatch', message);
  // S3's own answer, after which boto3 and others try again with the region in it.
  const reason = claim.place === 'header' ? 'AuthorizationHeaderMalformed' : 'AuthorizationQueryParametersError';
  throw refused(reason, message, { Region: call.region });
}

function checkTime(claim: Claim, nowMs: number): void {
  const signedMs = amzDateMs(claim.amzDate) ?? 0;
  const facts = {
    RequestTime: claim.amzDate,
    ServerTime: new Date(nowMs).toISOString(),
    MaxAllowedSkewMilliseconds: String(clockSkewMsMax),
  };
  const { expiresSeconds } = claim;
  const isOld = expiresSeconds === undefined && nowMs - signedMs > clockSkewMsMax;
  if (isOld || signedMs - nowMs > clockSkewMsMax) {
    throw refused(
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large: set the clocks right.',
      facts,
    );
  }
  const expiresMs = signedMs + (expiresSeconds ?? 0) * 1000;
  if (expiresSeconds !== undefined && nowMs > expiresMs) throw expired(expiresMs, nowMs);
}

/** Headers that nothing depends on which the signature does not cover otherwise: the token proves itself. */
const unsignedAllowed = new Set(['x-amz-security-token', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-user-agent']);

/** Somebody on the way must not be able to add an x-amz- header (an ACL, a copy source) to a signed request. */
function checkSignedHeaders(request: HttpRequest, claim: Claim): void {
  const unsigned = Object.keys(request.headers).filter(
    (name) => name.startsWith('x-amz-') && !unsignedAllowed.has(name) && !claim.signedHeaders.includes(name),
  );
  if (!claim.signedHeaders.includes('host')) unsigned.unshift('host');
  if (unsigned.length > 0)
    throw refused('AccessDenied', 'There were headers present in the request which were not signed', {
      HeadersNotSigned: unsigned.join(', '),
    });
}

async function payloadHashOf(request: HttpRequest, claim: Claim, call: AuthenticateCall): Promise<string> {
  const announced = request.headers['x-amz-content-sha256'];
  if (call.style === 's3') {
    if (claim.place === 'query')
      return announced !== undefined && claim.signedHeaders.includes('x-amz-content-sha256')
        ? announced
        : unsignedPayload;
    if (announced === undefined) {
      throw new PlatformError('invalid_argument', 'Missing required header for this request: x-amz-content-sha256', {
        reason: 'InvalidRequest',
        field: 'x-amz-content-sha256',
      });
    }
    return announced;
  }
  // A header alone proves nothing of the body: it is compared with what was read, by whoever reads the body.
  return announced !== undefined && /^[0-9a-f]{64}$/.test(announced) && claim.place === 'header'
    ? announced
    : call.bodyHash();
}

type OlderClaim = { claim: QueryClaimV2; signable: SignableRequestV2 };

function olderClaim(request: HttpRequest, call: AuthenticateCall): OlderClaim | undefined {
  const parameters = request.query.split('&').map((part) => {
    const [name = '', ...value] = part.split('=');
    return [decoded(name), decoded(value.join('='))] as const;
  });
  const claim = parseQueryClaimV2(parameters);
  const { method, path, headers } = request;
  return claim === undefined
    ? undefined
    : { claim, signable: { method, path, headers, parameters, bucketInHost: call.bucketInHost } };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The first one's value, decoded. Only asked for X-Amz- names, which are never encoded. */
function queryParameter(query: string, name: string): string | undefined {
  if (!query.includes(name)) return undefined;
  for (const part of query.split('&')) {
    if (!part.startsWith(name) || (part.length > name.length && part[name.length] !== '=')) continue;
    return decoded(part.slice(name.length + 1));
  }
  return undefined;
}

/**
 * From loopback and out of no environment; and not sent by a browser for some web page elsewhere, which could
 * otherwise have the run of a developer's machine (by a request across sites, or by a name of its own for 127.0.0.1).
 */
function isFromThisMachine(request: HttpRequest): boolean {
  if (request.environmentId !== undefined || !isLoopback(request.remoteAddress)) return false;
  const host = (request.headers['host'] ?? '').replace(/:\d+$/, '').replaceAll(/[[\]]/g, '');
  const isLocalName = host === '' || isIP(host) !== 0 || /(^|\.)(localhost|amazonaws\.com)$/i.test(host);
  return isLocalName && request.headers['sec-fetch-site'] !== 'cross-site';
}

function isLoopback(address: string): boolean {
  const plain = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}
