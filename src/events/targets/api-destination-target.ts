import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import type { TargetKind } from '../target.ts';

/**
 * A call of an HTTP endpoint with the credentials of its connection.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
 */
export const apiDestinationTarget: TargetKind = {
  service: 'events',
  takes: ({ resource }) => resource.startsWith('api-destination/'),
  async send({ account, resource }, sending, { buses, callDestination }) {
    const [, name = '', id] = resource.split('/');
    const destination = buses.apis.destination(account as AccountId, name);
    if (destination === undefined || destination.id !== id || account !== sending.behalf.sourceAccount)
      throw new PlatformError('not_found', `the API destination ${name} does not exist`);
    await callDestination(destination, sending);
  },
};
