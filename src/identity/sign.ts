/** Signs requests of our own: the command line to the control API, and tests to everything. */
import { hash } from 'node:crypto';
import { algorithm, amzDateAt, canonicalRequest, scopeText, sign, signingKey, stringToSign } from './signature.ts';

export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

export type OutgoingRequest = {
  method: string;
  path: string;
  query: string;
  /** `host` included. */
  headers: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
};

export type SignOptions = { region: string; service: string; nowMs: number };

/**
 * The headers to send: the request's own and the signature's. The body's hash travels in x-amz-content-sha256, so that
 * the receiver can check the body while it streams.
 */
export function signRequest(
  request: OutgoingRequest,
  credentials: Credentials,
  options: SignOptions,
): Record<string, string> {
  const amzDate = amzDateAt(options.nowMs);
  const payloadHash = hash('sha256', request.body ?? '');
  const headers: Record<string, string> = {
    ...request.headers,
    'x-amz-date': amzDate,
    'x-amz-content-sha256': payloadHash,
    ...(credentials.sessionToken === undefined ? {} : { 'x-amz-security-token': credentials.sessionToken }),
  };
  const rawHeaders = Object.entries(headers).flat();
  const signedHeaders = Object.keys(headers)
    .map((name) => name.toLowerCase())
    .sort();
  const scope = { date: amzDate.slice(0, 8), region: options.region, service: options.service };
  const pathStyle = options.service === 's3' ? 's3' : 'normalised';
  const canonical = canonicalRequest({ ...request, rawHeaders }, { signedHeaders, payloadHash, pathStyle });
  const signature = sign(signingKey(credentials.secretAccessKey, scope), stringToSign(amzDate, scope, canonical));
  return {
    ...headers,
    authorization: `${algorithm} Credential=${credentials.accessKeyId}/${scopeText(scope)}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`,
  };
}
