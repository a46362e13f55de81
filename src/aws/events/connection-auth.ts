/** A connection's credentials as clients write them, and as they are shown: without what is secret. */
import type {
  ConnectionAuthResponseParameters,
  ConnectionHttpParameters,
  CreateConnectionAuthRequestParameters,
  UpdateConnectionAuthRequestParameters,
} from '@aws-sdk/client-eventbridge';
import { connectionPurpose } from '../../events/call-api-destination.ts';
import type {
  Connection,
  ConnectionAuth,
  ConnectionParameter,
  HttpExtras,
} from '../../resources/event-bus/api-destination.ts';
import type { Sealer } from '../../util/sealer.ts';
import { invalid, notHere } from './events-errors.ts';

type Given = CreateConnectionAuthRequestParameters | UpdateConnectionAuthRequestParameters;
type Identity = Pick<Connection, 'account' | 'id'>;

const none: HttpExtras = { headers: [], query: [], body: [] };

/** `present`: what an update leaves out stays as it is there. */
export function readAuth(
  sealer: Pick<Sealer, 'seal'>,
  identity: Identity,
  kind: string,
  given: Given | undefined,
  present: Connection | undefined,
): Pick<Connection, 'authKind' | 'extras'> & { auth: ConnectionAuth } {
  const before = present?.auth?.kind === kind ? present?.auth : undefined;
  const purpose = connectionPurpose(identity);
  const extrasOf = (http: ConnectionHttpParameters | undefined, otherwise: HttpExtras): HttpExtras =>
    http === undefined ? otherwise : readExtras(sealer, purpose, http);
  const extras = extrasOf(given?.InvocationHttpParameters, present?.extras ?? none);
  if (given?.ConnectivityParameters !== undefined)
    throw notHere('ConnectivityParameters', 'VPC resources are not built');
  switch (kind) {
    case 'API_KEY': {
      const known = before?.kind === 'API_KEY' ? before : undefined;
      const { ApiKeyName: name = known?.name, ApiKeyValue: value } = given?.ApiKeyAuthParameters ?? {};
      const sealed = value === undefined ? known?.value : sealer.seal(value, purpose);
      if (name === undefined || sealed === undefined) throw required('ApiKeyAuthParameters', kind);
      return { authKind: kind, extras, auth: { kind, name, value: sealed } };
    }
    case 'BASIC': {
      const known = before?.kind === 'BASIC' ? before : undefined;
      const { Username: username = known?.username, Password: password } = given?.BasicAuthParameters ?? {};
      const sealed = password === undefined ? known?.password : sealer.seal(password, purpose);
      if (username === undefined || sealed === undefined) throw required('BasicAuthParameters', kind);
      return { authKind: kind, extras, auth: { kind, username, password: sealed } };
    }
    case 'OAUTH_CLIENT_CREDENTIALS': {
      const known = before?.kind === 'OAUTH_CLIENT_CREDENTIALS' ? before : undefined;
      const oauth = given?.OAuthParameters;
      const endpoint = oauth?.AuthorizationEndpoint ?? known?.endpoint;
      const method = oauth?.HttpMethod ?? known?.method;
      const clientId = oauth?.ClientParameters?.ClientID ?? known?.clientId;
      const secret = oauth?.ClientParameters?.ClientSecret;
      const clientSecret = secret === undefined ? known?.clientSecret : sealer.seal(secret, purpose);
      if (endpoint === undefined || method === undefined || clientId === undefined || clientSecret === undefined)
        throw required('OAuthParameters', kind);
      checkAddress(endpoint, 'AuthorizationEndpoint');
      const oauthExtras = extrasOf(oauth?.OAuthHttpParameters, known?.extras ?? none);
      return { authKind: kind, extras, auth: { kind, endpoint, method, clientId, clientSecret, extras: oauthExtras } };
    }
    default:
      throw invalid('AuthorizationType must be BASIC, API_KEY or OAUTH_CLIENT_CREDENTIALS.', 'AuthorizationType');
  }
}

/** EventBridge takes https alone; here http is taken, too, for endpoints on one's own machines. */
export function checkAddress(address: string, parameter: string): void {
  let url: URL | undefined;
  try {
    url = new URL(address.replaceAll('*', 'x'));
  } catch {
    url = undefined;
  }
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.username !== '')
    throw invalid(`Parameter ${parameter} is not valid: an address with https:// (or http://) is accepted.`, parameter);
}

function readExtras(sealer: Pick<Sealer, 'seal'>, purpose: string, given: ConnectionHttpParameters): HttpExtras {
  const read = (
    all:
      | readonly { Key?: string | undefined; Value?: string | undefined; IsValueSecret?: boolean | undefined }[]
      | undefined,
  ): ConnectionParameter[] =>
    (all ?? []).map(({ Key: name = '', Value: value = '', IsValueSecret: isSecret = true }) => ({
      name,
      value: isSecret ? sealer.seal(value, purpose) : value,
      isSecret,
    }));
  return {
    headers: read(given.HeaderParameters),
    query: read(given.QueryStringParameters),
    body: read(given.BodyParameters),
  };
}

const required = (parameter: string, kind: string): Error =>
  invalid(`${parameter} must be complete for the authorization type ${kind}.`, parameter);

export function authShown({ auth, extras }: Connection): ConnectionAuthResponseParameters {
  return {
    ...(auth?.kind === 'API_KEY' && { ApiKeyAuthParameters: { ApiKeyName: auth.name } }),
    ...(auth?.kind === 'BASIC' && { BasicAuthParameters: { Username: auth.username } }),
    ...(auth?.kind === 'OAUTH_CLIENT_CREDENTIALS' && {
      OAuthParameters: {
        ClientParameters: { ClientID: auth.clientId },
        AuthorizationEndpoint: auth.endpoint,
        HttpMethod: auth.method,
        ...httpShown('OAuthHttpParameters', auth.extras),
      },
    }),
    ...httpShown('InvocationHttpParameters', extras),
  };
}

function httpShown(name: string, { headers, query, body }: HttpExtras): Record<string, ConnectionHttpParameters> {
  if (headers.length + query.length + body.length === 0) return {};
  const shown = (all: readonly ConnectionParameter[]): { Key: string; Value?: string; IsValueSecret: boolean }[] =>
    all.map((one) => ({ Key: one.name, IsValueSecret: one.isSecret, ...(!one.isSecret && { Value: one.value }) }));
  return {
    [name]: {
      ...(headers.length > 0 && { HeaderParameters: shown(headers) }),
      ...(query.length > 0 && { QueryStringParameters: shown(query) }),
      ...(body.length > 0 && { BodyParameters: shown(body) }),
    },
  };
}
