/** What nobody has here: passwords, second factors, certificates. Lists of it are empty, and one of it is not found. */
import type { AwsContext, OperationEntry } from '../service.ts';
import { onAll, onHolder } from './access.ts';
import { needUser } from './entities.ts';
import { noSuchEntity } from './iam-errors.ts';
import type { IamParts } from './iam-parts.ts';

type UserInput = { UserName?: string | undefined };

/** `member`: the list's name in the answer. */
export const emptyListOfUser = (parts: IamParts, action: string, member: string): OperationEntry => ({
  access: (context, { UserName }: UserInput) => onHolder(parts, context, action, 'user', UserName),
  run({ account }: AwsContext, { UserName }: UserInput): Promise<object> {
    if (UserName !== undefined) needUser(parts.identities.of(account), UserName);
    return Promise.resolve({ [member]: [], IsTruncated: false });
  },
});

export const emptyList = (action: string, member: string): OperationEntry => ({
  access: () => onAll(action),
  run: () => Promise.resolve({ [member]: [], IsTruncated: false }),
});

export const noLoginProfile = (parts: IamParts, action: string): OperationEntry => ({
  access: (context, { UserName }: UserInput) => onHolder(parts, context, action, 'user', UserName),
  run({ account }: AwsContext, { UserName = '' }: UserInput): Promise<object> {
    needUser(parts.identities.of(account), UserName);
    throw noSuchEntity(`Login Profile for User ${UserName} cannot be found.`);
  },
});

export const noPasswordPolicy = (action: string): OperationEntry => ({
  access: () => onAll(action),
  run({ account }: AwsContext): Promise<object> {
    throw noSuchEntity(`The Password Policy with domain name ${account} cannot be found.`);
  },
});
