/** Secrets and parameters, from the engines to those who may use them, wired to the rest of the house. */
import type { SideOf } from './aws/authorization.ts';
import { createSecretsManagerService } from './aws/secretsmanager/secretsmanager.ts';
import type { AwsContext, AwsService } from './aws/service.ts';
import { functionPermission } from './events/function-permission.ts';
import { createSecretRotations } from './events/secret-rotation.ts';
import type { EventSource } from './events/source.ts';
import { createDocumentReader } from './identity/policy-document.ts';
import type { Registry } from './registry/registry.ts';
import { Secrets } from './resources/secret/secrets.ts';
import { createSealerVault, type Vault } from './resources/vault.ts';
import type { Records } from './store/records.ts';
import type { Clock } from './util/clock.ts';
import type { Ids } from './util/ids.ts';
import type { Sealer } from './util/sealer.ts';

export type SecretsWiredParts = {
  mode: 'serve' | 'dev';
  region: string;
  records: Records;
  registry: Registry;
  sealer: Sealer;
  clock: Clock;
  ids: Ids;
  report: (message: string, cause: unknown) => void;
};

export type WiredSecrets = {
  secrets: Secrets;
  sources: EventSource[];
  services: AwsService[];
  /** What a secret says itself of who may use it. */
  side: SideOf;
};

/** What the account's administrator may always do, so that a policy which keeps everybody out can be changed. */
const keptByAccount: ReadonlySet<string> = new Set([
  'secretsmanager:getresourcepolicy',
  'secretsmanager:putresourcepolicy',
  'secretsmanager:deleteresourcepolicy',
]);

/** Who develops does not wait for minutes until a step is tried again. */
const devRetryDelaysMs = [1_000, 2_000];

export async function wireSecrets(parts: SecretsWiredParts): Promise<WiredSecrets> {
  const { mode, registry, sealer, ids } = parts;
  const secrets = await Secrets.open(parts);
  const vaultFor = (_context: AwsContext): Vault => createSealerVault(sealer);
  const documentOf = createDocumentReader();

  const side: SideOf = (principal, { resource }) => {
    if (!resource.startsWith('arn:aws:secretsmanager:')) return undefined;
    const secret = secrets.find(principal.account, resource);
    return { account: secret?.account, document: secret && documentOf(secret), keptByAccount };
  };

  return {
    secrets,
    sources: [createSecretRotations(secrets, ...(mode === 'dev' ? [devRetryDelaysMs] : []))],
    services: [createSecretsManagerService({ secrets, vaultFor, mayInvoke: functionPermission(registry, ids), ids })],
    side,
  };
}
