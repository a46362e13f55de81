/**
 * Secrets by the name of a parameter: `/aws/reference/secretsmanager/NAME`, with `:VERSION` or `:LABEL` behind it.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html
 */
import type { Parameter } from '@aws-sdk/client-ssm';
import { invalidParameterInput, parameterNotFound } from '../../resources/parameter/parameter.ts';
import type { Secret, SecretVersion } from '../../resources/secret/secret.ts';
import { PlatformError } from '../../util/errors.ts';
import type { Access, AwsContext } from '../service.ts';
import type { SsmParts } from './ssm-parts.ts';

const prefix = '/aws/reference/secretsmanager/';

export const isSecretReference = (text: string): boolean => text.startsWith(prefix);

type Found = { secret: Secret; version: SecretVersion };

/** What the call needs besides `ssm:GetParameter`. */
export function onReferredSecret({ secrets }: SsmParts, { account, region }: AwsContext, text: string): Access {
  const { id } = split(text);
  const secret = secrets.find(account, id);
  return {
    action: 'secretsmanager:GetSecretValue',
    resource:
      secret === undefined ? `arn:aws:secretsmanager:${region}:${account}:secret:${id}-??????` : secrets.arn(secret),
  };
}

/** Errors: ParameterNotFound; ValidationException where it is not to be decrypted. */
export async function readSecretReference(
  parts: SsmParts,
  context: AwsContext,
  text: string,
  withDecryption: boolean,
): Promise<Parameter> {
  if (!withDecryption)
    throw invalidParameterInput(
      'WithDecryption flag must be True for retrieving a Secret Manager secret.',
      'WithDecryption',
    );
  const { secrets, secretVaultFor } = parts;
  const { name, selector } = split(text);
  const { secret, version } = found(parts, context, text);
  const value = await secrets.read(secret, version, secretVaultFor(context));
  if (value.kind === 'binary')
    throw invalidParameterInput('A secret that holds bytes is not read as a parameter.', 'Name');
  const arn = secrets.arn(secret);
  return {
    Name: name,
    Type: 'SecureString',
    Value: value.text,
    Version: 0,
    ...(selector !== '' && { Selector: `:${selector}` }),
    SourceResult: JSON.stringify({
      ARN: arn,
      name: secret.name,
      versionId: version.id,
      secretString: value.text,
      versionStages: version.stages,
      createdDate: new Date(version.createdMs).toISOString(),
    }),
    LastModifiedDate: new Date(version.createdMs),
    ARN: arn,
  };
}

function found({ secrets }: SsmParts, { account }: AwsContext, text: string): Found {
  const { id, selector } = split(text);
  try {
    const secret = secrets.need(account, id);
    const isId = secret.versions.some((version) => version.id === selector);
    return {
      secret,
      version: secrets.version(secret, selector === '' ? {} : isId ? { id: selector } : { stage: selector }),
    };
  } catch (error) {
    if (error instanceof PlatformError && error.fault === 'caller') throw parameterNotFound(text);
    throw error;
  }
}

function split(text: string): { name: string; id: string; selector: string } {
  const [name = '', selector = ''] = text.split(':');
  return { name, id: name.slice(prefix.length), selector };
}
