/**
 * Calls an HTTP endpoint with the credentials of its connection, which it asks an authorization server for where that is
 * how the connection does it.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
 */
import type {
  ApiDestination,
  Connection,
  ConnectionAuth,
  ConnectionParameter,
  HttpExtras,
} from '../resources/event-bus/api-destination.ts';
import type { ApiDestinations } from '../resources/event-bus/api-destinations.ts';
import type { Clock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import { isObject } from '../util/field.ts';
import type { Sealer } from '../util/sealer.ts';
import { call, type Called } from './call.ts';
import type { Sending } from './target.ts';

/** Resolves with what was answered. Throws what came of it where it did not succeed: a caller's fault is not tried again. */
export type ApiDestinationCaller = (
  destination: ApiDestination,
  sending: Pick<Sending, 'text' | 'http'>,
) => Promise<string>;

/** EventBridge gives an endpoint five seconds. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html */
const timeoutMs = 5_000;
const userAgent = 'Amazon/EventBridge/ApiDestinations';
/** A token whose server does not say how long it lasts is asked for anew after this. */
const tokenMsDefault = 3_600_000;
/** Before a token's end a new one is asked for. */
const tokenMarginMs = 30_000;

type Token = { text: string; untilMs: number };

/** What a secret of a connection is sealed for. */
export const connectionPurpose = ({ account, id }: Pick<Connection, 'account' | 'id'>): string =>
  `connection ${account}/${id}`;

export function createApiDestinationCaller(parts: {
  apis: Pick<ApiDestinations, 'connection'>;
  sealer: Pick<Sealer, 'open'>;
  clock: Clock;
}): ApiDestinationCaller {
  const { apis, sealer, clock } = parts;
  /** By connection: its id and when it was changed last. */
  const tokens = new Map<string, Token>();

  return async (destination, sending) => {
    const connection = apis.connection(destination.account, destination.connection);
    if (connection?.auth === undefined)
      throw new PlatformError('permission_denied', `the connection ${destination.connection} is not authorized`);
    const key = `${connection.id}/${connection.modifiedMs}`;
    let called = await attempt(destination, connection, connection.auth, sending, key);
    if (called.kind === 'answered' && [401, 407].includes(called.status) && tokens.delete(key)) {
      // The token may have been taken back before its time.
      called = await attempt(destination, connection, connection.auth, sending, key);
    }
    return check(called);
  };

  async function attempt(
    destination: ApiDestination,
    connection: Connection,
    auth: ConnectionAuth,
    sending: Pick<Sending, 'text' | 'http'>,
    key: string,
  ): Promise<Called> {
    const extras = opened(connection, connection.extras);
    const url = addressOf(destination, sending, extras);
    const authorization = await authorizationOf(connection, auth, destination.isPublicOnly, key);
    const { method } = destination;
    const hasBody = method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
    return call({
      url,
      method,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        range: 'bytes=0-1048575',
        'user-agent': userAgent,
        ...lowerCase(sending.http?.headers ?? {}),
        ...lowerCase(Object.fromEntries(extras.headers.map(({ name, value }) => [name, value]))),
        ...lowerCase(authorization),
      },
      ...(hasBody && { body: withBody(sending.text, extras.body) }),
      timeoutMs,
      isPublicOnly: destination.isPublicOnly,
    });
  }

  async function authorizationOf(
    connection: Connection,
    auth: ConnectionAuth,
    isPublicOnly: boolean,
    key: string,
  ): Promise<Record<string, string>> {
    const secret = (sealed: string): string => sealer.open(sealed, connectionPurpose(connection));
    switch (auth.kind) {
      case 'API_KEY':
        return { [auth.name]: secret(auth.value) };
      case 'BASIC':
        return {
          authorization: `Basic ${Buffer.from(`${auth.username}:${secret(auth.password)}`).toString('base64')}`,
        };
      case 'OAUTH_CLIENT_CREDENTIALS': {
        const known = tokens.get(key);
        if (known !== undefined && known.untilMs > clock.now()) return { authorization: `Bearer ${known.text}` };
        const token = await askForToken(connection, auth, isPublicOnly);
        // Of one connection one: those of what it was before, and of connections that nobody uses any more, go.
        for (const [other, { untilMs }] of tokens)
          if (other.startsWith(`${connection.id}/`) || untilMs <= clock.now()) tokens.delete(other);
        tokens.set(key, token);
        return { authorization: `Bearer ${token.text}` };
      }
      default:
        throw new PlatformError('invalid_argument', 'the connection has a kind of authorization that is not known');
    }
  }

  /** https://www.rfc-editor.org/rfc/rfc6749#section-4.4 */
  async function askForToken(
    connection: Connection,
    auth: Extract<ConnectionAuth, { kind: 'OAUTH_CLIENT_CREDENTIALS' }>,
    isPublicOnly: boolean,
  ): Promise<Token> {
    const extras = opened(connection, auth.extras);
    const url = new URL(auth.endpoint);
    for (const { name, value } of extras.query) url.searchParams.append(name, value);
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: auth.clientId,
      client_secret: sealer.open(auth.clientSecret, connectionPurpose(connection)),
    });
    for (const { name, value } of extras.body) form.set(name, value);
    if (auth.method === 'GET') for (const [name, value] of form) url.searchParams.append(name, value);
    const answer = await call({
      url,
      method: auth.method,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        'user-agent': userAgent,
        ...lowerCase(Object.fromEntries(extras.headers.map(({ name, value }) => [name, value]))),
      },
      ...(auth.method !== 'GET' && { body: form.toString() }),
      timeoutMs,
      isPublicOnly,
    });
    const parsed = parse(check(answer, 'the authorization endpoint'));
    if (!isObject(parsed) || typeof parsed['access_token'] !== 'string')
      throw new PlatformError('unavailable', 'the authorization endpoint answered without an access_token');
    const lastsMs = typeof parsed['expires_in'] === 'number' ? parsed['expires_in'] * 1_000 : tokenMsDefault;
    return { text: parsed['access_token'], untilMs: clock.now() + lastsMs - tokenMarginMs };
  }

  function opened(connection: Connection, extras: HttpExtras): HttpExtras {
    const open = (all: readonly ConnectionParameter[]): ConnectionParameter[] =>
      all.map((one) => ({
        ...one,
        value: one.isSecret ? sealer.open(one.value, connectionPurpose(connection)) : one.value,
      }));
    return { headers: open(extras.headers), query: open(extras.query), body: open(extras.body) };
  }
}

function addressOf(destination: ApiDestination, { http }: Pick<Sending, 'http'>, extras: HttpExtras): URL {
  const values = [...(http?.pathValues ?? [])];
  const address = destination.endpoint.replaceAll('*', () => encodeURIComponent(values.shift() ?? '*'));
  if (!URL.canParse(address)) throw new PlatformError('invalid_argument', `${address} is no address of an endpoint`);
  const url = new URL(address);
  for (const [name, value] of Object.entries(http?.query ?? {})) url.searchParams.append(name, value);
  for (const { name, value } of extras.query) url.searchParams.append(name, value);
  return url;
}

/** What the connection adds to the body of a JSON object. */
function withBody(text: string, more: readonly ConnectionParameter[]): string {
  const parsed = more.length === 0 ? undefined : parse(text);
  if (!isObject(parsed)) return text;
  return JSON.stringify({ ...parsed, ...Object.fromEntries(more.map(({ name, value }) => [name, value])) });
}

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** Tried again: 401, 407, 409, 429 and the server's own failures. */
function check(called: Called, what = 'the endpoint'): string {
  if (called.kind !== 'answered') {
    const code = called.kind === 'refused' ? 'permission_denied' : 'unavailable';
    throw new PlatformError(code, `${what}: ${called.message}`);
  }
  const { status, text } = called;
  if (status >= 200 && status < 300) return text;
  const message = `${what} answered with status ${status}`;
  if (status >= 500 || [401, 407, 409, 429].includes(status))
    throw new PlatformError('unavailable', message, { reason: status === 429 ? 'THROTTLING' : 'SDK_CLIENT_ERROR' });
  throw new PlatformError('invalid_argument', message, { reason: 'SDK_CLIENT_ERROR' });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
