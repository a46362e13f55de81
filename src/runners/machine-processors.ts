import { availableParallelism, cpus } from 'node:os';
import type { Processors } from './processor-watch.ts';

/** Those of this machine, as the kernel counts their time. */
export const machineProcessors: Processors = {
  count: availableParallelism(),
  times() {
    let [idleMs, totalMs] = [0, 0];
    for (const { times } of cpus()) {
      idleMs += times.idle;
      totalMs += times.user + times.nice + times.sys + times.idle + times.irq;
    }
    return { idleMs, totalMs };
  },
};
