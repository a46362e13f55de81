/**
 * Tokens of other issuers (OpenID Connect): whether one is genuine, and what it says. An issuer counts where the account
 * has it as a provider; its keys are fetched from it, and kept for a while. What its token may, a role's trust policy says.
 * https://openid.net/specs/openid-connect-discovery-1_0.html,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html
 */
import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import { oidcProviderArn, type OidcProvider } from '../resources/iam/iam-entities.ts';
import type { Identities, IdentityReader } from '../resources/iam/identities.ts';
import type { Clock } from '../util/clock.ts';
import { PlatformError, messageOf } from '../util/errors.ts';
import { isObject } from '../util/field.ts';
import type { AccountId } from '../util/ids.ts';
import type { ConditionContext, KeyValue } from './condition-keys.ts';

export type WebIdentity = {
  /** ARN of the account's provider. */
  provider: string;
  issuer: string;
  subject: string;
  audience: string;
  /** `ISSUER:claim`, in lower case, of every claim that is text, a number, a yes or no, or a list of texts. */
  conditions: ConditionContext;
  /** Tags that the issuer gives the session, and who it says is behind it. */
  tags: Readonly<Record<string, string>>;
  transitiveTagKeys: readonly string[];
  sourceIdentity: string | undefined;
};

/** `account`: whose providers count. Errors: InvalidIdentityToken, ExpiredToken, IDPCommunicationError, by their names as reasons. */
export type WebIdentityCheck = (token: string, account: AccountId) => Promise<WebIdentity>;

export type WebIdentityParts = {
  identities: Pick<Identities, 'of'>;
  /** What lies at an address, as JSON. Rejects where it cannot be had, or may not be asked. */
  fetchJson: (url: URL) => Promise<unknown>;
  /** Issuers without TLS, by their whole names; on loopback, for who tries things out. */
  plainIssuers: readonly string[];
  clock: Clock;
};

/** AWS's: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html */
const algorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'];
/** Clocks of two machines. */
const toleranceSeconds = 60;
/** Issuers change their keys with days of notice; a key that is not known yet is asked for at once, but not in a hurry. */
const keysKeptMs = 10 * 60_000;
const keysAgainMs = 30_000;
/** An account has 100 providers at most; whoever comes and goes is fetched again. */
const issuersMax = 200;

const tagsClaim = 'https://aws.amazon.com/tags';
const sourceIdentityClaim = 'https://aws.amazon.com/source_identity';

/** `isFailed`: they could not be had, which is not tried again at once either: whoever sends tokens is not known yet. */
type KeptKeys = { keys: Promise<JSONWebKeySet>; askedMs: number; isFailed: boolean };

export function createWebIdentityCheck(parts: WebIdentityParts): WebIdentityCheck {
  const { identities, clock } = parts;
  const kept = new Map<string, KeptKeys>();

  return async (token, account) => {
    const issuer = issuerOf(token);
    const name = nameOf(issuer, parts.plainIssuers);
    const provider = name === undefined ? undefined : providerOf(identities.of(account), name);
    if (provider === undefined) throw invalid(`No OpenIDConnect provider found in your account for ${issuer}`);
    const payload = await verified(token, issuer, await keysOf(issuer, keysKeptMs)).catch(async (error: unknown) => {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw translated(error);
      // It may have been signed with a key that is new.
      return verified(token, issuer, await keysOf(issuer, keysAgainMs)).catch((again: unknown) => {
        throw translated(again);
      });
    });
    return describe(payload, issuer, provider);
  };

  function keysOf(issuer: string, ageMsMax: number): Promise<JSONWebKeySet> {
    const known = kept.get(issuer);
    const keptMs = known?.isFailed === true ? keysAgainMs : ageMsMax;
    if (known !== undefined && clock.now() - known.askedMs < keptMs) return known.keys;
    const asked: KeptKeys = { keys: fetchKeys(issuer), askedMs: clock.now(), isFailed: false };
    asked.keys.catch(() => (asked.isFailed = true));
    kept.delete(issuer);
    const oldest = kept.keys().next();
    if (kept.size >= issuersMax && oldest.done !== true) kept.delete(oldest.value);
    kept.set(issuer, asked);
    return asked.keys;
  }

  async function fetchKeys(issuer: string): Promise<JSONWebKeySet> {
    try {
      const found = await parts.fetchJson(new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`));
      if (!isObject(found) || found['issuer'] !== issuer || typeof found['jwks_uri'] !== 'string')
        throw new Error(`its configuration is not that of ${issuer}, or has no jwks_uri`);
      const address = new URL(found['jwks_uri']);
      if (
        address.protocol !== 'https:' &&
        !parts.plainIssuers.some((plain) => new URL(plain).origin === address.origin)
      )
        throw new Error(`its keys are at ${address.href}, which is not https`);
      const keys = await parts.fetchJson(address);
      if (!isObject(keys) || !Array.isArray(keys['keys'])) throw new Error('what it has for keys is no key set');
      return keys as unknown as JSONWebKeySet;
    } catch (cause) {
      const why = messageOf(cause);
      throw new PlatformError(
        'invalid_argument',
        `Couldn't retrieve verification key from your identity provider ${issuer}: ${why}`,
        {
          reason: 'IDPCommunicationError',
          cause,
        },
      );
    }
  }

  async function verified(token: string, issuer: string, keys: JSONWebKeySet): Promise<JWTPayload> {
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
      issuer,
      algorithms,
      requiredClaims: ['sub', 'aud', 'exp', 'iat'],
      clockTolerance: toleranceSeconds,
      currentDate: new Date(clock.now()),
    });
    return payload;
  }
}

function issuerOf(token: string): string {
  try {
    const { iss } = decodeJwt(token);
    if (typeof iss === 'string') return iss;
  } catch {
    // Whatever it is, it is no token.
  }
  throw invalid('The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)');
}

/** What a provider is called: its address without the scheme. Undefined: no issuer that could be asked. */
function nameOf(issuer: string, plainIssuers: readonly string[]): string | undefined {
  if (!URL.canParse(issuer)) return undefined;
  if (issuer.startsWith('https://')) return issuer.slice('https://'.length);
  return plainIssuers.includes(issuer) && issuer.startsWith('http://') ? issuer.slice('http://'.length) : undefined;
}

/**
 * By its whole name, capitals included: two tenants of one host may differ in nothing else. A slash at the end, which some
 * issuers have and their providers have not, means nothing.
 */
function providerOf(reader: IdentityReader, name: string): OidcProvider | undefined {
  const plain = (text: string): string => text.replace(/\/$/, '');
  return [name, plain(name), `${plain(name)}/`]
    .map((one) => reader.get('oidc-provider', one))
    .find((provider) => provider !== undefined && plain(provider.name) === plain(name));
}

function describe(payload: JWTPayload, issuer: string, provider: OidcProvider): WebIdentity {
  const { name } = provider;
  const { sub: subject = '', aud, azp } = payload;
  const audiences = Array.isArray(aud) ? aud : [aud ?? ''];
  // Where a party is authorised that is not the audience, that one counts.
  const audience = typeof azp === 'string' ? azp : (audiences.find((one) => provider.clientIds.includes(one)) ?? '');
  if (!provider.clientIds.includes(audience)) throw invalid('Incorrect token audience');
  const claims = Object.entries(payload).flatMap(([claim, value]) => {
    const key = valueOf(value);
    return key === undefined ? [] : [[`${name}:${claim}`.toLowerCase(), key] as const];
  });
  const prefix = name.toLowerCase();
  return {
    provider: oidcProviderArn(provider),
    issuer,
    subject,
    audience,
    conditions: { ...Object.fromEntries(claims), [`${prefix}:aud`]: audience, [`${prefix}:oaud`]: audiences },
    ...tagsIn(payload[tagsClaim]),
    sourceIdentity: textIn(payload[sourceIdentityClaim]),
  };
}

function valueOf(value: unknown): KeyValue | undefined {
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'string');
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;
}

const textIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp */
function tagsIn(claim: unknown): Pick<WebIdentity, 'tags' | 'transitiveTagKeys'> {
  if (!isObject(claim)) return { tags: {}, transitiveTagKeys: [] };
  const { principal_tags: given, transitive_tag_keys: keys } = claim;
  const tags = Object.entries(isObject(given) ? given : {}).flatMap(([key, value]) => {
    const one: unknown = Array.isArray(value) ? value[0] : value;
    return typeof one === 'string' ? [[key, one] as const] : [];
  });
  const known = Object.fromEntries(tags);
  const listed = (Array.isArray(keys) ? keys : []).filter((key): key is string => typeof key === 'string');
  return { tags: known, transitiveTagKeys: listed.filter((key) => Object.hasOwn(known, key)) };
}

function invalid(message: string): PlatformError {
  return new PlatformError('invalid_argument', message, { reason: 'InvalidIdentityToken' });
}

function translated(error: unknown): unknown {
  if (error instanceof errors.JWTExpired)
    return new PlatformError('invalid_argument', 'Token expired: its time is over.', {
      reason: 'ExpiredTokenException',
    });
  if (error instanceof errors.JWTClaimValidationFailed)
    return invalid(`The token's claim '${error.claim}' is not accepted: ${error.message}`);
  return error instanceof errors.JOSEError ? invalid(`Couldn't verify the token: ${error.message}`) : error;
}
