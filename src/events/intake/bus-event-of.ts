import { eventBytesMax, type BusEvent } from '../../resources/event-bus/bus-event.ts';
import { PlatformError } from '../../util/errors.ts';
import { isObject } from '../../util/field.ts';
import type { CloudEvent } from '../cloudevents/cloud-event.ts';
import { refuseAttribute } from '../cloudevents/cloud-event.ts';

/**
 * A CloudEvent as EventBridge has events: `type` is the detail-type, `source` the source, `data` the detail, `subject` the one
 * resource. Data that is no object stands in one, under its CloudEvent's name. Throws `invalid_argument` and `too_large`.
 */
export function busEventOf(
  event: CloudEvent,
  { timeMs, ...facts }: Pick<BusEvent, 'id' | 'account' | 'region' | 'timeMs' | 'cause'>,
): BusEvent {
  const { source, type, subject, time, data, data_base64: encoded } = event;
  // Rules trust what says that it comes of AWS.
  if (source.startsWith('aws.')) refuseAttribute('source', JSON.stringify(source), 'one that does not begin with aws.');
  const detail = JSON.stringify(
    isObject(data) ? data : encoded !== undefined ? { data_base64: encoded } : data === undefined ? {} : { data },
  );
  if (Buffer.byteLength(detail) + Buffer.byteLength(source) + Buffer.byteLength(type) > eventBytesMax)
    throw new PlatformError('too_large', `an event of a bus has at most ${eventBytesMax} bytes`);
  return {
    ...facts,
    source,
    detailType: type,
    detail,
    resources: typeof subject === 'string' ? [subject] : [],
    timeMs: typeof time === 'string' && !Number.isNaN(Date.parse(time)) ? Date.parse(time) : timeMs,
  };
}
