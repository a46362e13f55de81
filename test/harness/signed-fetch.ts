import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCredentials } from '../../src/identity/credentials.ts';
import { signRequest } from '../../src/identity/sign.ts';

/** A GET as the administrator, to a platform whose credentials are in its data folder. */
export function signedFetch(
  platform: { api: string; data: string },
  target: string,
  service: string,
): Promise<Response> {
  const url = new URL(platform.api + target);
  const file = join(platform.data, 'credentials');
  const credentials = parseCredentials(readFileSync(file, 'utf8'), file);
  const headers = signRequest(
    { method: 'GET', path: url.pathname, query: url.search.slice(1), headers: { host: url.host } },
    credentials,
    { region: 'us-east-1', service, nowMs: Date.now() },
  );
  return fetch(url, { headers });
}
