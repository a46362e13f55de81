/** Users and roles of several accounts in a data folder that no platform runs on yet, kept and sealed as the platform does. */
import { newAccessKeyId } from '../../src/identity/access-key-id.ts';
import { wireKeys } from '../../src/keys-wired.ts';
import { accessKeyPurpose } from '../../src/resources/iam/iam-entities.ts';
import { Identities } from '../../src/resources/iam/identities.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { systemClock } from '../../src/util/clock.ts';
import { randomIds, type AccountId } from '../../src/util/ids.ts';

type Planted = { accessKeyId: string; secretAccessKey: string };

export type Seeds = Readonly<
  Record<
    string,
    /** Policies are texts. `trust`: it is a role; otherwise it is a user with a key. */
    { account: string; policy?: string; boundary?: string; trust?: string }
  >
>;

/** Keys of the users, by name. */
export async function plantIdentities(folder: string, seeds: Seeds): Promise<Readonly<Record<string, Planted>>> {
  const clock = systemClock;
  await using store = await openSqliteStore({ folder, clock });
  const { sealer, records: sealing } = await wireKeys({
    dataFolder: folder,
    clock,
    ids: randomIds,
    log: () => undefined,
  });
  const records = await sealing(store.records);
  const report = (what: string, cause: unknown): void => {
    throw new Error(what, { cause });
  };
  await using identities = await Identities.open({ records, sealer, clock, report });
  const planted: Record<string, Planted> = {};
  for (const [name, seed] of Object.entries(seeds)) {
    const account = seed.account as AccountId;
    const entity = {
      account,
      name,
      path: '/',
      id: `ID${randomIds.hex(9).toUpperCase()}`,
      createdMs: clock.now(),
      tags: {},
    };
    const permissions = { inline: seed.policy === undefined ? {} : { own: seed.policy }, attached: [] };
    const boundary = seed.boundary === undefined ? {} : { boundary: `arn:aws:iam::${account}:policy/${name}` };
    await identities.change(account, (draft) => {
      if (seed.boundary !== undefined) {
        const version = { id: 'v1', text: seed.boundary, createdMs: 0 };
        draft.put('policy', { ...entity, modifiedMs: 0, versions: [version], defaultVersion: 'v1', versionLast: 1 });
      }
      if (seed.trust !== undefined) {
        draft.put('role', { ...entity, ...permissions, ...boundary, trust: seed.trust, sessionSecondsMax: 3_600 });
        return;
      }
      draft.put('user', { ...entity, ...permissions, ...boundary, groups: [] });
      const accessKeyId = newAccessKeyId('AKIA', account, randomIds);
      const secretAccessKey = randomIds.hex(20);
      const sealedSecret = sealer.seal(secretAccessKey, accessKeyPurpose(accessKeyId));
      draft.put('access-key', {
        account,
        name: accessKeyId,
        userName: name,
        sealedSecret,
        isActive: true,
        createdMs: 0,
      });
      planted[name] = { accessKeyId, secretAccessKey };
    });
  }
  return planted;
}
