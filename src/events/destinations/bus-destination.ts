import { derivedUuid, functionArn, type AccountId } from '../../util/ids.ts';
import type { DestinationKind } from '../destination.ts';

/**
 * An event whose detail is the record.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-async-destinations
 */
export const busDestination: DestinationKind = {
  service: 'events',
  takesSuccesses: true,
  async send({ account, region, resource }, sending, { buses }) {
    const { requestId, functionName, record, cause, decidedMs } = sending;
    const bus = resource.slice('event-bus/'.length);
    const { condition } = (JSON.parse(record) as { requestContext: { condition: string } }).requestContext;
    const detailType = `Lambda Function Invocation Result - ${condition === 'Success' ? 'Success' : 'Failure'}`;
    await buses.putEvents(account as AccountId, [
      {
        bus,
        event: {
          id: derivedUuid('destination', requestId, resource),
          account: sending.account,
          region,
          source: 'lambda',
          detailType,
          detail: record,
          resources: [
            functionArn(region, sending.account, functionName),
            `arn:aws:events:${region}:${account}:${resource}`,
          ],
          timeMs: decidedMs,
          cause,
        },
      },
    ]);
    return `the event bus ${bus}`;
  },
};
