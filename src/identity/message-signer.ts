/**
 * The key by which receivers know that a message is from this platform: made when it is first needed, and kept. Who has a
 * message checks it with the certificate, which is for everybody to read.
 */
import { createHash, createPrivateKey, generateKeyPair, sign, X509Certificate } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Records } from '../store/records.ts';
import type { Clock } from '../util/clock.ts';
import type { Ids } from '../util/ids.ts';
import type { Sealer } from '../util/sealer.ts';
import { readPrivateFile } from './private-file.ts';
import { selfSignedCertificate } from './self-signed-certificate.ts';

export type MessageSigner = {
  /** Base64. `hash`: what the receiver expects it to be of. */
  sign(text: string, hash: 'sha1' | 'sha256'): Promise<string>;
  /** PEM; `id` tells it from one that another key had. */
  certificate(): Promise<{ id: string; pem: string }>;
};

/** Signs hundreds of messages a second on one processor; SNS's own keys are as long. */
const keyBits = 2_048;
/** Nobody comes to renew it; the format of its times ends in 2049. */
const untilMs = Date.UTC(2049, 11, 31);
const fileName = 'message-signing.pem';

/** `folder`: where older platforms kept the key, in a file of its own. */
type Parts = { records: Records; sealer: Sealer; folder: string; ids: Ids; clock: Clock };

type Kept = { certificate: string; sealedKey: string };

const recordKey = 'message-signing';
const purpose = 'the key that messages are signed with';

export function createMessageSigner({ records, sealer, folder, ids, clock }: Parts): MessageSigner {
  const generate = promisify(generateKeyPair);
  const signAsync = promisify<string, Buffer, ReturnType<typeof createPrivateKey>, Buffer>(sign);

  async function made(): Promise<string> {
    const { privateKey } = await generate('rsa', { modulusLength: keyBits });
    const certificate = selfSignedCertificate(privateKey, {
      commonName: 'Mayfly messages',
      serialHex: `40${ids.hex(15)}`,
      fromMs: clock.now(),
      untilMs,
    });
    return `${privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()}${certificate}`;
  }

  /** Of two that make one at once, the first counts. */
  async function kept(): Promise<Kept> {
    const present = await records.get(recordKey);
    // The store gives back what was put there.
    if (present !== undefined) return present.value as Kept;
    const file = path.join(folder, fileName);
    const pem = (await readPrivateFile(file)) ?? (await made());
    const key = createPrivateKey(pem).export({ type: 'pkcs8', format: 'pem' }).toString();
    const value: Kept = { certificate: new X509Certificate(pem).toString(), sealedKey: sealer.seal(key, purpose) };
    await records.transact([
      { kind: 'check', key: recordKey, revision: 0 },
      { kind: 'put', key: recordKey, value },
    ]);
    await rm(file, { force: true });
    return kept();
  }

  async function load() {
    const { certificate: pem, sealedKey } = await kept();
    const id = createHash('sha256').update(pem).digest('hex').slice(0, 32);
    return { key: createPrivateKey(sealer.open(sealedKey, purpose)), pem, id };
  }

  let loaded: ReturnType<typeof load> | undefined;
  const keyed = (): ReturnType<typeof load> => {
    loaded ??= load().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };

  return {
    sign: async (text, hash) => (await signAsync(hash, Buffer.from(text), (await keyed()).key)).toString('base64'),
    async certificate() {
      const { id, pem } = await keyed();
      return { id, pem };
    },
  };
}
