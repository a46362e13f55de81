/** How a test of the contract opens the engine that it is about. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Store } from '../../src/store/store.ts';
import type { Clock } from '../../src/util/clock.ts';
import { FakeClock } from '../../src/util/fake-clock.ts';

/** `persists`: what was written is there when the same folder is opened again. */
export type Engine = { persists: boolean; open(options: { folder: string; clock: Clock }): Promise<Store> };

type Opened = {
  store: Store;
  clock: FakeClock;
  folder: string;
  /** Closes the store and opens the same folder again. */
  reopen(): Promise<Store>;
};

/** Opens a store for one test, and closes and removes it afterwards. */
export type Open = (t: TestContext) => Promise<Opened>;

export const opener =
  (engine: Engine): Open =>
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'mayfly-store-'));
    const clock = new FakeClock();
    let store = await engine.open({ folder, clock });
    t.after(async () => {
      await store[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    });
    return {
      store,
      clock,
      folder,
      async reopen() {
        await store[Symbol.asyncDispose]();
        return (store = await engine.open({ folder, clock }));
      },
    };
  };

/** A blob's source. */
export async function* bytes(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? Buffer.from(part) : part;
}
