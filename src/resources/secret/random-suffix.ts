import type { Ids } from '../../util/ids.ts';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const length = 6;

/** Behind a secret's name in its ARN. Of random bytes those from 248 on are left out: they would favour the first eight letters. */
export function randomSuffix(ids: Pick<Ids, 'hex'>): string {
  let suffix = '';
  while (suffix.length < length) {
    const drawn = Number.parseInt(ids.hex(1), 16);
    if (drawn < letters.length * 4) suffix += letters[drawn % letters.length];
  }
  return suffix;
}
