/** Between the store, which knows what the disk refuses, and `mayfly doctor`. */
import type { Capability } from './sandbox/sandbox.ts';
import type { Store } from './store/store.ts';

/** Nothing is tried again while nobody writes: so whoever asks does. The key is nobody's, and nothing is put there. */
const nothing = { kind: 'check', key: 'store-capability', revision: 0 } as const;

export async function storeCapability({ records, refusal }: Pick<Store, 'records' | 'refusal'>): Promise<Capability> {
  const name = 'store';
  if (refusal() !== undefined) await records.transact([nothing]).catch(() => undefined);
  const refused = refusal();
  if (refused === undefined) return { name, status: 'ok', finding: 'the disk keeps what is written' };
  return {
    name,
    status: 'degraded',
    finding: `${refused}: what would have to be kept is refused, reading goes on, and what was acknowledged is kept`,
    remedy: 'look at the disk (dmesg), and take a copy of the data folder while it can be read',
  };
}
