/**
 * Passwords by chance. Pure but for the bytes that it draws.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html
 */
import type { Ids } from '../../util/ids.ts';
import { invalidParameter } from './secret.ts';

export type PasswordRules = {
  length: number;
  excluded: string;
  hasLowercase: boolean;
  hasUppercase: boolean;
  hasNumbers: boolean;
  hasPunctuation: boolean;
  hasSpace: boolean;
  /** At least one character of each kind. */
  requiresEach: boolean;
};

const kinds = {
  hasLowercase: 'abcdefghijklmnopqrstuvwxyz',
  hasUppercase: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  hasNumbers: '0123456789',
  hasPunctuation: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
  hasSpace: ' ',
} as const;
const kindNames = ['hasLowercase', 'hasUppercase', 'hasNumbers', 'hasPunctuation', 'hasSpace'] as const;

/** Errors: InvalidParameterException where the rules leave no characters, or more kinds than characters. */
export function randomPassword(rules: PasswordRules, ids: Pick<Ids, 'hex'>): string {
  const wanted = kindNames
    .filter((name) => rules[name])
    .map((name) => kinds[name].split('').filter((character) => !rules.excluded.includes(character)));
  const all = wanted.flat();
  if (all.length === 0) throw invalidParameter('All characters are excluded: none are left for a password.');
  if (rules.requiresEach && wanted.some((characters) => characters.length === 0))
    throw invalidParameter(
      'A character of each included type is required, and all characters of one type are excluded.',
    );
  if (rules.requiresEach && rules.length < wanted.length)
    throw invalidParameter('Password length is too short based on the required types.', 'PasswordLength');
  const characters = Array.from({ length: rules.length }, () => pick(all, ids));
  // Where chance has left out a kind, one of each is put where chance says.
  if (rules.requiresEach) {
    const places = shuffled([...characters.keys()], ids).slice(0, wanted.length);
    const isLacking = wanted.some((kind) => !characters.some((character) => kind.includes(character)));
    if (isLacking) wanted.forEach((kind, index) => (characters[places[index] ?? 0] = pick(kind, ids)));
  }
  return characters.join('');
}

const pick = (characters: readonly string[], ids: Pick<Ids, 'hex'>): string =>
  characters[below(characters.length, ids)] ?? '';

/** Each number below `limit` (up to 65,536) as likely as the others. */
function below(limit: number, ids: Pick<Ids, 'hex'>): number {
  const fair = 2 ** 16 - (2 ** 16 % limit);
  for (;;) {
    const drawn = Number.parseInt(ids.hex(2), 16);
    if (drawn < fair) return drawn % limit;
  }
}

function shuffled(items: number[], ids: Pick<Ids, 'hex'>): number[] {
  for (let at = items.length - 1; at > 0; at -= 1) {
    const other = below(at + 1, ids);
    [items[at], items[other]] = [items[other] ?? 0, items[at] ?? 0];
  }
  return items;
}
