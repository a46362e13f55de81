/**
 * The keys that messages are encrypted with while they lie in the log: a new one for each day, in a record of its own,
 * sealed with the platform's (300 bytes a day on disk). So a message costs one cipher and no key of its own, and a new master
 * key reaches all of them by way of those records. A message that lies for long finds its key: none is ever dropped.
 *
 * `e1.<the key's name>.<nonce, text, tag>`, the last in base64. What does not begin so was written before there were keys.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Clock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import type { Ids } from '../util/ids.ts';
import type { Sealer } from '../util/sealer.ts';
import { scan, type Records } from './records.ts';

export type MessageKeysParts = {
  records: Records;
  sealer: Sealer;
  clock: Clock;
  ids: Ids;
  report: (message: string, cause: unknown) => void;
};

type MessageKey = { name: string; bytes: Buffer; createdMs: number };
type Stored = { sealed: string; createdMs: number };

const recordPrefix = 'message-key/';
/** AES-GCM's random nonces are good for 2³² messages of one key: 49,000 a second for a day. */
const usedMs = 86_400_000;
/** After the disk has refused a new key, the old one goes on for so long. */
const retryMs = 60_000;

const format = 'e1';
const cipherName = 'aes-256-gcm';
const keyBytes = 32;
const nameBytes = 4;
const nonceBytes = 12;
const tagBytes = 16;
/** How far the base64 is from the beginning. */
const boxAt = format.length + 1 + 2 * nameBytes + 1;

export class MessageKeys {
  readonly #parts: MessageKeysParts;
  readonly #keys = new Map<string, MessageKey>();
  #present: MessageKey | undefined;
  #isRenewing = false;
  #renewsFromMs = 0;

  private constructor(parts: MessageKeysParts) {
    this.#parts = parts;
  }

  /** Makes the first key where there is none of today. Errors: `unavailable` where the disk refuses it, or another master key sealed one. */
  static async open(parts: MessageKeysParts): Promise<MessageKeys> {
    const keys = new MessageKeys(parts);
    for await (const { key, value } of scan(parts.records, recordPrefix)) {
      const { sealed, createdMs } = value as Stored;
      const name = key.slice(recordPrefix.length);
      const bytes = Buffer.from(parts.sealer.open(sealed, purposeOf(name)), 'base64');
      keys.#hold({ name, bytes, createdMs });
    }
    if (keys.#isOver(keys.#present)) await keys.#renew();
    return keys;
  }

  seal(text: string): string {
    const { name, bytes } = this.#sealing();
    const nonce = Buffer.from(this.#parts.ids.hex(nonceBytes), 'hex');
    const cipher = createCipheriv(cipherName, bytes, nonce);
    const box = cipher.update(text, 'utf8', 'base64') + cipher.final('base64');
    return `${format}.${name}.${nonce.toString('base64')}${box}${cipher.getAuthTag().toString('base64')}`;
  }

  /** Errors: `unavailable` for what another platform sealed, or has been changed. */
  open(sealed: string): string {
    if (!sealed.startsWith(`${format}.`)) return sealed;
    const key = this.#keys.get(sealed.slice(format.length + 1, boxAt - 1));
    if (key === undefined) throw new PlatformError('unavailable', 'a message was sealed with a key that is not here');
    const nonceEnd = boxAt + base64Length(nonceBytes);
    const tagStart = sealed.length - base64Length(tagBytes);
    try {
      const decipher = createDecipheriv(cipherName, key.bytes, Buffer.from(sealed.slice(boxAt, nonceEnd), 'base64'), {
        authTagLength: tagBytes,
      }).setAuthTag(Buffer.from(sealed.slice(tagStart), 'base64'));
      return decipher.update(sealed.slice(nonceEnd, tagStart), 'base64', 'utf8') + decipher.final('utf8');
    } catch (error) {
      throw new PlatformError('unavailable', 'a message is not as this platform sealed it', { cause: error });
    }
  }

  #sealing(): MessageKey {
    const present = this.#present;
    if (present === undefined) throw new PlatformError('unavailable', 'there is no key for messages yet');
    if (!this.#isRenewing && this.#isOver(present) && this.#parts.clock.now() >= this.#renewsFromMs)
      void this.#renewOnTheWay();
    return present;
  }

  /** What is sealed meanwhile has the old one. */
  async #renewOnTheWay(): Promise<void> {
    this.#isRenewing = true;
    try {
      await this.#renew();
    } catch (error) {
      this.#renewsFromMs = this.#parts.clock.now() + retryMs;
      this.#parts.report('messages are still sealed with the key of yesterday, for no new one could be kept', error);
    }
    this.#isRenewing = false;
  }

  #isOver(key: MessageKey | undefined): boolean {
    return key === undefined || this.#parts.clock.now() - key.createdMs >= usedMs;
  }

  async #renew(): Promise<void> {
    const { records, sealer, clock, ids } = this.#parts;
    const name = ids.hex(nameBytes);
    const bytes = Buffer.from(ids.hex(keyBytes), 'hex');
    const createdMs = clock.now();
    const value: Stored = { sealed: sealer.seal(bytes.toString('base64'), purposeOf(name)), createdMs };
    const key = `${recordPrefix}${name}`;
    const { status } = await records.transact([
      { kind: 'check', key, revision: 0 },
      { kind: 'put', key, value },
    ]);
    if (status === 'conflict') throw new PlatformError('unavailable', 'the name of a new key for messages is taken');
    this.#hold({ name, bytes, createdMs });
  }

  #hold(key: MessageKey): void {
    this.#keys.set(key.name, key);
    if (this.#present === undefined || key.createdMs > this.#present.createdMs) this.#present = key;
  }
}

const purposeOf = (name: string): string => `key of messages ${name}`;

/** Of bytes whose base64 has no padding in the middle: the nonce's has none, the tag's stands at the end. */
const base64Length = (bytes: number): number => Math.ceil(bytes / 3) * 4;
