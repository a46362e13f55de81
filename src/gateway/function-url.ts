/**
 * Who may call a function URL. With `none` everybody whom the function's resource policy lets; with `iam` whoever signs
 * the request (Signature Version 4, service `lambda`) and is let by permissions of their own or by that policy. Either
 * way it takes both actions, lambda:InvokeFunctionUrl and lambda:InvokeFunction.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
 */
import { hash } from 'node:crypto';
import type { Authenticate } from '../identity/authenticate.ts';
import { noPolicies } from '../identity/evaluate.ts';
import { judge } from '../identity/judge.ts';
import type { Principal } from '../identity/principal.ts';
import { lambdaKeys, type ReadResourcePolicy } from '../identity/resource-policy.ts';
import type { Standing } from '../identity/standing.ts';
import { resourceStatements, type FunctionRecord, type FunctionUrl } from '../registry/function.ts';
import { PlatformError } from '../util/errors.ts';
import type { HttpRequest, HttpResponse } from '../util/http.ts';
import { latestVersion } from '../util/ids.ts';

/** As the registry finds it by its id. */
export type FoundUrl = { function: FunctionRecord; qualifier: string; url: FunctionUrl };

export type UrlGateOptions = {
  authenticate: Authenticate;
  /** What somebody may do of himself. */
  standingOf: (principal: Principal) => Standing;
  documentOf: ReadResourcePolicy;
  region: string;
  /** Told of whoever was not let in, before he hears of it; absent: nobody is. */
  refused?: (refusal: UrlRefusal) => Promise<void>;
  /** Told of what whoever was let in was allowed; absent: nobody is. */
  used?: (principal: Principal, accesses: readonly { action: string; resource: string }[]) => void;
};

export type UrlRefusal = {
  request: HttpRequest;
  /** Undefined: it is not believed who asked. */
  principal: Principal | undefined;
  /** The function's ARN, with its alias or version. */
  resource: string;
  error: PlatformError;
};

export type UrlEntry = { status: 'admitted'; caller: Principal } | { status: 'refused'; response: HttpResponse };

const actions = ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'] as const;

/** Whether a URL without authorisation is open: told at once, for it is asked of every request. */
export function isPublic(gate: Pick<UrlGateOptions, 'documentOf'>, found: FoundUrl): boolean {
  const principal: Principal = { kind: 'anonymous', account: found.function.account, arn: '*', accessKeyId: '' };
  return isAllowed(gate, found, { asker: { kind: 'principal', principal }, policies: noPolicies, keys: {} });
}

/** Lets a signed request in, or answers it. `body`: all of it. */
export async function enterSigned(
  { authenticate, standingOf, documentOf, region, refused, used }: UrlGateOptions,
  found: FoundUrl,
  request: HttpRequest,
  body: Uint8Array,
): Promise<UrlEntry> {
  let principal: Principal;
  try {
    principal = await signer(authenticate, region, request, body);
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    await refused?.({ request, principal: undefined, resource: resourceOf(found), error });
    return { status: 'refused', response: refusalOf(error) };
  }
  if (isAllowed({ documentOf }, found, standingOf(principal))) {
    const resource = resourceOf(found);
    used?.(
      principal,
      actions.map((action) => ({ action, resource })),
    );
    return { status: 'admitted', caller: principal };
  }
  const error = new PlatformError('permission_denied', `${principal.arn} may not call this function URL.`, {
    reason: 'AccessDeniedException',
  });
  await refused?.({ request, principal, resource: resourceOf(found), error });
  return { status: 'refused', response: forbidden() };
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

function isAllowed({ documentOf }: Pick<UrlGateOptions, 'documentOf'>, found: FoundUrl, standing: Standing): boolean {
  const { function: record, qualifier, url } = found;
  const side = { account: record.account, document: documentOf(resourceStatements(record, qualifier)) };
  const resource = resourceOf(found);
  const known = lambdaKeys({ viaUrl: url.auth });
  return actions.every((action) => judge(standing, { action, resource }, known, side).decision === 'allowed');
}

const resourceOf = ({ function: { arn }, qualifier }: FoundUrl): string =>
  qualifier === latestVersion ? arn : `${arn}:${qualifier}`;

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
