/** `bus: { pattern: … }`: what is put on an event bus and matches. */
import { sourceLimits, type BindingSource } from '../../registry/binding.ts';
import { defaulted, object, required } from '../shape/compound.ts';
import { refine, type Shape } from '../shape/shape.ts';
import { anyValue } from './any-value.ts';
import { isEventPattern } from './check-pattern.ts';
import { busName } from './names.ts';

export type BusSource = Extract<BindingSource, { kind: 'bus' }>;

export const busEvent: Shape<BusSource> = refine(
  object(
    {
      name: defaulted(busName, 'default', 'default', 'The event bus. It is created if it is not there.'),
      pattern: required(
        anyValue('the pattern', sourceLimits.inputLengthMax),
        "Which events: EventBridge's event pattern.",
        "pattern: { source: [shop], detail: { amount: [{ numeric: ['>', 10] }] } }",
      ),
    },
    {
      accepts: 'a map of name and pattern',
      hints: {
        eventbus: 'it is called name',
        eventbusname: 'it is called name',
        arn: "it is called name, and takes the bus's name alone",
        schedule: 'schedules are an event of their own: schedule: rate(5 minutes)',
        detailtype: "it belongs into the pattern: pattern: { 'detail-type': [Paid] }",
        source: 'it belongs into the pattern: pattern: { source: [shop] }',
        input: 'the function gets the whole event; make a rule with an InputTransformer for another',
      },
    },
  ),
  ({ name, pattern }, found, report): BusSource | undefined =>
    isEventPattern(pattern, found, report) ? { kind: 'bus', bus: name, pattern } : undefined,
);
