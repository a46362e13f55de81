import type * as Wire from '@aws-sdk/client-iam';
import { iamLimits, policyArn, type AccessKey, type User } from '../../resources/iam/iam-entities.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { arnOfNew, boundaryCondition, onAll, onHolder, ownName, requestTags } from './access.ts';
import { checkQuota, needPolicy, needUser, readTags, taken } from './entities.ts';
import { deleteConflict, validationError } from './iam-errors.ts';
import { uniqueId } from './iam-ids.ts';
import type { IamParts } from './iam-parts.ts';
import { below, pageOf } from './pages.ts';
import { userShown } from './shown.ts';

export const createUser = (parts: IamParts): OperationEntry => ({
  access: ({ account }, { UserName, Path, PermissionsBoundary, Tags }: Wire.CreateUserRequest) => [
    {
      action: 'iam:CreateUser',
      resource: arnOfNew(account, 'user', Path, UserName),
      conditions: { ...boundaryCondition(PermissionsBoundary), ...requestTags(Tags) },
    },
  ],
  run({ account }: AwsContext, input: Wire.CreateUserRequest): Promise<Wire.CreateUserResponse> {
    const { UserName: name = '', Path: path = '/', PermissionsBoundary: boundary } = input;
    const tags = readTags(input.Tags);
    return parts.identities.change(account, (draft) => {
      if (draft.get('user', name) !== undefined) taken(`User with name ${name} already exists.`);
      checkQuota(draft.list('user').length, iamLimits.usersMax, 'UsersPerAccount');
      const user: User = {
        account,
        name,
        path,
        id: uniqueId('user', parts.ids),
        createdMs: parts.clock.now(),
        inline: {},
        attached: [],
        groups: [],
        tags,
        ...(boundary !== undefined && { boundary: policyArn(needPolicy(parts, account, boundary)) }),
      };
      draft.put('user', user);
      return { User: userShown(user, true) };
    });
  },
});

/** Without a name, whoever asks. */
export const getUser = (parts: IamParts): OperationEntry => ({
  access: (context, { UserName }: Wire.GetUserRequest) => onHolder(parts, context, 'GetUser', 'user', UserName),
  run(context: AwsContext, { UserName: name }: Wire.GetUserRequest): Promise<object> {
    const { account, principal } = context;
    if (name === undefined && principal.kind === 'administrator')
      // The account itself has no name, and no path.
      return Promise.resolve({ User: { UserId: account, Arn: principal.arn, CreateDate: new Date(0) } });
    if (name === undefined && principal.kind !== 'user')
      throw validationError('Must specify userName when calling with non-User credentials');
    const user = needUser(parts.identities.of(account), name ?? ownName(context));
    return Promise.resolve({ User: userShown(user, true) });
  },
});

export const listUsers = ({ identities }: IamParts): OperationEntry => ({
  access: () => onAll('ListUsers'),
  run({ account }: AwsContext, input: Wire.ListUsersRequest): Promise<Wire.ListUsersResponse> {
    const { page, facts } = pageOf(below(identities.of(account).list('user'), input.PathPrefix), input);
    return Promise.resolve({ Users: page.map((user) => userShown(user, false)), ...facts });
  },
});

/** Another name or path; everything else stays, keys included. */
export const updateUser = (parts: IamParts): OperationEntry => ({
  access: (context, { UserName, NewPath, NewUserName }: Wire.UpdateUserRequest) => [
    ...onHolder(parts, context, 'UpdateUser', 'user', UserName),
    { action: 'iam:UpdateUser', resource: arnOfNew(context.account, 'user', NewPath, NewUserName ?? UserName) },
  ],
  run({ account }: AwsContext, input: Wire.UpdateUserRequest): Promise<object> {
    return parts.identities.change(account, (draft) => {
      const user = needUser(draft, input.UserName);
      const { NewUserName: name = user.name, NewPath: path = user.path } = input;
      const isRenamed = name.toLowerCase() !== user.name.toLowerCase();
      if (isRenamed && draft.get('user', name) !== undefined) taken(`User with name ${name} already exists.`);
      const keys = keysOf(draft.list('access-key'), user.name);
      draft.delete('user', user.name);
      draft.put('user', { ...user, name, path });
      for (const key of keys) draft.put('access-key', { ...key, userName: name });
      return {};
    });
  },
});

export const deleteUser = (parts: IamParts): OperationEntry => ({
  access: (context, { UserName }: Wire.DeleteUserRequest) => onHolder(parts, context, 'DeleteUser', 'user', UserName),
  run({ account }: AwsContext, { UserName }: Wire.DeleteUserRequest): Promise<object> {
    return parts.identities.change(account, (draft) => {
      const user = needUser(draft, UserName);
      const must = (what: string) => deleteConflict(`Cannot delete entity, must ${what} first.`);
      if (user.attached.length > 0) throw must('detach all policies');
      if (Object.keys(user.inline).length > 0) throw must('delete policies');
      if (user.groups.length > 0) throw must('remove users from group');
      if (keysOf(draft.list('access-key'), user.name).length > 0) throw must('delete access keys');
      draft.delete('user', user.name);
      return {};
    });
  },
});

export const keysOf = (keys: readonly AccessKey[], userName: string): AccessKey[] =>
  keys.filter((key) => key.userName.toLowerCase() === userName.toLowerCase());
