/** Who was let use a key beside its policy, kept. https://docs.aws.amazon.com/kms/latest/developerguide/grants.html */
import { scan, type Records } from '../../store/records.ts';
import type { Clock } from '../../util/clock.ts';
import type { Ids } from '../../util/ids.ts';
import { createInTurn, type InTurn } from '../../util/in-turn.ts';
import { PlatformError } from '../../util/errors.ts';
import type { EncryptionContext, Grant, Key } from '../key.ts';
import { keyLimit } from './key-errors.ts';
import { grantPrefix } from './keys.ts';

/** https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html#grants-per-key */
const grantsOfKeyMax = 50_000;

const grantOf = ({ account, keyId, id }: Pick<Grant, 'account' | 'keyId' | 'id'>): string =>
  `${grantPrefix}${account}/${keyId}/${id}`;

type Parts = { records: Records; clock: Clock; ids: Ids };

export class Grants {
  readonly #parts: Parts;
  readonly #inTurn: InTurn = createInTurn();
  /** By key, then by id. */
  readonly #grants = new Map<string, Map<string, Grant>>();

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  static async open(parts: Parts): Promise<Grants> {
    const grants = new Grants(parts);
    for await (const { value } of scan(parts.records, grantPrefix)) grants.#hold(value as Grant);
    return grants;
  }

  /** In the order of their ids. */
  ofKey(keyId: string): readonly Grant[] {
    return [...(this.#grants.get(keyId)?.values() ?? [])].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Of every key, whoever's: those that `principal` may retire. */
  retirableBy(principal: string): readonly Grant[] {
    const all = [...this.#grants.values()].flatMap((ofKey) => [...ofKey.values()]);
    return all.filter(({ retiring }) => retiring === principal).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  get(keyId: string, id: string): Grant | undefined {
    return this.#grants.get(keyId)?.get(id);
  }

  /** Throws `not_found`. */
  need(keyId: string, id: string): Grant {
    const grant = this.get(keyId, id);
    if (grant === undefined)
      throw new PlatformError('not_found', `Grant ID ${id} not found`, { reason: 'NotFoundException' });
    return grant;
  }

  /** One with a name that says the same already stands, and is answered. */
  create(key: Key, given: Omit<Grant, 'account' | 'keyId' | 'id' | 'createdMs'>): Promise<Grant> {
    return this.#inTurn(key.id, async () => {
      const present = this.ofKey(key.id);
      const same =
        given.name === undefined ? undefined : present.find((grant) => contentOf(grant) === contentOf(given));
      if (same !== undefined) return same;
      if (present.length >= grantsOfKeyMax) throw keyLimit(`The key has ${grantsOfKeyMax} grants already.`);
      const { ids, clock, records } = this.#parts;
      const grant: Grant = { ...given, account: key.account, keyId: key.id, id: ids.hex(32), createdMs: clock.now() };
      await records.transact([{ kind: 'put', key: grantOf(grant), value: grant }]);
      this.#hold(grant);
      return grant;
    });
  }

  remove(grant: Grant): Promise<void> {
    return this.#inTurn(grant.keyId, async () => {
      await this.#parts.records.transact([{ kind: 'delete', key: grantOf(grant) }]);
      this.#grants.get(grant.keyId)?.delete(grant.id);
    });
  }

  /** Those of a key that is gone, which has taken their records along. */
  forget(keyId: string): void {
    this.#grants.delete(keyId);
  }

  #hold(grant: Grant): void {
    const ofKey = this.#grants.get(grant.keyId) ?? new Map<string, Grant>();
    ofKey.set(grant.id, grant);
    this.#grants.set(grant.keyId, ofKey);
  }
}

const contentOf = ({
  name,
  grantee,
  retiring,
  operations,
  constraint,
  issuer,
}: Omit<Grant, 'account' | 'keyId' | 'id' | 'createdMs'>): string =>
  JSON.stringify([name, grantee, retiring, operations.toSorted((a, b) => (a < b ? -1 : 1)), constraint, issuer]);

/** Whether a grant lets do that, by whomever, with that context. */
export function grantCovers(grant: Grant, operation: string, context: EncryptionContext): boolean {
  if (!grant.operations.includes(operation)) return false;
  const { constraint } = grant;
  // Those that encrypt nothing have no context to constrain.
  if (constraint === undefined || !encrypting.has(operation)) return true;
  const wanted = Object.entries(constraint.context);
  const isSubset = wanted.every(([name, value]) => context[name] === value);
  return isSubset && (constraint.kind === 'subset' || wanted.length === Object.keys(context).length);
}

const encrypting: ReadonlySet<string> = new Set([
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
]);
