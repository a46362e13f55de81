import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { openMemoryStore } from '../../src/store/memory/open-memory-store.ts';
import { MessageKeys } from '../../src/store/message-keys.ts';
import { sealMessages } from '../../src/store/sealed-messages.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { randomIds } from '../../src/util/ids.ts';
import { createSealer } from '../../src/util/sealer.ts';
import { storeContract } from './store.ts';

storeContract('memory', { persists: false, open: async ({ clock }) => openMemoryStore({ clock }) });
storeContract('memory, with sealed messages', {
  persists: false,
  async open({ clock }) {
    const store = openMemoryStore({ clock });
    // Elsewhere, so that the store has no record but what a test puts there.
    const { records } = openMemoryStore({ clock });
    const sealer = createSealer([randomBytes(32)], randomIds);
    const report = (message: string): never => assert.fail(message);
    const keys = await MessageKeys.open({ records, sealer, clock, ids: randomIds, report });
    return { ...store, ...sealMessages(store, keys, report) };
  },
});
storeContract('sqlite', { persists: true, open: openSqliteStore });
