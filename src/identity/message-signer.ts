/**
 * The key by which receivers know that a message is from this platform: made when it is first needed, and kept. Who has a
 * message checks it with the certificate, which is for everybody to read.
 */
import { createHash, createPrivateKey, generateKeyPair, sign, X509Certificate } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Clock } from '../util/clock.ts';
import type { Ids } from '../util/ids.ts';
import { readOrCreatePrivateFile } from './private-file.ts';
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

/** `folder`: the data folder, where the key lies next to the certificate in one file, 0600. */
export function createMessageSigner(folder: string, { ids, clock }: { ids: Ids; clock: Clock }): MessageSigner {
  const generate = promisify(generateKeyPair);
  const signAsync = promisify<string, Buffer, ReturnType<typeof createPrivateKey>, Buffer>(sign);

  async function load() {
    const made = async (): Promise<string> => {
      const { privateKey } = await generate('rsa', { modulusLength: keyBits });
      const certificate = selfSignedCertificate(privateKey, {
        commonName: 'Mayfly messages',
        serialHex: `40${ids.hex(15)}`,
        fromMs: clock.now(),
        untilMs,
      });
      return `${privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()}${certificate}`;
    };
    const present = await readOrCreatePrivateFile(path.join(folder, fileName), made, ids.hex(8));
    const pem = new X509Certificate(present).toString();
    const id = createHash('sha256').update(pem).digest('hex').slice(0, 32);
    return { key: createPrivateKey(present), pem, id };
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
