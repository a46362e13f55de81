/** What stands before the admin API: who asks, and that the body is the one they signed. */
import type { Control } from './control/control.ts';
import { errorResponse } from './control/endpoint.ts';
import { healthPath } from './control/endpoints.ts';
import type { Authenticate } from './identity/authenticate.ts';
import type { Principal } from './identity/principal.ts';
import { verifiedBody } from './identity/verified-body.ts';
import { PlatformError } from './util/errors.ts';
import type { HttpHandler, HttpRequest } from './util/http.ts';
import type { AccountId } from './util/ids.ts';

/** The name that the credential's scope gives as the service. */
const signingName = 'mayfly';

export type ControlDoorOptions = {
  control: Control;
  authenticate: Authenticate;
  /** Whose the requests are that nobody has signed. */
  account: AccountId;
  /** Somebody asked, and is not believed. */
  refused(request: HttpRequest, error: PlatformError): Promise<void>;
  /** The console's token, where the request carries a good one. */
  acceptToken(request: HttpRequest): Principal | undefined;
};

export function createControlDoor({
  control,
  authenticate,
  account,
  refused,
  acceptToken,
}: ControlDoorOptions): HttpHandler {
  const anonymous: Principal = { kind: 'anonymous', account, arn: '', accessKeyId: '' };

  return async (request) => {
    if (request.path === healthPath) return control(request, anonymous);
    const reader = acceptToken(request);
    if (reader !== undefined) return control(request, reader);
    try {
      const { principal, chunkSigning } = await authenticate(request, {
        signingNames: [signingName],
        style: 'other',
        bodyHash,
      });
      // Undefined where the signature was not checked (dev): then neither is the body.
      return await control(chunkSigning === undefined ? request : signed(request), principal);
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      await refused(request, error);
      return errorResponse(error);
    }
  };
}

function signed(request: HttpRequest): HttpRequest {
  const sha256 = request.headers['x-amz-content-sha256'];
  if (sha256 === undefined) throw unsigned();
  return {
    method: request.method,
    target: request.target,
    path: request.path,
    query: request.query,
    headers: request.headers,
    rawHeaders: request.rawHeaders,
    body: verifiedBody(request.body, sha256),
    remoteAddress: request.remoteAddress,
    ...(request.receivedMs !== undefined && { receivedMs: request.receivedMs }),
    ...(request.environmentId === undefined ? {} : { environmentId: request.environmentId }),
    signal: request.signal,
    sendContinue: () => request.sendContinue(),
  };
}

const unsigned = (): PlatformError =>
  new PlatformError(
    'unauthenticated',
    'The admin API needs the header x-amz-content-sha256, signed: the SHA-256 of the body in hex.',
    { field: 'x-amz-content-sha256' },
  );

/** The hash must be in a header: a body is checked while it streams, not collected first. */
const bodyHash = (): Promise<string> => Promise.reject(unsigned());
