/**
 * Who sends a request: its signature checked against the administrator's credentials or against those of the function
 * in whose environment it was made, of IAM's users, or of a session. What the principal may do is identity/standing.ts.
 */
import { isIP } from 'node:net';
import type { Identities } from '../resources/iam/identities.ts';
import type { Clock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import type { HttpRequest } from '../util/http.ts';
import type { AccountId } from '../util/ids.ts';
import type { ConditionContext } from './condition-keys.ts';
import { checkScope, checkSignedHeaders, checkTime, type ExpectedScope } from './claim-checks.ts';
import { type FormSignature, formClaimOf } from './form-signature.ts';
import type { Principal } from './principal.ts';
import { expired, mismatch, refused } from './refusals.ts';
import {
  algorithm,
  amzDateMs,
  canonicalRequest,
  type ChunkSigning,
  createSigningKeys,
  isSameSignature,
  sign,
  stringToSign,
  unsignedPayload,
} from './signature.ts';
import { type Claim, type ParsedClaim, parseClaim } from './signature-claim.ts';
import {
  parseQueryClaimV2,
  type QueryClaimV2,
  type SignableRequestV2,
  signV2,
  stringToSignV2,
} from './signature-v2.ts';
import { createSigners, invalidToken, rootOf, type SignerParts } from './signer.ts';
import { temporaryKeyPrefix } from './temporary-credentials.ts';

export type AuthenticateOptions = Omit<SignerParts, 'identities'> & {
  /**
   * `dev`: a request from loopback that no environment made is the administrator's, whatever its signature; but whoever
   * has a key or a session that was given out here is who that says.
   */
  mode: 'serve' | 'dev';
  /** Absent: nobody but the administrator and whom sessions are of. */
  identities?: Pick<Identities, 'accessKey' | 'secretOf' | 'of' | 'noteUse'>;
  /** `dev`: somebody has named an account by its number. */
  noteAccount?: (account: AccountId) => unknown;
  clock: Clock;
};

export type Authentication = {
  principal: Principal;
  /** What the signatures of the body's chunks continue from. Undefined: this request's signature was not checked (`dev`). */
  chunkSigning: ChunkSigning | undefined;
  /** What policies of S3 may ask of the signature itself; undefined: there is none, or it is not of S3. */
  conditions?: ConditionContext;
};

export type AuthenticateCall = ExpectedScope & {
  /** The bucket, where the host names it: S3's older signature signs it as part of the path. */
  bucketInHost?: string | undefined;
  /** Hex SHA-256 of the body: asked for only where the hash is not in a header, and only of a caller who is known. */
  bodyHash: () => Promise<string>;
  /** What is not signed is nobody's, and not refused. */
  isOpen?: boolean;
  /** An upload by form: its policy is signed, and the request is not. */
  form?: FormSignature | undefined;
};

export type Authenticate = (request: HttpRequest, call: AuthenticateCall) => Promise<Authentication>;

/**
 * Errors: `unauthenticated`, with AWS's name for what is wrong as the reason; `permission_denied` for a function's
 * credentials outside its environment.
 */
export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  const { mode, administrator, account, identities, clock } = options;
  const signingKeys = createSigningKeys();
  const signerOf = createSigners(options);

  return async (request, call) => {
    if (call.form !== undefined) return checkForm(request, call.form, call);
    const parsed = parseClaim(request);
    const isOlder = parsed.status === 'none' && call.style === 's3' && request.query.includes('AWSAccessKeyId=');
    const older = isOlder ? olderClaim(request, call) : undefined;
    const claim = parsed.status === 'claimed' ? parsed.claim : older?.claim;
    if (isTrusted(request, claim)) return trusted(claim);
    if (older !== undefined) return checkOlder(request, older, call);
    if (parsed.status === 'claimed') return check(request, parsed.claim, call);
    if (parsed.status === 'none' && call.isOpen === true) {
      const principal: Principal = { kind: 'anonymous', account, arn: '*', accessKeyId: '' };
      return { principal, chunkSigning: undefined };
    }
    throw unsigned(parsed, call);
  };

  function isTrusted(request: HttpRequest, claim: KeyClaim | undefined): boolean {
    return mode === 'dev' && isFromThisMachine(request) && (claim === undefined || !isGivenOutHere(claim));
  }

  /** `dev` believes the name alone; one of twelve digits is that of an account. */
  function trusted(claim: KeyClaim | undefined): Authentication {
    const accessKeyId = claim?.accessKeyId ?? administrator.accessKeyId;
    const named = /^\d{12}$/.test(accessKeyId) ? (accessKeyId as AccountId) : account;
    if (named !== account) options.noteAccount?.(named);
    return { principal: { ...rootOf(named), accessKeyId }, chunkSigning: undefined };
  }

  /** A user's key, or a session of STS: `dev` has them mean what they say, so that permissions can be tried there. */
  function isGivenOutHere({ accessKeyId, sessionToken }: KeyClaim): boolean {
    if (sessionToken === undefined) return identities?.accessKey(accessKeyId) !== undefined;
    return (
      accessKeyId.startsWith(temporaryKeyPrefix) &&
      options.sessions.open(accessKeyId, sessionToken, clock.now()).status !== 'invalid'
    );
  }

  async function check(request: HttpRequest, claim: Claim, call: AuthenticateCall): Promise<Authentication> {
    const nowMs = clock.now();
    if (call.style === 's3' && claim.place === 'query' && claim.expiresSeconds === undefined)
      throw refused('AuthorizationQueryParametersError', 'A presigned URL of S3 needs X-Amz-Expires.');
    checkScope(claim, call);
    checkTime(claim, call.style, nowMs);
    const { accessKeyId, sessionToken } = claim;
    const signer = signerOf({ accessKeyId, sessionToken, environmentId: request.environmentId, nowMs });
    if (!isGoodFor(claim.scope.service, signer.principal)) throw invalidToken();
    checkSignedHeaders(Object.keys(request.headers), claim);

    const payloadHash = await payloadHashOf(request, claim, call);
    const pathStyle = call.style === 's3' ? 's3' : 'normalised';
    const canonical = canonicalRequest(request, { signedHeaders: claim.signedHeaders, payloadHash, pathStyle });
    const text = stringToSign(claim.amzDate, claim.scope, canonical);
    const key = signingKeys(signer.secretAccessKey, claim.scope);
    if (!isSameSignature(sign(key, text), claim.signature))
      throw mismatch(claim, { StringToSign: text, CanonicalRequest: canonical });
    noteUse(signer.principal, claim.scope);
    return {
      principal: signer.principal,
      chunkSigning: { key, amzDate: claim.amzDate, scope: claim.scope, seedSignature: claim.signature },
      ...(call.style === 's3' && { conditions: conditionsOf(claim.place, claim.amzDate, nowMs, payloadHash) }),
    };
  }

  function checkForm(request: HttpRequest, form: FormSignature, call: AuthenticateCall): Authentication {
    const nowMs = clock.now();
    const { claim, policy, ...signed } = formClaimOf(form, nowMs);
    if (isTrusted(request, claim)) return trusted(claim);
    if (signed.scope !== undefined) checkScope({ place: 'query', scope: signed.scope }, call);
    const { accessKeyId, sessionToken } = claim;
    const signer = signerOf({ accessKeyId, sessionToken, environmentId: request.environmentId, nowMs });
    const secret = signer.secretAccessKey;
    const expected =
      signed.scope === undefined ? signV2(secret, policy) : sign(signingKeys(secret, signed.scope), policy);
    if (!isSameSignature(expected, claim.signature)) throw mismatch(claim, { StringToSign: policy });
    noteUse(signer.principal, { service: 's3', region: call.region ?? '' });
    const conditions = conditionsOf('form', form.amzDate, nowMs);
    return { principal: signer.principal, chunkSigning: undefined, conditions };
  }

  function noteUse(principal: Principal, { service, region }: { service: string; region: string }): void {
    const name = usedName(principal);
    if (name !== undefined) identities?.noteUse({ account: principal.account, name, service, region });
  }

  function checkOlder(request: HttpRequest, { claim, signable }: OlderClaim, call: AuthenticateCall): Authentication {
    const nowMs = clock.now();
    const expiresMs = /^\d{1,12}$/.test(claim.expires) ? Number(claim.expires) * 1000 : 0;
    if (nowMs > expiresMs) throw expired(expiresMs, nowMs);
    const { accessKeyId, sessionToken } = claim;
    const signer = signerOf({ accessKeyId, sessionToken, environmentId: request.environmentId, nowMs });
    const contentType = request.headers['content-type'] ?? '';
    // The type is signed, but whoever made the URL often did not know it: an unsigned one is as in the newer signature.
    const texts = [contentType, ''].map((type) => stringToSignV2(signable, claim.expires, type));
    if (!texts.some((text) => isSameSignature(signV2(signer.secretAccessKey, text), claim.signature))) {
      throw mismatch(claim, { StringToSign: texts[0] ?? '' });
    }
    noteUse(signer.principal, { service: 's3', region: call.region ?? '' });
    return {
      principal: signer.principal,
      chunkSigning: undefined,
      conditions: conditionsOf('query', undefined, nowMs),
    };
  }
}

const authTypes = { header: 'REST-HEADER', query: 'REST-QUERY-STRING', form: 'POST' } as const;

/**
 * `amzDate`: undefined in version 2, which does not say when it was made. `payloadHash`: as it was sent.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html
 */
function conditionsOf(
  place: keyof typeof authTypes,
  amzDate: string | undefined,
  nowMs: number,
  payloadHash?: string,
): ConditionContext {
  const signedMs = amzDate === undefined ? undefined : amzDateMs(amzDate);
  return {
    's3:authtype': authTypes[place],
    's3:signatureversion': amzDate === undefined ? 'AWS' : algorithm,
    's3:signatureage': signedMs === undefined ? undefined : String(Math.max(0, nowMs - signedMs)),
    's3:x-amz-content-sha256': payloadHash,
  };
}

type KeyClaim = Pick<Claim, 'accessKeyId' | 'sessionToken'>;

/** A user's key, or a role: under these names IAM says when they were used last. */
function usedName(principal: Principal): string | undefined {
  if (principal.kind === 'role') return `role/${principal.roleName}`;
  return principal.kind === 'user' && principal.session === undefined ? principal.accessKeyId : undefined;
}

/**
 * Sessions that somebody began for himself, or for a guest, are not good for IAM: who lost one would have lost his account.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
 */
function isGoodFor(service: string, principal: Principal): boolean {
  if (service !== 'iam') return true;
  return (
    principal.kind === 'role' ||
    principal.kind === 'function' ||
    !('session' in principal && principal.session !== undefined)
  );
}

/** Nothing that could be checked. S3 and the others have different names for the same. */
function unsigned(parsed: Exclude<ParsedClaim, { status: 'claimed' }>, { style }: AuthenticateCall): PlatformError {
  switch (parsed.status) {
    case 'none':
      return refused(
        style === 's3' ? 'AccessDenied' : 'MissingAuthenticationToken',
        'Request is missing Authentication Token: it is not signed.',
      );
    case 'malformed':
      return refused(
        parsed.place === 'header' ? 'AuthorizationHeaderMalformed' : 'AuthorizationQueryParametersError',
        parsed.message,
      );
    case 'unsupported':
      return unsupported(parsed.algorithm, style);
  }
}

function unsupported(named: string, style: ExpectedScope['style']): PlatformError {
  if (named.startsWith('AWS4-ECDSA-')) {
    const message = `Signatures of several regions (SigV4A, ${named}) are not built: sign with ${algorithm}.`;
    return new PlatformError('not_implemented', message, { reason: 'NotImplemented' });
  }
  if (style === 'other')
    return refused('AuthorizationHeaderMalformed', `Unsupported AWS 'algorithm': '${named}': use ${algorithm}.`);
  return new PlatformError(
    'invalid_argument',
    `The authorization mechanism you have provided ('${named}') is not supported. Please use ${algorithm}.`,
    { reason: 'InvalidRequest' },
  );
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
