import type { GetRandomPasswordRequest, GetRandomPasswordResponse } from '@aws-sdk/client-secrets-manager';
import { randomPassword } from '../../resources/secret/random-password.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { onAll } from './secret-access.ts';
import type { SecretsManagerParts } from './secretsmanager-parts.ts';

const lengthDefault = 32;

export const getRandomPassword = ({ ids }: SecretsManagerParts): OperationEntry => ({
  access: () => [onAll('GetRandomPassword')],
  run: (_context: AwsContext, input: GetRandomPasswordRequest): Promise<GetRandomPasswordResponse> =>
    Promise.resolve({
      RandomPassword: randomPassword(
        {
          length: input.PasswordLength ?? lengthDefault,
          excluded: input.ExcludeCharacters ?? '',
          hasLowercase: input.ExcludeLowercase !== true,
          hasUppercase: input.ExcludeUppercase !== true,
          hasNumbers: input.ExcludeNumbers !== true,
          hasPunctuation: input.ExcludePunctuation !== true,
          hasSpace: input.IncludeSpace === true,
          requiresEach: input.RequireEachIncludedType !== false,
        },
        ids,
      ),
    }),
});
