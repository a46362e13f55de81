/** What is made of the secrets in a data folder: each use has a key of its own, derived from the master key. */
import { createHmac, hkdfSync } from 'node:crypto';
import { createConsoleTokens, type ConsoleTokens } from './console/console-token.ts';
import { loadCredentials, loadMasterKey, loadOlderMasterKey } from './identity/credentials.ts';
import { createTemporaryCredentials, type TemporaryCredentials } from './identity/temporary-credentials.ts';
import type { Credentials } from './identity/sign.ts';
import type { Clock } from './util/clock.ts';
import type { Ids } from './util/ids.ts';
import { createSealer, type Sealer } from './util/sealer.ts';

export type WiredKeys = {
  administrator: Credentials;
  sessions: TemporaryCredentials;
  /** Seals what is secret before it is kept. */
  sealer: Sealer;
  consoleTokens: ConsoleTokens;
  /** Signs the addresses that a function's code is fetched from; hex. */
  signCodeLocation(text: string): string;
};

export async function wireKeys(dataFolder: string, clock: Clock, ids: Ids): Promise<WiredKeys> {
  const masterKey = await loadMasterKey(dataFolder, ids);
  const olderKey = await loadOlderMasterKey(dataFolder);
  const sealingKey = (key: Buffer): Buffer => derivedKey(key, 'mayfly environment variables');
  const consoleKey = derivedKey(masterKey, 'mayfly console token');
  const codeKey = derivedKey(masterKey, 'mayfly code location');
  return {
    administrator: await loadCredentials(dataFolder, ids),
    sessions: createTemporaryCredentials(masterKey, ids),
    sealer: createSealer([sealingKey(masterKey), ...(olderKey === undefined ? [] : [sealingKey(olderKey)])], ids),
    consoleTokens: createConsoleTokens({
      sign: (text) => createHmac('sha256', consoleKey).update(text).digest('base64url'),
      clock,
    }),
    signCodeLocation: (text) => createHmac('sha256', codeKey).update(text).digest('hex'),
  };
}

const derivedKey = (masterKey: Buffer, use: string): Buffer =>
  Buffer.from(hkdfSync('sha256', masterKey, '', use, masterKey.length));
