import type { BusEvent } from '../../resources/event-bus/bus-event.ts';
import { causedBy } from '../../util/cause.ts';
import { PlatformError } from '../../util/errors.ts';
import { isObject } from '../../util/field.ts';
import { derivedUuid, type AccountId } from '../../util/ids.ts';
import { limits } from '../../util/limits.ts';
import { checkPermission } from '../check-permission.ts';
import type { Sending, TargetKind } from '../target.ts';

/**
 * The event goes on to another bus as it is; what a schedule or a pipe sends becomes the detail of a new one.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-bus-to-bus.html, …/eb-cross-account.html
 */
export const busTarget: TargetKind = {
  service: 'events',
  takes: ({ resource }) => resource.startsWith('event-bus/'),
  async send({ account, resource }, sending, { buses, mayPut, roles, region, clock }) {
    const owner = account as AccountId;
    const bus = resource.slice('event-bus/'.length);
    const sent = eventOf(sending, region, clock.now());
    const { behalf, roleArn } = sending;
    if (sent.account !== behalf.sourceAccount && owner !== behalf.sourceAccount)
      throw new PlatformError('permission_denied', 'an event of another account is not sent on to a third one', {
        reason: 'NO_PERMISSIONS',
      });
    const { source, detailType } = sent;
    const asker = { ...behalf, source, detailType, ...(roleArn !== undefined && { roleArn }) };
    checkPermission(mayPut(owner, bus, asker), `the event bus ${bus}`, sending, { action: 'events:PutEvents', roles });
    const rounds = sending.cause.hops[sending.arn] ?? 0;
    if (rounds >= limits.recursionHopsMax)
      throw new PlatformError(
        'invalid_argument',
        `the event bus ${bus} was sent to ${rounds} times in one chain of events: rules send in a circle`,
        { reason: 'RECURSION' },
      );
    const event = { ...sent, cause: causedBy(sending.cause, sending.arn) };
    await buses.putEvents(owner, [{ bus, event }]);
  },
};

function eventOf(sending: Sending, region: string, nowMs: number): BusEvent {
  const { id, text, cause, traceHeader, behalf } = sending;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  if (!isObject(parsed))
    throw new PlatformError('invalid_argument', 'what is sent to an event bus must be a JSON object');
  const common = { cause, region, ...(traceHeader !== undefined && { traceHeader }) };
  if (sending.event !== undefined) {
    const { source, detailType } = sending.event;
    const eventId = derivedUuid('target', id, sending.arn);
    const resources = [behalf.sourceArn];
    return {
      ...common,
      id: eventId,
      account: behalf.sourceAccount,
      source,
      detailType,
      detail: text,
      resources,
      timeMs: nowMs,
    };
  }
  const { detail, resources, time, account } = parsed;
  return {
    ...common,
    id: String(parsed['id']),
    account: String(account) as BusEvent['account'],
    source: String(parsed['source']),
    detailType: String(parsed['detail-type']),
    detail: JSON.stringify(detail ?? {}),
    resources: Array.isArray(resources) ? resources.map(String) : [],
    timeMs: Date.parse(String(time)) || nowMs,
  };
}
