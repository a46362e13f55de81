/**
 * AWS STS: who somebody is, and credentials that end by themselves. Nothing of a session is kept: its token is the session
 * (identity/temporary-credentials.ts).
 *
 * Gaps, each answered by name: SAML, AssumeRoot, GetDelegatedAccessToken, GetWebIdentityToken (tokens of our own for others),
 * DecodeAuthorizationMessage (no service here encodes its refusals), second factors, ProvidedContexts.
 *
 * By design: the account itself may assume roles that trust it, which AWS refuses to a root user: the administrator of a data
 * folder is the one whom profiles with `source_profile` begin with. Every claim of an issuer's token is a condition key.
 *
 * Client quirks: AssumeRoleWithWebIdentity comes without a signature, and is found by its name in the form.
 * https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html
 */
import { createWebIdentityCheck } from '../../identity/web-identity.ts';
import { constrained } from '../constraints.ts';
import { stsModel, type StsOperationName } from '../model/sts.ts';
import type { AwsService, OperationTable } from '../service.ts';
import { assumeRoleWithWebIdentity } from './assume-role-with-web-identity.ts';
import { assumeRole } from './assume-role.ts';
import { memberShapes, shapeConstraints } from './constraint-table.ts';
import { createFetchIssuerJson } from './fetch-issuer-json.ts';
import { getAccessKeyInfo } from './get-access-key-info.ts';
import { getCallerIdentity } from './get-caller-identity.ts';
import { getFederationToken } from './get-federation-token.ts';
import { getSessionToken } from './get-session-token.ts';
import type { StsParts } from './sts-parts.ts';

export type StsServiceParts = Omit<StsParts, 'checkWebIdentity'> & {
  /** Issuers that may be where nobody else's may: at private addresses, without TLS (`http://127.0.0.1:8080`). */
  privateIssuers: readonly string[];
};

export function createStsService({ privateIssuers, ...rest }: StsServiceParts): AwsService {
  const checkWebIdentity = createWebIdentityCheck({
    ...rest,
    fetchJson: createFetchIssuerJson(privateIssuers.map((issuer) => new URL(issuer).origin)),
    plainIssuers: privateIssuers.filter((issuer) => issuer.startsWith('http://')),
  });
  const parts: StsParts = { ...rest, checkWebIdentity };
  const operations: OperationTable<StsOperationName> = {
    AssumeRole: assumeRole(parts),
    AssumeRoleWithSAML: 'not built',
    AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity(parts),
    AssumeRoot: 'not built',
    DecodeAuthorizationMessage: 'not built',
    GetAccessKeyInfo: getAccessKeyInfo(),
    GetCallerIdentity: getCallerIdentity(),
    GetDelegatedAccessToken: 'not built',
    GetFederationToken: getFederationToken(parts),
    GetSessionToken: getSessionToken(parts),
    GetWebIdentityToken: 'not built',
  };
  return {
    name: 'sts',
    signingNames: ['sts'],
    protocols: ['query'],
    model: stsModel,
    operations: constrained(operations, stsModel, { shapes: shapeConstraints, members: memberShapes }),
  };
}
