import type { EventBuses } from '../../resources/event-bus/event-buses.ts';
import type { Clock } from '../../util/clock.ts';
import type { Ids } from '../../util/ids.ts';
import type { Sealer } from '../../util/sealer.ts';

/** What the operations work with. */
export type EventsParts = { buses: EventBuses; sealer: Sealer; clock: Clock; ids: Ids };
