/** Secrets and parameters, from the engines to those who may use them, wired to the rest of the house. */
import type { Authorization, SideOf } from './aws/authorization.ts';
import type { KeyCaller, KeyUse } from './aws/key-use.ts';
import { createKeyVault } from './aws/key-vault.ts';
import { createSecretsManagerService } from './aws/secretsmanager/secretsmanager.ts';
import type { AwsService } from './aws/service.ts';
import { createSsmService } from './aws/ssm/ssm.ts';
import { functionPermission } from './events/function-permission.ts';
import { createParameterPolicies } from './events/parameter-policies.ts';
import { createSecretRotations } from './events/secret-rotation.ts';
import type { EventSource } from './events/source.ts';
import { resourceTagKeys } from './identity/condition-keys.ts';
import { createDocumentReader } from './identity/policy-document.ts';
import type { Registry } from './registry/registry.ts';
import { defaultBus } from './resources/event-bus/event-bus.ts';
import type { EventBuses } from './resources/event-bus/event-buses.ts';
import { Parameters, type ParameterNews } from './resources/parameter/parameters.ts';
import { Secrets } from './resources/secret/secrets.ts';
import { createReferenceResolver, type ResolveReferences } from './resolve-references.ts';
import { createSealerVault, type Vault } from './resources/vault.ts';
import type { Operation, Records } from './store/records.ts';
import { newCause } from './util/cause.ts';
import type { Clock } from './util/clock.ts';
import type { Ids } from './util/ids.ts';
import type { Sealer } from './util/sealer.ts';

export type SecretsWiredParts = {
  mode: 'serve' | 'dev';
  region: string;
  records: Records;
  registry: Registry;
  buses: EventBuses;
  sealer: Sealer;
  /** For a service that encrypts what it keeps. */
  keyUse: (service: string) => KeyUse;
  authorization: Authorization;
  clock: Clock;
  ids: Ids;
  report: (message: string, cause: unknown) => void;
};

export type WiredSecrets = {
  secrets: Secrets;
  parameters: Parameters;
  resolveReferences: ResolveReferences;
  sources: EventSource[];
  services: AwsService[];
  /** What a secret or a parameter says itself of who may use it. */
  side: SideOf;
};

/** What the account's administrator may always do, so that a policy which keeps everybody out can be changed. */
const keptByAccount: ReadonlySet<string> = new Set([
  'secretsmanager:getresourcepolicy',
  'secretsmanager:putresourcepolicy',
  'secretsmanager:deleteresourcepolicy',
  'ssm:getresourcepolicies',
  'ssm:putresourcepolicy',
  'ssm:deleteresourcepolicy',
]);

/** Who develops does not wait for minutes until a step is tried again. */
const devRetryDelaysMs = [1_000, 2_000];

/** A version has a data key of its own. https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html */
const secretKeys = { directBytesMax: 0, failures: { seal: 'EncryptionFailure', open: 'DecryptionFailure' } };
/** Standard parameters are encrypted with the key itself. https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html */
const parameterKeys = { directBytesMax: 4_096, failures: { seal: 'InvalidKeyId', open: 'InvalidKeyId' } };

export async function wireSecrets(parts: SecretsWiredParts): Promise<WiredSecrets> {
  const { mode, region, registry, buses, sealer, keyUse, clock, ids } = parts;
  const secrets = await Secrets.open(parts);
  const [keysOfSecrets, keysOfParameters] = [keyUse('secretsmanager'), keyUse('ssm')];
  const secretVaultFor = (context: KeyCaller): Vault => createKeyVault(keysOfSecrets, context, secretKeys);
  const vaultFor = (context: KeyCaller): Vault => createKeyVault(keysOfParameters, context, parameterKeys);

  const tell = ({ account, arn, detailType, detail, cause }: ParameterNews): readonly Operation[] => {
    const nowMs = clock.now();
    const put = buses.putOperation(account, defaultBus, {
      id: ids.uuid(),
      account,
      region,
      source: 'aws.ssm',
      detailType,
      detail: JSON.stringify(detail),
      resources: [arn],
      timeMs: nowMs,
      cause: cause ?? newCause(nowMs, ids.hex(12)),
    });
    return put === undefined ? [] : [put];
  };
  const parameters = await Parameters.open({ ...parts, vault: createSealerVault(sealer), tell });

  const documentOf = createDocumentReader();
  const side: SideOf = (who, { resource }) => {
    if (resource.startsWith('arn:aws:secretsmanager:')) {
      const secret = secrets.find(who.account, resource);
      // Of what is not there, the operation says so.
      if (secret === undefined) return { account: who.account };
      return {
        account: secret.account,
        document: documentOf(secret),
        keptByAccount,
        keys: resourceTagKeys(secret.tags),
      };
    }
    if (!resource.startsWith('arn:aws:ssm:')) return undefined;
    const { account, name } = parameters.reference(who.account, resource);
    const parameter = parameters.get(account, name);
    if (parameter === undefined) return { account: who.account };
    const statements = parameter.shares.flatMap((share) => documentOf(share)?.statements ?? []);
    return { account, document: { statements }, keptByAccount, keys: resourceTagKeys(parameter.tags) };
  };

  return {
    secrets,
    parameters,
    resolveReferences: createReferenceResolver({
      ...parts,
      secrets,
      parameters,
      environmentKeys: keyUse('lambda'),
      secretVaultFor,
      parameterVaultFor: vaultFor,
    }),
    sources: [
      createSecretRotations(secrets, ...(mode === 'dev' ? [devRetryDelaysMs] : [])),
      createParameterPolicies(parameters),
    ],
    services: [
      createSecretsManagerService({
        secrets,
        vaultFor: secretVaultFor,
        authorization: parts.authorization,
        mayInvoke: functionPermission(registry, ids),
        ids,
      }),
      createSsmService({ parameters, secrets, vaultFor, secretVaultFor, clock }),
    ],
    side,
  };
}
