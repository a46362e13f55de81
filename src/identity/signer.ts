/** Whose an access key is, and the secret that goes with it: the data folder's, a user's of IAM, or a session's. */
import { type Identities } from '../resources/iam/identities.ts';
import { userArn } from '../resources/iam/iam-entities.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId, EnvironmentId } from '../util/ids.ts';
import type { Principal } from './principal.ts';
import { refused } from './refusals.ts';
import type { Credentials } from './sign.ts';
import { type Bearer, type TemporaryCredentials, temporaryKeyPrefix } from './temporary-credentials.ts';

export type SignerParts = {
  administrator: Credentials;
  /** The administrator's. */
  account: AccountId;
  sessions: TemporaryCredentials;
  /** Absent: nobody but the administrator and whom sessions are of. */
  identities?: Pick<Identities, 'accessKey' | 'secretOf' | 'of'>;
};

export type Signer = { principal: Principal; secretAccessKey: string };

export type SignerQuestion = {
  accessKeyId: string;
  sessionToken: string | undefined;
  /** The environment that the request came out of. */
  environmentId: EnvironmentId | undefined;
  nowMs: number;
};

/** Errors: `unauthenticated`; `permission_denied` for a function's credentials outside its environment. */
export function createSigners(parts: SignerParts): (question: SignerQuestion) => Signer {
  const { administrator, account, sessions, identities } = parts;

  return (question) => {
    const { accessKeyId, sessionToken } = question;
    if (accessKeyId.startsWith(temporaryKeyPrefix) && sessionToken !== undefined)
      return sessionOf(question, sessionToken);
    // What is not of a session has no token: one that is sent with it says that somebody mistakes it.
    if (sessionToken !== undefined) throw invalidToken();
    if (accessKeyId === administrator.accessKeyId) {
      const principal = { ...rootOf(account), accessKeyId };
      return { principal, secretAccessKey: administrator.secretAccessKey };
    }
    return userOf(accessKeyId);
  };

  function userOf(accessKeyId: string): Signer {
    const key = identities?.accessKey(accessKeyId);
    const user = key === undefined ? undefined : identities?.of(key.account).get('user', key.userName);
    if (identities === undefined || key?.isActive !== true || user === undefined) {
      throw refused('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.', {
        AWSAccessKeyId: accessKeyId,
      });
    }
    const { account: owner, name: userName, id: userId } = user;
    return {
      principal: { kind: 'user', account: owner, arn: userArn(user), accessKeyId, userName, userId },
      secretAccessKey: identities.secretOf(key),
    };
  }

  function sessionOf({ accessKeyId, environmentId, nowMs }: SignerQuestion, sessionToken: string): Signer {
    const session = sessions.open(accessKeyId, sessionToken, nowMs);
    switch (session.status) {
      case 'expired':
        throw refused('ExpiredToken', 'The provided token has expired.');
      case 'invalid':
        throw invalidToken();
      case 'ok': {
        const { bearer: kept, expiresMs, secretAccessKey } = session;
        const bearer: Bearer =
          'session' in kept && kept.session !== undefined ? { ...kept, session: { ...kept.session, expiresMs } } : kept;
        if (bearer.kind === 'function' && environmentId !== bearer.environmentId) {
          const message =
            'The provided token belongs to a function and is valid only inside the environment that it was given to.';
          throw new PlatformError('permission_denied', message, { reason: 'AccessDenied' });
        }
        if (!isStillThere(bearer)) throw invalidToken();
        return { principal: { ...bearer, accessKeyId }, secretAccessKey };
      }
    }
  }

  /** A session ends with the user or the role that it is of; another one of the same name is somebody else. */
  function isStillThere(bearer: Bearer): boolean {
    switch (bearer.kind) {
      case 'administrator':
      case 'function':
        return true;
      case 'user':
        return identities?.of(bearer.account).get('user', bearer.userName)?.id === bearer.userId;
      case 'role':
        return identities?.of(bearer.account).get('role', bearer.roleName)?.id === bearer.roleId;
      case 'federated': {
        if (bearer.userName === undefined) return true;
        const user = identities?.of(bearer.account).get('user', bearer.userName);
        return user !== undefined && user.createdMs <= bearer.session.issuedMs;
      }
    }
  }
}

export function rootOf(account: AccountId): Extract<Bearer, { kind: 'administrator' }> {
  return { kind: 'administrator', account, arn: `arn:aws:iam::${account}:root` };
}

export const invalidToken = (): PlatformError =>
  refused('InvalidToken', 'The provided token is malformed or otherwise invalid.');
