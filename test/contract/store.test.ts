import { openMemoryStore } from '../../src/store/memory/open-memory-store.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { storeContract } from './store.ts';

storeContract('memory', { persists: false, open: async ({ clock }) => openMemoryStore({ clock }) });
storeContract('sqlite', { persists: true, open: openSqliteStore });
