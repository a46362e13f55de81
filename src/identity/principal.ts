/** Who is asking. */
import type { AccountId, EnvironmentId, FunctionArn } from '../util/ids.ts';

export type Principal =
  | { kind: 'administrator'; account: AccountId; arn: string; accessKeyId: string }
  /** A function, by credentials given to one of its environments. */
  | {
      kind: 'function';
      account: AccountId;
      arn: string;
      accessKeyId: string;
      functionArn: FunctionArn;
      functionName: string;
      environmentId: EnvironmentId;
    }
  /** No credentials at all: only what is public. */
  | { kind: 'anonymous'; account: AccountId; arn: string; accessKeyId: '' };
