/** Who is asking. */
import type { AccountId, EnvironmentId, FunctionArn } from '../util/ids.ts';

export type Principal =
  /** The account itself, by the data folder's credentials or by a session that they began. */
  | { kind: 'administrator'; account: AccountId; arn: string; accessKeyId: string; session?: SessionFacts }
  /** A function, by credentials given to one of its environments. */
  | {
      kind: 'function';
      account: AccountId;
      arn: string;
      accessKeyId: string;
      functionArn: FunctionArn;
      functionName: string;
      environmentId: EnvironmentId;
      /** Of the role that it was given; absent: it has one of its own. */
      roleId?: string;
      /** The ARN of that role, or of nothing where it has none and somebody else's has its name; absent: the one with its name. */
      roleArn?: string;
    }
  /** A user of IAM, by a key of his own or by a session that he began for himself. */
  | {
      kind: 'user';
      account: AccountId;
      arn: string;
      accessKeyId: string;
      userName: string;
      /** `AIDA…`. */
      userId: string;
      session?: SessionFacts;
    }
  /** Whoever assumed a role; `arn` is the session's (`arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`). */
  | {
      kind: 'role';
      account: AccountId;
      arn: string;
      accessKeyId: string;
      roleArn: string;
      roleName: string;
      /** `AROA…`. */
      roleId: string;
      sessionName: string;
      session: SessionFacts;
    }
  /** Somebody for whom a user, or the account itself, asked for credentials; `arn` is `arn:aws:sts::ACCOUNT:federated-user/NAME`. */
  | {
      kind: 'federated';
      account: AccountId;
      arn: string;
      accessKeyId: string;
      name: string;
      /** The user who asked, whose policies bound what he may; undefined: the account itself. */
      userName: string | undefined;
      session: SessionFacts;
    }
  /** No credentials at all: only what is public. */
  | { kind: 'anonymous'; account: AccountId; arn: string; accessKeyId: '' };

/** What temporary credentials carry besides whose they are. */
export type SessionFacts = {
  /** Epoch ms: `aws:TokenIssueTime`. */
  issuedMs: number;
  /** When its credentials end; known of whoever has asked with them. */
  expiresMs?: number;
  /** Policies that narrow what the session may, as JSON; with `policyArns` empty as well, nothing does. */
  policies: readonly string[];
  /** Managed policies that narrow it likewise. */
  policyArns: readonly string[];
  /** Tags of the session, which stand over those of its role or user: `aws:PrincipalTag/KEY`. */
  tags: Readonly<Record<string, string>>;
  transitiveTagKeys: readonly string[];
  /** `aws:SourceIdentity`. */
  sourceIdentity?: string;
  /** Web identity: `aws:FederatedProvider`, the ARN of the provider. */
  provider?: string;
};

/** A function, as it is known in one of its environments. */
export function functionBearer(identity: {
  account: AccountId;
  functionArn: FunctionArn;
  functionName: string;
  /** The credentials are good only on connections that come out of this environment. */
  environmentId: EnvironmentId;
}): Omit<Extract<Principal, { kind: 'function' }>, 'accessKeyId'> {
  const { account, functionName, environmentId } = identity;
  return {
    kind: 'function',
    arn: `arn:aws:sts::${account}:assumed-role/${functionName}/${environmentId}`,
    ...identity,
  };
}
