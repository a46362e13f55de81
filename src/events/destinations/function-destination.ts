import { derivedUuid, type AccountId, type RequestId } from '../../util/ids.ts';
import type { DestinationKind } from '../destination.ts';

/** An asynchronous invocation whose event is the record. */
export const functionDestination: DestinationKind = {
  service: 'lambda',
  takesSuccesses: true,
  async send({ account, resource }, { requestId, record, cause }, { enqueue }) {
    const [, name = '', qualifier] = resource.split(':');
    await enqueue({
      requestId: derivedUuid('destination', requestId, resource) as RequestId,
      account: account as AccountId,
      functionName: name,
      ...(qualifier === undefined ? {} : { qualifier }),
      event: record,
      source: 'destination',
      from: requestId,
      cause,
    });
    return `the events of ${name}`;
  },
};
