/** Requests to a platform's API port, signed as a test wants them to be: well, wrongly, or not at all. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCredentials } from '../../src/identity/credentials.ts';
import { signRequest, type Credentials } from '../../src/identity/sign.ts';

export type Platform = { api: string; data: string };

export type ApiRequest = {
  method?: string;
  /** Path and query. */
  target: string;
  /** As in the credential's scope: `s3`, `sqs`, `mayfly`. */
  service: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
  /** Default: the administrator's. */
  credentials?: Credentials;
  region?: string;
  /** How far the client's clock is from ours; in the future when positive. */
  skewMs?: number;
};

export function administratorOf(platform: Platform): Credentials {
  const file = join(platform.data, 'credentials');
  return parseCredentials(readFileSync(file, 'utf8'), file);
}

/** The headers under which the request would be accepted, `host` included. */
export function signedHeaders(platform: Platform, request: ApiRequest): Record<string, string> {
  const url = new URL(platform.api + request.target);
  return signRequest(
    {
      method: request.method ?? 'GET',
      path: url.pathname,
      query: url.search.slice(1),
      headers: { ...request.headers, host: url.host },
      ...(request.body === undefined ? {} : { body: request.body }),
    },
    request.credentials ?? administratorOf(platform),
    { region: request.region ?? 'us-east-1', service: request.service, nowMs: Date.now() + (request.skewMs ?? 0) },
  );
}

export function callApi(platform: Platform, request: ApiRequest): Promise<Response> {
  return sendApi(platform, request, signedHeaders(platform, request));
}

/** With these headers and no others: what the signature covers need not be what is sent. */
export function sendApi(
  platform: Platform,
  request: Omit<ApiRequest, 'service'>,
  headers: Record<string, string>,
): Promise<Response> {
  return fetch(platform.api + request.target, {
    method: request.method ?? 'GET',
    headers,
    ...(request.body === undefined ? {} : { body: request.body }),
  });
}

/** What the admin API answers to an invocation. */
export type Invoked = {
  status: 'ok' | 'function_error' | 'throttled' | 'recursion' | 'not_found' | 'unavailable';
  requestId: string;
  payload?: unknown;
  error?: { errorType: string; errorMessage: string; stackTrace?: string[]; trace?: string[] };
  reason?: string;
  log: string[];
  billedMs?: number;
};

export async function invokeFunction(platform: Platform, name: string, event: unknown): Promise<Invoked> {
  const target = `/_mayfly/functions/${name}/invocations?type=request`;
  const response = await callApi(platform, { method: 'POST', target, service: 'mayfly', body: JSON.stringify(event) });
  if (!response.ok) throw new Error(`invoking ${name}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Invoked;
}
