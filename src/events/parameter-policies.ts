/**
 * Does what the policies of parameters ask for when it is due: tells the event bus, or deletes what has expired. Each once:
 * what was done is on disk in the transaction that does it.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-policies.html
 */
import type { Parameters } from '../resources/parameter/parameters.ts';
import type { EventSource } from './source.ts';
import { keepTimetable } from './timetable.ts';

export const createParameterPolicies = (parameters: Parameters): EventSource => ({
  kind: 'parameter',
  run: ({ clock, report }, signal) =>
    keepTimetable(
      {
        *items() {
          for (const parameter of parameters.timed()) {
            const action = parameters.nextAction(parameter);
            if (action === undefined) continue;
            const what = `a policy of the parameter ${parameter.name}`;
            yield [
              parameters.arn(parameter),
              { what, dueMs: action.dueMs, run: () => parameters.actOnPolicy(parameter) },
            ];
          }
        },
        watch: (changed) => parameters.watch(changed),
        clock,
        report,
      },
      signal,
    ),
});
