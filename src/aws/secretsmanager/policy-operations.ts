import type {
  DeleteResourcePolicyRequest,
  DeleteResourcePolicyResponse,
  GetResourcePolicyRequest,
  GetResourcePolicyResponse,
  PutResourcePolicyRequest,
  PutResourcePolicyResponse,
  ValidateResourcePolicyRequest,
  ValidateResourcePolicyResponse,
} from '@aws-sdk/client-secrets-manager';
import { parsePolicyDocument } from '../../identity/policy-document.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { isPublicPolicy } from './public-policy.ts';
import { onAll, onSecret } from './secret-access.ts';
import { named } from './secret-operations.ts';
import type { SecretsManagerParts } from './secretsmanager-parts.ts';

export const putResourcePolicy = ({ secrets }: SecretsManagerParts): OperationEntry => ({
  access: (context, input: PutResourcePolicyRequest) => [
    onSecret(secrets, context, 'PutResourcePolicy', input.SecretId),
  ],
  async run(context: AwsContext, input: PutResourcePolicyRequest): Promise<PutResourcePolicyResponse> {
    const { SecretId: id = '', ResourcePolicy: policy = '', BlockPublicPolicy: isBlocking = false } = input;
    const wrong = mistakeOf(policy);
    if (wrong !== undefined)
      throw new PlatformError('invalid_argument', wrong, {
        reason: 'MalformedPolicyDocumentException',
        field: 'ResourcePolicy',
      });
    if (isBlocking && isPublicPolicy(policy))
      throw new PlatformError('conflict', publicMessage, { reason: 'PublicPolicyException' });
    return named(secrets, await secrets.update(context.account, id, () => ({ policy })));
  },
});

export const getResourcePolicy = ({ secrets }: SecretsManagerParts): OperationEntry => ({
  access: (context, input: GetResourcePolicyRequest) => [
    onSecret(secrets, context, 'GetResourcePolicy', input.SecretId),
  ],
  run(context: AwsContext, input: GetResourcePolicyRequest): Promise<GetResourcePolicyResponse> {
    const secret = secrets.need(context.account, input.SecretId ?? '');
    return Promise.resolve({
      ...named(secrets, secret),
      ...(secret.policy !== undefined && { ResourcePolicy: secret.policy }),
    });
  },
});

export const deleteResourcePolicy = ({ secrets }: SecretsManagerParts): OperationEntry => ({
  access: (context, input: DeleteResourcePolicyRequest) => [
    onSecret(secrets, context, 'DeleteResourcePolicy', input.SecretId),
  ],
  run: async (context: AwsContext, input: DeleteResourcePolicyRequest): Promise<DeleteResourcePolicyResponse> =>
    named(secrets, await secrets.removePolicy(context.account, input.SecretId ?? '')),
});

export const validateResourcePolicy = ({ secrets }: SecretsManagerParts): OperationEntry => ({
  access: (context, input: ValidateResourcePolicyRequest) => [
    input.SecretId === undefined
      ? onAll('ValidateResourcePolicy')
      : onSecret(secrets, context, 'ValidateResourcePolicy', input.SecretId),
  ],
  run(context: AwsContext, input: ValidateResourcePolicyRequest): Promise<ValidateResourcePolicyResponse> {
    const { SecretId: id, ResourcePolicy: policy = '' } = input;
    if (id !== undefined) secrets.need(context.account, id);
    const wrong = mistakeOf(policy);
    const ValidationErrors = [
      ...(wrong === undefined ? [] : [{ CheckName: 'POLICY_SYNTAX', ErrorMessage: wrong }]),
      ...(wrong === undefined && isPublicPolicy(policy)
        ? [{ CheckName: 'PUBLIC_ACCESS', ErrorMessage: publicMessage }]
        : []),
    ];
    return Promise.resolve({ PolicyValidationPassed: ValidationErrors.length === 0, ValidationErrors });
  },
});

const publicMessage =
  'The resource policy grants broad access to the secret: it names everybody, without a condition on who.';

/** Undefined: it can be used. */
function mistakeOf(policy: string): string | undefined {
  try {
    parsePolicyDocument(policy);
    return undefined;
  } catch (error) {
    if (error instanceof PlatformError) return error.message;
    throw error;
  }
}
