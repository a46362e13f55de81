import type { Bindings } from '../../registry/binding.ts';
import type { DataKeys } from '../../resources/data-keys.ts';
import type { Queues } from '../../resources/queue.ts';
import type { Topics } from '../../resources/topic.ts';
import type { Clock } from '../../util/clock.ts';
import type { AwsContext } from '../service.ts';

/** What SNS's operations work on. */
export type SnsParts = {
  topics: Topics;
  bindings: Bindings;
  queues: Queues;
  /** What who calls seals messages with. */
  keysFor: (context: AwsContext) => DataKeys;
  clock: Clock;
};
