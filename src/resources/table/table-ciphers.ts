/** The ciphers of tables, at hand once their keys were opened: by the platform, or by KMS. */
import type { Ids } from '../../util/ids.ts';
import type { Sealer } from '../../util/sealer.ts';
import { createTableCipher, tableKeyBytes, type StoredTableKey, type TableCipher } from './table-cipher.ts';

export type TableKmsKey = Extract<StoredTableKey, { kind: 'kms' }>;

export type TableCiphersParts = {
  sealer: Sealer;
  ids: Ids;
  /** As the service, by the grant that it was given: nobody's permission is asked. Rejects where the key cannot be used. */
  openKms: (key: TableKmsKey) => Promise<Uint8Array>;
  monotonicMs: () => number;
};

/** A key of KMS is asked for again after so long: one that was disabled meanwhile opens nothing any more. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html */
export const keyKeptMs = 300_000;

export class TableCiphers {
  readonly #parts: TableCiphersParts;
  /** By table's id. As many as there are tables. */
  readonly #held = new Map<string, { cipher: TableCipher; plain: Uint8Array; openedMs: number }>();

  constructor(parts: TableCiphersParts) {
    this.#parts = parts;
  }

  /** A new table's key, under the platform's own. */
  make(id: string): { plain: Uint8Array; stored: StoredTableKey } {
    const plain = Buffer.from(this.#parts.ids.hex(tableKeyBytes), 'hex');
    return { plain, stored: this.seal(id, plain) };
  }

  seal(id: string, plain: Uint8Array): StoredTableKey {
    return { kind: 'platform', sealed: this.#parts.sealer.seal(Buffer.from(plain).toString('base64'), purposeOf(id)) };
  }

  /** Undefined: it was not opened yet. */
  held(id: string): TableCipher | undefined {
    return this.#held.get(id)?.cipher;
  }

  hold(id: string, plain: Uint8Array): TableCipher {
    const openedMs = this.#parts.monotonicMs();
    const held = this.#held.get(id);
    // One for each process and table: it counts its nonces.
    const cipher = held?.cipher ?? createTableCipher(plain, this.#parts.ids);
    this.#held.set(id, { cipher, plain, openedMs });
    return cipher;
  }

  drop(id: string): void {
    this.#held.delete(id);
  }

  /** The table's cipher, for what the service does by itself. Rejects where a key of KMS cannot be used. */
  async of(id: string, stored: StoredTableKey): Promise<TableCipher> {
    const held = this.#held.get(id);
    const isFresh = held !== undefined && this.#parts.monotonicMs() - held.openedMs < keyKeptMs;
    if (held !== undefined && (stored.kind === 'platform' || isFresh)) return held.cipher;
    return this.hold(id, await this.plainOf(id, stored));
  }

  async plainOf(id: string, stored: StoredTableKey): Promise<Uint8Array> {
    if (stored.kind === 'kms') return this.#parts.openKms(stored);
    // What is stored may have been sealed with a key of the platform's that was replaced since.
    return this.#held.get(id)?.plain ?? Buffer.from(this.#parts.sealer.open(stored.sealed, purposeOf(id)), 'base64');
  }
}

const purposeOf = (id: string): string => `key of table ${id}`;
