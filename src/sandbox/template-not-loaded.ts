import { PlatformError } from '../util/errors.ts';

/**
 * An environment was up and could not go on from the template in `BootSpec.memory`: others would fare no better with that.
 * Whatever else a start fails with says nothing of the template.
 */
export class TemplateNotLoaded extends PlatformError {
  constructor(message: string) {
    super('unavailable', message);
  }
}
