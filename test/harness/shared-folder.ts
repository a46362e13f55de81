import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Material for acceptance that may lie beside the checkout; tests that use it skip, and say so, without it. */
export const sharedFolder = join(import.meta.dirname, '../../../shared');

export const withoutShared: string | false = existsSync(join(sharedFolder, 'acceptance'))
  ? false
  : 'the acceptance material is not beside this checkout';
