/**
 * What tables are encrypted with: the platform's key, or one of KMS, which whoever uses the table must be allowed to use through it,
 * and is asked about again after five minutes. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 */
import type { StoredTableKey } from '../../resources/table/table-cipher.ts';
import { keyKeptMs, type TableCiphers } from '../../resources/table/table-ciphers.ts';
import { invalidTable } from '../../resources/table/table-errors.ts';
import type { Table } from '../../resources/table/table.ts';
import type { Sealed } from '../../resources/table/tables.ts';
import type { Clock } from '../../util/clock.ts';
import { PlatformError } from '../../util/errors.ts';
import type { KeyUse } from '../key-use.ts';
import type { AwsContext } from '../service.ts';

/** Who may use which table's key is remembered of so many. */
const knownMax = 10_000;

export type TableKeys = {
  /** Whether there is a key of KMS that cannot be used now: disabled, or about to be deleted. */
  isInaccessible(table: Pick<Table, 'encryption'>): boolean;
  /** Rejects where he may not, or nobody can. */
  unlock(context: AwsContext, table: Pick<Table, 'id' | 'cipherKey'>): Promise<void> | undefined;
  /** A new table's key; `keyId`: of KMS, absent: the platform's. */
  make(context: AwsContext, table: NamedTable, keyId: string | undefined): Promise<Sealed>;
  /** The key that a table has, under another one. */
  rewrap(context: AwsContext, table: Table, keyId: string | undefined): Promise<StoredTableKey>;
};

type NamedTable = Pick<Table, 'id' | 'account' | 'name'>;

export type TableKeysParts = {
  ciphers: TableCiphers;
  keyUse: KeyUse;
  isUsable: (keyArn: string) => boolean;
  clock: Clock;
};

export function createTableKeys({ ciphers, keyUse, isUsable, clock }: TableKeysParts): TableKeys {
  /** By table's id and who; until when. */
  const known = new Map<string, number>();

  async function sealed(context: AwsContext, table: NamedTable, keyId: string, plain?: Uint8Array): Promise<Sealed> {
    const about = kmsContext(table);
    return translated(async () => {
      // A key is made by KMS, as the vendor's is, so that who may only have keys made, and not encrypt, can.
      const made =
        plain === undefined
          ? await keyUse.dataKey(context, { keyId, context: about })
          : { ...(await keyUse.encrypt(context, { keyId, context: about }, plain)), plain };
      const { keyArn, ciphertext } = made;
      const stored = { kind: 'kms', keyArn, ciphertext: ciphertext.toString('base64'), context: about } as const;
      return { stored, plain: made.plain };
    });
  }

  return {
    isInaccessible: ({ encryption }) => encryption !== undefined && !isUsable(encryption.keyArn),

    unlock(context, { id, cipherKey }) {
      if (cipherKey.kind === 'platform') return undefined;
      const who = `${id} ${context.principal.arn}`;
      const nowMs = clock.monotonicMs();
      if ((known.get(who) ?? 0) > nowMs && ciphers.held(id) !== undefined) return undefined;
      known.delete(who);
      return translated(async () => {
        const { plain } = await keyUse.decrypt(context, cipherKey.context, Buffer.from(cipherKey.ciphertext, 'base64'));
        ciphers.hold(id, plain);
        if (known.size >= knownMax) known.clear();
        known.set(who, nowMs + keyKeptMs);
      });
    },

    async make(context, table, keyId) {
      return keyId === undefined ? ciphers.make(table.id) : sealed(context, table, keyId);
    },

    async rewrap(context, table, keyId) {
      const { id, cipherKey } = table;
      const plain = await translated(async () =>
        cipherKey.kind === 'kms'
          ? (await keyUse.decrypt(context, cipherKey.context, Buffer.from(cipherKey.ciphertext, 'base64'))).plain
          : ciphers.plainOf(id, cipherKey),
      );
      return keyId === undefined ? ciphers.seal(id, plain) : (await sealed(context, table, keyId, plain)).stored;
    },
  };
}

const kmsContext = ({ account, name }: NamedTable): Readonly<Record<string, string>> => ({
  'aws:dynamodb:tableName': name,
  'aws:dynamodb:subscriberId': account,
});

async function translated<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PlatformError) || error.fault === 'platform') throw error;
    if (error.code === 'permission_denied')
      throw new PlatformError('permission_denied', `KMS key access denied error: ${error.message}`, {
        reason: 'AccessDeniedException',
        cause: error,
      });
    throw invalidTable(`KMS validation error: ${error.reason ?? 'KMSInvalidStateException'}: ${error.message}`);
  }
}
