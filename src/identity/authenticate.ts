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
  /** S3's rules for the path and for the payload's hash. */
  style: 's3' | 'other';
  /** Hex SHA-256 of the body: asked for only where the hash is not in a header, and only of a caller who is known. */
  bodyHash: () => Promise<string>;
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
    if (options.mode === 'dev' && isFromThisMachine(request)) {
      const accessKeyId = parsed.status === 'claimed' ? parsed.claim.accessKeyId : options.administrator.accessKeyId;
      return {
        principal: administrator(
          /^\d{12}$/.test(accessKeyId) ? (accessKeyId as AccountId) : options.account,
          accessKeyId,
        ),
        chunkSigning: undefined,
      };
    }
    switch (parsed.status) {
      case 'none':
        throw refused(
          call.style === 's3' ? 'AccessDenied' : 'MissingAuthenticationToken',
          'Request is missing Authentication Token: it is not signed.',
        );
      case 'malformed':
        throw refused(
          parsed.message.startsWith('Query-string') || queryParameter(request.query, 'X-Amz-Algorithm') !== undefined
            ? 'AuthorizationQueryParametersError'
            : 'AuthorizationHeaderMalformed',
          parsed.message,
        );
      case 'claimed':
        return check(request, parsed.claim, call);
    }
  };

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
    if (!isSameSignature(sign(key, text), claim.signature)) {
      throw refused(
        'SignatureDoesNotMatch',
        'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
        {
          AWSAccessKeyId: claim.accessKeyId,
          StringToSign: text,
          SignatureProvided: claim.signature,
          CanonicalRequest: canonical,
        },
      );
    }
    return {
      principal: known.principal,
      chunkSigning: { key, amzDate: claim.amzDate, scope: claim.scope, seedSignature: claim.signature },
    };
  }

  function knownSigner(
    claim: Claim,
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

function checkScope(claim: Claim, call: AuthenticateCall): void {
  if (call.signingNames.includes(claim.scope.service)) return;
  const expected = call.signingNames.join("' or '");
  throw refused(
    'AuthorizationHeaderMalformed',
    `The credential is scoped to the service '${claim.scope.service}': expected '${expected}'.`,
  );
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
  if (expiresSeconds !== undefined && nowMs > signedMs + expiresSeconds * 1000) {
    const expires = new Date(signedMs + expiresSeconds * 1000).toISOString();
    throw refused('AccessDenied', 'Request has expired', {
      'X-Amz-Expires': String(expiresSeconds),
      Expires: expires,
      ServerTime: facts.ServerTime,
    });
  }
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

/** The first one's value, decoded. Only asked for X-Amz- names, which are never encoded. */
function queryParameter(query: string, name: string): string | undefined {
  if (!query.includes(name)) return undefined;
  for (const part of query.split('&')) {
    if (!part.startsWith(name) || (part.length > name.length && part[name.length] !== '=')) continue;
    try {
      return decodeURIComponent(part.slice(name.length + 1));
    } catch {
      return undefined;
    }
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
