import type { IncomingMessage } from 'node:http';
import { signRequest } from '../identity/sign.ts';

/** For tests: what is wrong with a request's signature by the rig's credentials; undefined when nothing is. */
export function authenticateForTest(request: IncomingMessage, body: Buffer, nowMs: number): string | undefined {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const signedNames = /SignedHeaders=([^,]+)/.exec(request.headers.authorization ?? '')?.[1]?.split(';') ?? [];
  const added = ['x-amz-date', 'x-amz-content-sha256'];
  const headers = Object.fromEntries(
    signedNames.filter((name) => !added.includes(name)).map((name) => [name, String(request.headers[name])]),
  );
  const expected = signRequest(
    { method: request.method ?? '', path, query, headers, ...(body.length === 0 ? {} : { body }) },
    { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
    { region: 'us-east-1', service: 'mayfly', nowMs },
  );
  return expected['authorization'] === request.headers.authorization ? undefined : 'the signature does not match';
}
