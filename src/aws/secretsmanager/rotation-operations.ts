import type {
  CancelRotateSecretRequest,
  CancelRotateSecretResponse,
  RotateSecretRequest,
  RotateSecretResponse,
} from '@aws-sdk/client-secrets-manager';
import { checkRotationRules, type RotationRules } from '../../resources/secret/rotation-rules.ts';
import { invalidParameter } from '../../resources/secret/secret.ts';
import { parseArn } from '../../util/arn.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import { latestVersion } from '../../util/ids.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { onSecret } from './secret-access.ts';
import { named } from './secret-operations.ts';
import { secretsManagerService, type SecretsManagerParts } from './secretsmanager-parts.ts';

export const rotateSecret = (parts: SecretsManagerParts): OperationEntry => ({
  access: (context, input: RotateSecretRequest) => [
    onSecret(parts.secrets, context, 'RotateSecret', input.SecretId),
    // As AWS asks for it: whoever names the function must be allowed to call it.
    ...(input.RotationLambdaARN === undefined
      ? []
      : [{ action: 'lambda:InvokeFunction', resource: input.RotationLambdaARN }]),
  ],
  async run(context: AwsContext, input: RotateSecretRequest): Promise<RotateSecretResponse> {
    const { secrets, ids } = parts;
    const { SecretId: id = '', ClientRequestToken: token = ids.uuid(), RotateImmediately: isImmediate = true } = input;
    for (const name of ['ExternalSecretRotationMetadata', 'ExternalSecretRotationRoleArn'] as const)
      if (input[name] !== undefined)
        throw invalidParameter(`${name} is not available here: no partner rotates secrets of this platform.`, name);
    const functionArn = input.RotationLambdaARN ?? secrets.need(context.account, id).rotation?.functionArn;
    if (functionArn !== undefined) checkFunction(parts, context, id, functionArn);
    const secret = await secrets.rotate(context.account, id, {
      token,
      isImmediate,
      ...(functionArn !== undefined && { functionArn }),
      ...(input.RotationRules !== undefined && { rules: rulesOf(input.RotationRules) }),
    });
    return { ...named(secrets, secret), ...(isImmediate && { VersionId: token }) };
  },
});

export const cancelRotateSecret = ({ secrets }: SecretsManagerParts): OperationEntry => ({
  access: (context, input: CancelRotateSecretRequest) => [
    onSecret(secrets, context, 'CancelRotateSecret', input.SecretId),
  ],
  async run(context: AwsContext, input: CancelRotateSecretRequest): Promise<CancelRotateSecretResponse> {
    const rotating = secrets.need(context.account, input.SecretId ?? '').rotating;
    const secret = await secrets.cancelRotation(context.account, input.SecretId ?? '');
    return { ...named(secrets, secret), ...(rotating !== undefined && { VersionId: rotating.token }) };
  },
});

function rulesOf(given: NonNullable<RotateSecretRequest['RotationRules']>): RotationRules {
  const { AutomaticallyAfterDays: afterDays, ScheduleExpression: schedule, Duration: duration } = given;
  return checkRotationRules({
    ...(afterDays !== undefined && { afterDays }),
    ...(schedule !== undefined && { schedule }),
    ...(duration !== undefined && { duration }),
  });
}

/** Errors: AccessDeniedException where the function is not there, or does not let Secrets Manager in. */
function checkFunction(
  { secrets, mayInvoke }: SecretsManagerParts,
  context: AwsContext,
  id: string,
  arn: string,
): void {
  const parsed = parseArn(arn);
  const [kind, name = '', qualifier = latestVersion] = parsed?.service === 'lambda' ? parsed.resource.split(':') : [];
  if (parsed === undefined || kind !== 'function')
    throw invalidParameter(`RotationLambdaARN ${arn} is not the ARN of a function.`, 'RotationLambdaARN');
  const secret = secrets.need(context.account, id);
  const permission = mayInvoke(parsed.account as AccountId, name, qualifier, {
    service: secretsManagerService,
    sourceArn: secrets.arn(secret),
    sourceAccount: secret.account,
  });
  if (permission !== 'allowed')
    throw new PlatformError(
      'permission_denied',
      `Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal ${secretsManagerService}`,
      { reason: 'AccessDeniedException' },
    );
}
