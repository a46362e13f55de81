/** The four ports together, as an engine opens them. */
import type { Blobs } from './blobs.ts';
import type { Leases } from './leases.ts';
import type { Log } from './log.ts';
import type { Records } from './records.ts';

export interface Store extends AsyncDisposable {
  readonly records: Records;
  readonly log: Log;
  readonly blobs: Blobs;
  readonly leases: Leases;
  /** Why the last thing that was to be written is not, in a sentence; undefined: it is. */
  refusal(): string | undefined;
}
