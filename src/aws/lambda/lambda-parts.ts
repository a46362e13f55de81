import type { AsyncInvocation } from '../../events/asynchronous.ts';
import type { Invoker } from '../../invoke/invoke.ts';
import type { Bindings } from '../../registry/binding.ts';
import type { Layers } from '../../registry/layers.ts';
import type { OpenRegistry } from '../../registry/open-registry.ts';
import type { Buckets } from '../../resources/bucket.ts';
import type { Queues } from '../../resources/queue.ts';
import type { Records } from '../../store/records.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Clock } from '../../util/clock.ts';
import type { Ids } from '../../util/ids.ts';

/** What the operations work with. */
export type LambdaParts = {
  records: Records;
  registry: OpenRegistry;
  layers: Layers;
  bindings: Bindings;
  buckets: Buckets;
  queues: Queues;
  invoker: Invoker;
  /** Accepts an event for asynchronous invocation: durable once resolved. */
  enqueue(invocation: AsyncInvocation): Promise<void>;
  telemetry: Telemetry;
  /** Where function URLs are served. */
  httpPort: () => number;
  region: string;
  clock: Clock;
  ids: Ids;
};
