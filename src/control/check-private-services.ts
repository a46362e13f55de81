import type { Deployment } from '../manifest/deployment.ts';
import { nearest } from '../manifest/nearest.ts';
import { PlatformError } from '../util/errors.ts';

/**
 * What functions are to be attached to, this platform has: otherwise each call would fail. Errors: `invalid_argument`, naming the
 * field.
 */
export function checkPrivateServices(present: readonly string[], { functions }: Deployment): void {
  for (const { name, settings } of functions) {
    const { network } = settings;
    const services = typeof network === 'string' ? [] : (network.private ?? []);
    for (const [index, service] of services.entries()) {
      if (present.includes(service)) continue;
      const meant = nearest(service, present);
      const there =
        present.length === 0
          ? 'it has none; its operator names them (mayfly serve --private-services NAME=HOST:PORT)'
          : `it has ${present.join(', ')}`;
      throw new PlatformError(
        'invalid_argument',
        `function '${name}' is attached to the private service '${service}', which this platform does not have: ${there}${meant === undefined ? '' : `. Did you mean ${meant}?`}`,
        { field: `functions.${name}.network.private[${index}]` },
      );
    }
  }
}
