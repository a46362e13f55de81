/**
 * What one cold start less is worth, in MB·ms of idle memory: 128 MB for 27 minutes. At this price the plans hold, over a
 * generated fortnight, about the memory that keeping everything for ten minutes holds (docs/reference/keeping-warm.md).
 */
export const coldStartWorthMbMs = 2.1e8;
