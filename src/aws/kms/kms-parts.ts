import type { Grants } from '../../resources/key/grants.ts';
import type { Keys } from '../../resources/key/keys.ts';
import type { Clock } from '../../util/clock.ts';
import type { Ids } from '../../util/ids.ts';

/** What the operations work with. */
export type KmsParts = { keys: Keys; grants: Grants; clock: Clock; ids: Ids };
