/** What is made of the secrets in a data folder: each use has a key of its own, derived from the present root key. */
import { createHmac, hkdfSync } from 'node:crypto';
import { createConsoleTokens, type ConsoleTokens } from './console/console-token.ts';
import type { KeyRotation } from './control/control-parts.ts';
import { loadCredentials } from './identity/credentials.ts';
import { Keyring, type KeyringReport, type RootKeys } from './identity/keyring.ts';
import type { MasterKeySource } from './identity/master-key.ts';
import type { Credentials } from './identity/sign.ts';
import { dropSessionKeys, keepSessionKeys } from './identity/kept-session-keys.ts';
import {
  createTemporaryCredentials,
  type OlderSessionKeys,
  type TemporaryCredentials,
} from './identity/temporary-credentials.ts';
import type { Capability } from './sandbox/sandbox.ts';
import type { Records } from './store/records.ts';
import { ResealingRecords, type Resealed } from './store/resealing-records.ts';
import type { Clock } from './util/clock.ts';
import type { Ids } from './util/ids.ts';
import { createInTurn } from './util/in-turn.ts';
import { createSealer, type Sealer, type SealingKeys } from './util/sealer.ts';

export type WiredKeys = {
  administrator: Credentials;
  sessions: TemporaryCredentials;
  /** Seals what is secret before it is kept. */
  sealer: Sealer;
  consoleTokens: ConsoleTokens;
  /** Signs the addresses that a function's code is fetched from; hex. */
  signCodeLocation(text: string): string;
  /** The records that everything keeps itself in, of a store that is open: what is sealed in them comes along when keys are replaced. */
  records(kept: Records): Promise<Records>;
  report(): KeyringReport;
  /** Everything sealed is sealed anew. */
  rotate(rotation: KeyRotation): Promise<KeyringReport & { resealed: Resealed }>;
  capability(): Capability;
};

export type KeysParts = {
  dataFolder: string;
  /** Absent: of the data folder. */
  masterKey?: MasterKeySource | undefined;
  clock: Clock;
  ids: Ids;
  log: (message: string) => void;
};

/** The first who takes what was made ahead has his answer by then; of a burst, others are waiting still. */
const aheadMs = 20;

/** Errors: as of `Keyring.open`, before anything is written. */
export async function wireKeys({ dataFolder, masterKey, clock, ids, log }: KeysParts): Promise<WiredKeys> {
  const source = masterKey ?? { kind: 'folder' };
  const keyring = await Keyring.open({ dataFolder, source, ids, nowMs: () => clock.now() });
  const sealer = createSealer(sealingKeys(keyring.roots), ids);
  // What was given out under the root of the start is good as long as the platform runs.
  const [root] = keyring.roots;
  let consoleKey = derivedKey(root, consoleUse);
  let codeKey = derivedKey(root, codeUse);
  const inTurn = createInTurn();
  // Whoever holds a record in memory has its texts as they were when he read it, rotations ago.
  let known: RootKeys = keyring.roots;
  let resealing: ResealingRecords | undefined;
  const olderSessions: OlderSessionKeys[] = [];
  const later = (task: () => void): void => void clock.schedule(aheadMs, task);
  const sessions = createTemporaryCredentials(root, ids, () => olderSessions, later);

  async function resealAll(): Promise<Resealed> {
    const resealed = (await resealing?.resealAll()) ?? { records: 0, left: [] };
    if (resealed.left.length === 0) await keyring.dropOlderRoots();
    else log(`${resealed.left.length} records are still sealed with an older key, which stays: ${resealed.left[0]} …`);
    return resealed;
  }

  /** What was given out before is no longer good: of who has the old master key, and of everybody else. */
  async function endSessions(records: Records): Promise<void> {
    const [present] = keyring.roots;
    await dropSessionKeys({ records, sealer, root: present, nowMs: clock.now() });
    olderSessions.length = 0;
    sessions.renew(present);
    consoleKey = derivedKey(present, consoleUse);
    codeKey = derivedKey(present, codeUse);
  }

  return {
    administrator: await loadCredentials(dataFolder, ids),
    sessions,
    sealer,
    consoleTokens: createConsoleTokens({
      sign: (text) => createHmac('sha256', consoleKey).update(text).digest('base64url'),
      clock,
    }),
    signCodeLocation: (text) => createHmac('sha256', codeKey).update(text).digest('hex'),

    async records(kept) {
      await keyring.settle();
      resealing = new ResealingRecords(kept, sealer);
      // A rotation was broken off, or waited for this start.
      if (keyring.roots.length > 1) await resealAll();
      olderSessions.push(...(await keepSessionKeys({ records: resealing, sealer, root, nowMs: clock.now() })));
      return resealing;
    },

    report: () => keyring.report(),

    rotate: ({ newKeyFile, endsSessions }) =>
      inTurn('rotation', async () => {
        await keyring.rotate(newKeyFile === undefined ? undefined : { kind: 'file', path: newKeyFile });
        known = [keyring.roots[0], ...known];
        sealer.use(sealingKeys(known));
        const resealed = await resealAll();
        if (endsSessions && resealing !== undefined) await endSessions(resealing);
        return { ...keyring.report(), resealed };
      }),

    capability() {
      const { source: from, masterKey: name, retiring, roots } = keyring.report();
      const finding = `${name}, from ${from}`;
      if (retiring === undefined && roots === 1) return { name: 'master key', status: 'ok', finding };
      return {
        name: 'master key',
        status: 'degraded',
        finding:
          retiring === undefined
            ? `${finding}; some of what it keeps is sealed with an older root key`
            : `${finding}; it is to be replaced`,
        remedy:
          retiring === undefined
            ? 'restart the platform: what was left is sealed anew when it starts'
            : 'start the platform with the new master key',
      };
    },
  };
}

const consoleUse = 'mayfly console token';
const codeUse = 'mayfly code location';

const sealingKeys = ([present, ...others]: RootKeys): SealingKeys => [sealingKey(present), ...others.map(sealingKey)];

const sealingKey = (root: Buffer): Buffer => derivedKey(root, 'mayfly environment variables');

const derivedKey = (root: Buffer, use: string): Buffer => Buffer.from(hkdfSync('sha256', root, '', use, root.length));
