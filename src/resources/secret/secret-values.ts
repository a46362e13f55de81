/** What versions of secrets hold: sealed, each beside its secret in the store, and opened when it is asked for. */
import type { Operation, Records } from '../../store/records.ts';
import type { Vault, VaultContext } from '../vault.ts';
import { noSecret, secretArn, type Secret, type SecretValue } from './secret.ts';

type Named = Pick<Secret, 'account' | 'name' | 'suffix'>;

const valuePrefix = 'secret-value/';

const valueKey = ({ account, name, suffix }: Named, versionId: string): string =>
  `${valuePrefix}${account}/${name}-${suffix}/${versionId}`;

export class SecretValues {
  readonly #records: Records;
  readonly #region: string;

  constructor({ records, region }: { records: Records; region: string }) {
    this.#records = records;
    this.#region = region;
  }

  /** Errors: ResourceNotFoundException. */
  async open(secret: Named, versionId: string, vault: Vault): Promise<SecretValue> {
    const entry = await this.#records.get(valueKey(secret, versionId));
    // Deleted since it was looked up.
    if (entry === undefined) throw noSecret();
    const opened = await vault.open(entry.value as string, this.#contextOf(secret, versionId));
    const stored = JSON.parse(opened) as { text: string } | { base64: string };
    return 'text' in stored
      ? { kind: 'text', text: stored.text }
      : { kind: 'binary', bytes: Buffer.from(stored.base64, 'base64') };
  }

  /** To be written with what says that the secret has this version. */
  async sealed(
    secret: Named & Pick<Secret, 'keyId'>,
    versionId: string,
    value: SecretValue,
    vault: Vault,
  ): Promise<Operation> {
    const stored =
      value.kind === 'text' ? { text: value.text } : { base64: Buffer.from(value.bytes).toString('base64') };
    const context = this.#contextOf(secret, versionId);
    const sealed = await vault.seal(JSON.stringify(stored), { keyId: secret.keyId, context });
    return { kind: 'put', key: valueKey(secret, versionId), value: sealed };
  }

  removed(secret: Named, versionIds: readonly string[]): Operation[] {
    return versionIds.map((id) => ({ kind: 'delete', key: valueKey(secret, id) }));
  }

  /** https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html#security-encryption-encryption-context */
  #contextOf(secret: Named, versionId: string): VaultContext {
    return { SecretARN: secretArn(this.#region, secret), SecretVersionId: versionId };
  }
}
