import type { QueueMoves } from '../../resources/queue/queue-moves.ts';
import type { DataKeys } from '../../resources/data-keys.ts';
import type { Queues } from '../../resources/queue.ts';
import type { AwsContext } from '../service.ts';

/** What SQS's operations are over. */
export type SqsParts = {
  queues: Queues;
  moves: QueueMoves;
  /** What who calls seals and opens messages with. */
  keysFor: (context: AwsContext) => DataKeys;
};
