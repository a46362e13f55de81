/**
 * Bodies of messages under keys of a key service: each says itself with which data key it was encrypted, so that it stays
 * readable wherever it is moved, however its queue is set by then. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html
 *
 * A data key encrypts what comes for a while (`reuseMs`). Whether the caller may have it, and whether its key is good, is
 * asked every time all the same: a key that is disabled counts at once.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Clock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import type { Ids } from '../util/ids.ts';
import type { DataKey, DataKeys, KeptFor } from './data-keys.ts';
import type { VaultContext } from './vault.ts';

export type BodyKey = { keyId: string; reuseMs: number };

type Envelope = { kms: { key: string; context: VaultContext }; box: string };

/** Data keys in memory, one for each queue or topic that was sent to; the oldest makes room. */
const presentMax = 10_000;

const cipherName = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
/** Every body that is not sealed is an object which begins otherwise. */
const beginning = '{"kms":{';

export const isSealedBody = (body: string): boolean => body.startsWith(beginning);

export class SealedBodies {
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #present = new Map<string, { keyArn: string; untilMs: number; key: DataKey }>();

  constructor({ clock, ids }: { clock: Clock; ids: Ids }) {
    this.#clock = clock;
    this.#ids = ids;
  }

  /** The same messages with their bodies sealed. `place`: of the queue or topic in the log. Errors: as of `DataKeys`. */
  async seal<Message extends { body: string }>(
    messages: readonly Message[],
    place: string,
    of: KeptFor,
    { keyId, reuseMs }: BodyKey,
    keys: DataKeys,
  ): Promise<Message[]> {
    const keyArn = await keys.require(keyId, of, 'send');
    const nowMs = this.#clock.now();
    let present = this.#present.get(place);
    if (present === undefined || present.keyArn !== keyArn || present.untilMs <= nowMs) {
      present = { keyArn, untilMs: nowMs + reuseMs, key: await keys.make(keyId, of) };
      const [oldest] = this.#present.keys();
      if (this.#present.size >= presentMax && oldest !== undefined) this.#present.delete(oldest);
      this.#present.set(place, present);
    }
    const { key } = present;
    return messages.map((message) => ({ ...message, body: this.#sealed(message.body, key) }));
  }

  forget(place: string): void {
    this.#present.delete(place);
  }

  #sealed(body: string, { plain, sealed, context }: DataKey): string {
    const nonce = Buffer.from(this.#ids.hex(nonceBytes), 'hex');
    const cipher = createCipheriv(cipherName, plain, nonce);
    const box = Buffer.concat([nonce, cipher.update(body), cipher.final(), cipher.getAuthTag()]);
    return JSON.stringify({ kms: { key: sealed, context }, box: box.toString('base64') } satisfies Envelope);
  }
}

export type Opened<Message> = {
  readable: Message[];
  /** What the caller may not read, or nobody can now. */
  refused: Message[];
  /** Why the first of those. */
  refusal: PlatformError | undefined;
};

/** In their order, those that are not sealed as they are. Each data key is opened once. */
export async function openBodies<Message extends { body: string }>(
  messages: readonly Message[],
  keys: DataKeys,
): Promise<Opened<Message>> {
  const opened: Opened<Message> = { readable: [], refused: [], refusal: undefined };
  const known = new Map<string, Promise<Buffer>>();
  for (const message of messages) {
    if (!isSealedBody(message.body)) {
      opened.readable.push(message);
      continue;
    }
    const { kms, box } = JSON.parse(message.body) as Envelope;
    try {
      const dataKey = known.get(kms.key) ?? keys.open(kms.key, kms.context);
      known.set(kms.key, dataKey);
      opened.readable.push({ ...message, body: textOf(Buffer.from(box, 'base64'), await dataKey) });
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      opened.refused.push(message);
      opened.refusal ??= error;
    }
  }
  return opened;
}

function textOf(box: Buffer, dataKey: Buffer): string {
  const decipher = createDecipheriv(cipherName, dataKey, box.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAuthTag(box.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(box.subarray(nonceBytes, -tagBytes)), decipher.final()]).toString();
  } catch (error) {
    throw new PlatformError('unavailable', 'a message is not as it was sealed', { cause: error });
  }
}
