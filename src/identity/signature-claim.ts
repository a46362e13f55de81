/**
 * What a request says about its own signature, in its header or in its query. Read strictly: what comes twice, or in both
 * places, has two meanings, and is refused. Nothing is decided here.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html,
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
import { algorithm, amzDateAt, amzDateMs, type Scope, terminator } from './signature.ts';

export type Claim = {
  place: 'header' | 'query';
  accessKeyId: string;
  scope: Scope;
  signedHeaders: readonly string[];
  signature: string;
  /** `20260131T120000Z`. */
  amzDate: string;
  sessionToken: string | undefined;
  /** Presigned requests: how long they are valid; undefined: as long as any other. */
  expiresSeconds: number | undefined;
};

export type ParsedClaim =
  | { status: 'none' }
  | { status: 'malformed'; place: Claim['place']; message: string }
  /** Another way of signing than AWS4-HMAC-SHA256. */
  | { status: 'unsupported'; algorithm: string }
  | { status: 'claimed'; claim: Claim };

/** What is read of a request. */
export type ClaimingRequest = {
  headers: Readonly<Record<string, string | undefined>>;
  rawHeaders: readonly string[];
  /** As on the wire, without `?`. */
  query: string;
};

/** A week: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
const presignedSecondsMax = 604_800;
/** A header line has 32 KB at most; no client signs nearly as many. */
const signedHeadersMax = 100;

/** Headers that say something of the signature, and so may come once only. */
const singleHeaders = new Set(['authorization', 'x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256']);

export function parseClaim(request: ClaimingRequest): ParsedClaim {
  const authorization = request.headers['authorization'];
  const inQuery = request.query.includes('X-Amz-') ? presigningParameters(request.query) : undefined;
  const place = authorization === undefined ? 'query' : 'header';
  const twice = repeatedHeader(request.rawHeaders);
  if (twice !== undefined) return malformed(place, `The header '${twice}' may be given once.`);
  if (authorization === undefined) return inQuery === undefined ? { status: 'none' } : parsePresigned(inQuery);
  if (inQuery !== undefined) {
    return malformed(
      place,
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter or the Authorization header should be specified',
    );
  }
  return parseAuthorization(authorization, request.headers);
}

/** The parameters of presigning, decoded; a list, since one may come twice. Undefined: this request has no signature in its query. */
function presigningParameters(query: string): ReadonlyMap<string, readonly string[]> | undefined {
  const found = new Map<string, string[]>();
  for (const part of query.split('&')) {
    if (!part.startsWith('X-Amz-')) continue;
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    const values = found.get(name);
    const value = equals < 0 ? '' : decoded(part.slice(equals + 1));
    if (values === undefined) found.set(name, [value]);
    else values.push(value);
  }
  return found.has('X-Amz-Algorithm') || found.has('X-Amz-Signature') ? found : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function repeatedHeader(rawHeaders: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    if (!singleHeaders.has(name)) continue;
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return undefined;
}

function malformed(place: Claim['place'], message: string): ParsedClaim {
  return { status: 'malformed', place, message };
}

function parseAuthorization(authorization: string, headers: Readonly<Record<string, string | undefined>>): ParsedClaim {
  const space = authorization.indexOf(' ');
  const scheme = space < 0 ? authorization : authorization.slice(0, space);
  if (scheme !== algorithm) return { status: 'unsupported', algorithm: scheme };
  const fields = new Map<string, string>();
  for (const part of authorization.slice(scheme.length).split(',')) {
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(0, equals)).trim();
    if (name === '')
      return malformed(
        'header',
        `'${part.trim()}' not a valid key=value pair (missing equal-sign) in Authorization header.`,
      );
    if (fields.has(name)) return malformed('header', `The Authorization header has '${name}' twice.`);
    fields.set(name, part.slice(equals + 1).trim());
  }
  const wanted = ['Credential', 'Signature', 'SignedHeaders'].filter((name) => (fields.get(name) ?? '') === '');
  const missing = wanted.map((name) => `Authorization header requires '${name}' parameter.`);
  const amzDate = headers['x-amz-date'] ?? amzDateOf(headers['date']);
  if (amzDate === undefined)
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  if (missing.length > 0) return malformed('header', missing.join(' '));
  return claimOf('header', {
    credential: fields.get('Credential') ?? '',
    signedHeaders: fields.get('SignedHeaders') ?? '',
    signature: fields.get('Signature') ?? '',
    amzDate: amzDate ?? '',
    sessionToken: headers['x-amz-security-token'],
    expiresSeconds: undefined,
  });
}

function parsePresigned(parameters: ReadonlyMap<string, readonly string[]>): ParsedClaim {
  const twice = [...parameters].find(([, values]) => values.length > 1);
  if (twice !== undefined) return malformed('query', `The query parameter '${twice[0]}' may be given once.`);
  const value = (name: string): string | undefined => parameters.get(name)?.[0];
  const [named, credential, signedHeaders, signature, amzDate] = [
    value('X-Amz-Algorithm'),
    value('X-Amz-Credential'),
    value('X-Amz-SignedHeaders'),
    value('X-Amz-Signature'),
    value('X-Amz-Date'),
  ];
  if (named !== undefined && named !== algorithm) return { status: 'unsupported', algorithm: named };
  if (
    named === undefined ||
    credential === undefined ||
    signedHeaders === undefined ||
    signature === undefined ||
    amzDate === undefined
  ) {
    return malformed(
      'query',
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    );
  }
  const expires = value('X-Amz-Expires');
  const problem = expires === undefined ? undefined : expiresProblem(expires);
  if (problem !== undefined) return malformed('query', problem);
  return claimOf('query', {
    credential,
    signedHeaders,
    signature,
    amzDate,
    sessionToken: value('X-Amz-Security-Token'),
    expiresSeconds: expires === undefined ? undefined : Number(expires),
  });
}

/** S3's texts; the lowest is one: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
function expiresProblem(expires: string): string | undefined {
  if (!/^-?\d{1,12}$/.test(expires)) return 'X-Amz-Expires should be a number';
  if (Number(expires) < 0) return 'X-Amz-Expires must be non-negative';
  if (Number(expires) < 1) return 'X-Amz-Expires must be at least 1 second';
  if (Number(expires) > presignedSecondsMax)
    return `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${presignedSecondsMax} seconds`;
  return undefined;
}

type Fields = {
  credential: string;
  signedHeaders: string;
  signature: string;
  amzDate: string;
  sessionToken: string | undefined;
  expiresSeconds: number | undefined;
};

/** Errors: none; what is wrong is malformed. */
export function claimOf(place: Claim['place'], fields: Fields): ParsedClaim {
  const { credential, signedHeaders: headerNames, signature, amzDate, sessionToken, expiresSeconds } = fields;
  const parts = credential.split('/');
  // An access key may contain slashes; what follows it may not.
  const [date, region, service, end] = parts.slice(-4);
  const accessKeyId = parts.slice(0, -4).join('/');
  if (
    parts.length < 5 ||
    accessKeyId === '' ||
    end !== terminator ||
    date === undefined ||
    region === undefined ||
    service === undefined
  ) {
    return malformed(
      place,
      `The credential '${credential}' is not of the form <access key>/<date>/<region>/<service>/${terminator}.`,
    );
  }
  if (amzDateMs(amzDate) === undefined)
    return malformed(place, `The date '${amzDate}' is not of the form 20260131T120000Z.`);
  if (!amzDate.startsWith(date)) {
    return malformed(
      place,
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${amzDate.slice(0, 8)}', from '${amzDate}'.`,
    );
  }
  const signedHeaders = headerNames.split(';');
  if (signedHeaders.length > signedHeadersMax || new Set(signedHeaders).size < signedHeaders.length)
    return malformed(place, `SignedHeaders names a header twice, or more than ${signedHeadersMax}.`);
  return {
    status: 'claimed',
    claim: {
      place,
      accessKeyId,
      scope: { date, region, service },
      signedHeaders,
      signature,
      amzDate,
      sessionToken,
      expiresSeconds,
    },
  };
}

/** From an HTTP `Date` header. */
function amzDateOf(httpDate: string | undefined): string | undefined {
  const ms = httpDate === undefined ? Number.NaN : Date.parse(httpDate);
  return Number.isNaN(ms) ? undefined : amzDateAt(ms);
}
