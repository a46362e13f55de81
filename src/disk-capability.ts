/** Between the store, which knows how much room it has, and `mayfly doctor`. */
import type { Capability } from './sandbox/sandbox.ts';
import { megabytes, type DiskRoom } from './store/disk-room.ts';

export function diskCapability({ free, full }: Pick<DiskRoom, 'free' | 'full'>, folder: string): Capability {
  const name = 'disk';
  if (full === undefined)
    return {
      name,
      status: 'ok',
      finding: `${free === undefined ? 'room' : `${megabytes(free.bytes)} free`} in ${folder}`,
    };
  return {
    name,
    status: 'degraded',
    finding: `${full}: what would have to be kept is refused`,
    remedy: 'make room on it, also by deleting objects, messages and functions: all work is taken again at once',
  };
}
