/**
 * Who may call a function URL. With `none` everybody whom the function's resource policy lets; with `iam` whoever signs
 * the request (Signature Version 4, service `lambda`) and is let by permissions of their own or by that policy. Either
 * way it takes both actions, lambda:InvokeFunctionUrl and lambda:InvokeFunction.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
 */
import { hash } from 'node:crypto';
import type { Authenticate } from '../identity/authenticate.ts';
import { evaluate } from '../identity/policy.ts';
import type { Principal } from '../identity/principal.ts';
import { resourcePolicyAllows } from '../identity/resource-policy.ts';
import {
  resourceStatements,
  type FunctionRecord,
  type FunctionUrl,
  type PolicyStatement,
} from '../registry/function.ts';
import { PlatformError } from '../util/errors.ts';
import type { HttpRequest, HttpResponse } from '../util/http.ts';
import { latestVersion } from '../util/ids.ts';

/** As the registry finds it by its id. */
export type FoundUrl = { function: FunctionRecord; qualifier: string; url: FunctionUrl };

export type UrlGateOptions = {
  authenticate: Authenticate;
  /** What a function's own credentials may do. */
  policyOf: (principal: Extract<Principal, { kind: 'function' }>) => readonly PolicyStatement[];
  region: string;
};

export type UrlEntry = { status: 'admitted'; caller: Principal } | { status: 'refused'; response: HttpResponse };

const actions = ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'] as const;

/** Whether a URL without authorisation is open: told at once, for it is asked of every request. */
export function isPublic({ function: record, qualifier, url }: FoundUrl): boolean {
  const statements = resourceStatements(record, qualifier);
  const principal: Principal = { kind: 'anonymous', account: record.account, arn: '*', accessKeyId: '' };
  return actions.every((action) =>
    resourcePolicyAllows(statements, { action, asker: { kind: 'principal', principal }, viaUrl: url.auth }),
  );
}

/** Lets a signed request in, or answers it. `body`: all of it. */
export async function enterSigned(
  { authenticate, policyOf, region }: UrlGateOptions,
  found: FoundUrl,
  request: HttpRequest,
  body: Uint8Array,
): Promise<UrlEntry> {
  let principal: Principal;
  try {
    principal = await signer(authenticate, region, request, body);
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    return { status: 'refused', response: refusalOf(error) };
  }
  const allowed = isAllowed(found, principal, principal.kind === 'function' ? policyOf(principal) : []);
  return allowed ? { status: 'admitted', caller: principal } : { status: 'refused', response: forbidden() };
}

async function signer(
  authenticate: Authenticate,
  region: string,
  request: HttpRequest,
  body: Uint8Array,
): Promise<Principal> {
  const bodyHash = hash('sha256', body);
  const { principal } = await authenticate(request, {
    signingNames: ['lambda'],
    region,
    style: 'other',
    bodyHash: () => Promise.resolve(bodyHash),
  });
  // What is signed may be a header that claims the body's hash.
  const claimed = request.headers['x-amz-content-sha256'];
  if (claimed !== undefined && claimed.toLowerCase() !== bodyHash) {
    throw new PlatformError('unauthenticated', 'The body is not the one that was signed.', {
      reason: 'SignatureDoesNotMatch',
    });
  }
  return principal;
}

function isAllowed(
  { function: record, qualifier, url }: FoundUrl,
  principal: Principal,
  permissions: readonly PolicyStatement[],
): boolean {
  if (principal.kind === 'administrator' && principal.account === record.account) return true;
  const statements = resourceStatements(record, qualifier);
  const arn = qualifier === latestVersion ? record.arn : `${record.arn}:${qualifier}`;
  return actions.every((action) => {
    const own = evaluate(permissions, action, arn);
    if (own === 'denied') return false;
    return (
      own === 'allowed' ||
      resourcePolicyAllows(statements, { action, asker: { kind: 'principal', principal }, viaUrl: url.auth })
    );
  });
}

export const forbidden = (): HttpResponse => ({
  status: 403,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'AccessDeniedException' },
  body: '{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}',
});

/**
 * Signatures that are wrong, as Lambda's door names them, with its text where ours differs. Whatever is missing or not
 * allowed is merely forbidden.
 */
const refusals: Readonly<Record<string, readonly [type: string, message?: string]>> = {
  SignatureDoesNotMatch: [
    'InvalidSignatureException',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  ],
  RequestTimeTooSkewed: ['InvalidSignatureException'],
  AuthorizationHeaderMalformed: ['IncompleteSignatureException'],
  AuthorizationQueryParametersError: ['IncompleteSignatureException'],
  InvalidAccessKeyId: ['UnrecognizedClientException', 'The security token included in the request is invalid.'],
  InvalidToken: ['UnrecognizedClientException', 'The security token included in the request is invalid.'],
  ExpiredToken: ['ExpiredTokenException', 'The security token included in the request is expired'],
};

function refusalOf(error: PlatformError): HttpResponse {
  const [type, message = error.message] = refusals[error.reason ?? ''] ?? [];
  if (type === undefined) return forbidden();
  return {
    status: 403,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': type },
    body: JSON.stringify({ message }),
  };
}
