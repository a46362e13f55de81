import type { Bindings } from '../../registry/binding.ts';
import type { Queues } from '../../resources/queue.ts';
import type { Topics } from '../../resources/topic.ts';
import type { Clock } from '../../util/clock.ts';

/** What SNS's operations work on. */
export type SnsParts = { topics: Topics; bindings: Bindings; queues: Queues; clock: Clock };
