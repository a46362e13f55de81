/** What is kept, and what it is sealed with: the disk's room, the keys, and the store on which everything lives. */
import { Conservation } from './events/conservation.ts';
import { type KeysParts, wireKeys, type WiredKeys } from './keys-wired.ts';
import { DiskRoom } from './store/disk-room.ts';
import { MessageKeys } from './store/message-keys.ts';
import { sealMessages } from './store/sealed-messages.ts';
import type { FolderLock } from './store/sqlite/folder-lock.ts';
import { openSqliteStore } from './store/sqlite/open-sqlite-store.ts';
import type { Store } from './store/store.ts';

export type StoreParts = KeysParts & {
  folderLock: FolderLock;
  report: (message: string, cause: unknown) => void;
};

export type WiredStore = AsyncDisposable & {
  room: DiskRoom;
  keys: WiredKeys;
  /** What is sealed in it comes along when keys are replaced. */
  store: Store;
  conservation: Conservation;
};

export async function wireStore(parts: StoreParts): Promise<WiredStore> {
  const { dataFolder, clock, ids, log, report } = parts;
  await using opening = new AsyncDisposableStack();
  const room = opening.use(new DiskRoom({ folder: dataFolder, clock, log }));
  const keys = await wireKeys(parts);
  const opened = opening.use(await openSqliteStore({ folder: dataFolder, lock: parts.folderLock, clock, room }));
  const records = await keys.records(opened.records);
  const messageKeys = await MessageKeys.open({ records, sealer: keys.sealer, clock, ids, report });
  const store = { ...opened, ...sealMessages({ log: opened.log, records }, messageKeys, report) };
  const conservation = opening.use(new Conservation({ log: store.log, clock, alarm: log }));
  const kept = opening.move();
  return { room, keys, store, conservation, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
