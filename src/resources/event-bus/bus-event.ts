/** An event on a bus, and the JSON that rules are held against and targets are sent. */
import type { Cause } from '../../util/cause.ts';
import type { AccountId } from '../../util/ids.ts';

export type BusEvent = {
  id: string;
  account: AccountId;
  /** Who put it: another account may have been let in. */
  region: string;
  source: string;
  detailType: string;
  /** JSON of an object. */
  detail: string;
  resources: readonly string[];
  timeMs: number;
  traceHeader?: string;
  cause: Cause;
  /** It came out of an archive, for these rules alone (all, where none are named). */
  replay?: { name: string; rules: readonly string[] };
};

/** What the log has of an event: on which bus it was put. */
export type PutEvent = { account: AccountId; bus: string; life: string; event: BusEvent };

/** Where the events of all buses wait for their rules. */
export const busEventsTopic = 'bus/events';

/** An event's most bytes, as PutEvents counts them. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
export const eventBytesMax = 1024 * 1024;

/** `2026-01-31T23:59:59Z`: without fractions, as EventBridge writes times. */
const eventTime = (timeMs: number): string => new Date(timeMs).toISOString().replace(/\.\d+Z$/, 'Z');

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html */
export function eventObject(event: BusEvent): Readonly<Record<string, unknown>> {
  return {
    version: '0',
    id: event.id,
    'detail-type': event.detailType,
    source: event.source,
    account: event.account,
    time: eventTime(event.timeMs),
    region: event.region,
    resources: event.resources,
    detail: JSON.parse(event.detail) as unknown,
    ...(event.replay === undefined ? {} : { 'replay-name': event.replay.name }),
  };
}
