/**
 * Where what a defect of ours keeps from being handed on is put, so that it holds up nothing and is not lost:
 * `unreadable/TOPIC`, as it was. The operator has read of it.
 */
import type { Leased, Log } from '../store/log.ts';
import { unreadablePrefix } from '../store/sealed-messages.ts';
import { PlatformError } from '../util/errors.ts';

type SetAside = Pick<Leased, 'id' | 'body' | 'receipt'>;

export async function setAside(log: Log, topic: string, set: readonly SetAside[]): Promise<void> {
  await log.append(
    `${unreadablePrefix}${topic}`,
    set.map(({ id, body }) => ({ id, body })),
  );
  await log.acknowledge(
    topic,
    set.map(({ receipt }) => receipt),
    { as: 'dead' },
  );
}

/** Of a batch only those that `handOn` throws at when they come alone; the others it has then handed on. */
export async function setAsideOneByOne(
  log: Log,
  topic: string,
  batch: readonly Leased[],
  handOn: (one: Leased) => Promise<unknown>,
): Promise<void> {
  for (const one of batch) {
    try {
      await handOn(one);
    } catch (error) {
      if (error instanceof PlatformError && error.code === 'unavailable') throw error;
      await setAside(log, topic, [one]);
    }
  }
}
