import type { QueueMoves } from '../../resources/queue/queue-moves.ts';
import type { Queues } from '../../resources/queue.ts';

/** What SQS's operations are over. */
export type SqsParts = { queues: Queues; moves: QueueMoves };
