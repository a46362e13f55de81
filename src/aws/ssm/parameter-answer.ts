/** Parameters as answers have them. */
import type {
  Parameter as Answered,
  ParameterHistory,
  ParameterInlinePolicy,
  ParameterMetadata,
} from '@aws-sdk/client-ssm';
import { defaultKey } from '../../resources/parameter/find-parameters.ts';
import { latestOf, type Parameter, type ParameterVersion } from '../../resources/parameter/parameter.ts';
import type { Parameters } from '../../resources/parameter/parameters.ts';
import type { Vault } from '../../resources/vault.ts';

export type Reading = { parameters: Parameters; vault: Vault; withDecryption: boolean };

const valueOf = (
  { parameters, vault, withDecryption }: Reading,
  parameter: Parameter,
  version: ParameterVersion,
): Promise<string> =>
  parameter.type !== 'SecureString' || withDecryption
    ? parameters.read(parameter, version, vault)
    : parameters.sealed(parameter, version);

export async function answered(
  reading: Reading,
  parameter: Parameter,
  version: ParameterVersion,
  selector = '',
): Promise<Answered> {
  return {
    Name: parameter.name,
    Type: parameter.type,
    Value: await valueOf(reading, parameter, version),
    Version: version.number,
    ...(selector !== '' && { Selector: selector }),
    LastModifiedDate: new Date(version.createdMs),
    ARN: reading.parameters.arn(parameter),
    DataType: version.dataType,
  };
}

export async function answeredHistory(
  reading: Reading,
  parameter: Parameter,
  version: ParameterVersion,
): Promise<ParameterHistory> {
  return {
    ...described(parameter, version),
    Value: await valueOf(reading, parameter, version),
    Labels: [...version.labels],
    Policies: policiesOf(version, () => undefined),
  };
}

export function answeredMetadata(parameters: Parameters, parameter: Parameter): ParameterMetadata {
  const status = (index: number): string => (parameter.told.includes(index) ? 'Finished' : 'Pending');
  return {
    ...described(parameter, latestOf(parameter)),
    ARN: parameters.arn(parameter),
    Policies: policiesOf(latestOf(parameter), status),
  };
}

function described(parameter: Parameter, version: ParameterVersion): ParameterMetadata {
  const { description, allowedPattern, keyId } = version;
  return {
    Name: parameter.name,
    Type: parameter.type,
    ...(parameter.type === 'SecureString' && { KeyId: keyId ?? defaultKey }),
    LastModifiedDate: new Date(version.createdMs),
    LastModifiedUser: version.by,
    ...(description !== undefined && { Description: description }),
    ...(allowedPattern !== undefined && { AllowedPattern: allowedPattern }),
    Version: version.number,
    Tier: version.tier,
    DataType: version.dataType,
  };
}

const policiesOf = (
  { policies }: ParameterVersion,
  status: (index: number) => string | undefined,
): ParameterInlinePolicy[] =>
  policies.map(({ type, text }, index) => ({
    PolicyText: text,
    PolicyType: type,
    PolicyStatus: status(index) ?? 'Finished',
  }));
