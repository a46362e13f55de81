/** What a function's `network` comes to, among the services that this platform's operator has named. Pure. */
import { PlatformError } from '../../../util/errors.ts';
import { parseDestination, type NetworkAccess, type PrivateService } from '../../../util/network-access.ts';
import type { NarrowAccess } from './narrowed.ts';

/** Undefined: what everybody reaches. Errors: `invalid_argument` for a service that nobody has named. */
export function narrowAccess(
  network: NetworkAccess,
  privateServices: readonly PrivateService[],
): NarrowAccess | undefined {
  if (typeof network === 'string') return undefined;
  const services = (network.private ?? []).map((name) => {
    const service = privateServices.find((one) => one.name === name);
    if (service !== undefined) return service;
    throw new PlatformError(
      'invalid_argument',
      `network.private has ${name}, which this platform does not have: its operator has to name it, --private-services ${name}=HOST:PORT`,
    );
  });
  if (network.egress === undefined) return { services };
  const egress = network.egress.map(parseDestination).filter((destination) => destination !== undefined);
  return { egress, services };
}
