import type { ServiceCalls } from '../../events/service-calls.ts';
import type { Schedules } from '../../resources/scheduler/schedules.ts';

/** What the operations work with. */
export type SchedulerParts = { schedules: Schedules; serviceCalls: Pick<ServiceCalls, 'refusal' | 'mayAssume'> };
