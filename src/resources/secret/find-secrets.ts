/**
 * Which secrets a list has, and in which order. Pure.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_search-secret.html
 */
import { never } from '../../util/assert.ts';
import type { Secret } from './secret.ts';

export type SecretFilter = {
  key: 'description' | 'name' | 'tag-key' | 'tag-value' | 'primary-region' | 'owning-service' | 'all';
  /** One of them has to match; `!` before one: none that matches it. */
  values: readonly string[];
};

export type SecretOrder = 'created-date' | 'last-accessed-date' | 'last-changed-date' | 'name';

/** All of the filters have to let it pass. */
export const passes = (secret: Secret, filters: readonly SecretFilter[]): boolean =>
  filters.every((filter) => {
    const [without, wanted] = [filter.values.filter(isNegative), filter.values.filter((value) => !isNegative(value))];
    return (
      without.every((value) => !matches(secret, filter.key, value.slice(1))) &&
      (wanted.length === 0 || wanted.some((value) => matches(secret, filter.key, value)))
    );
  });

const isNegative = (value: string): boolean => value.startsWith('!');

function matches(secret: Secret, key: SecretFilter['key'], value: string): boolean {
  const { name, description = '', tags } = secret;
  const fold = (text: string): string => text.toLowerCase();
  switch (key) {
    case 'name':
      return name.startsWith(value);
    case 'description':
      return (
        wordsOf(fold(description)).some((word) => word.startsWith(fold(value))) ||
        fold(description).startsWith(fold(value))
      );
    case 'tag-key':
      return Object.keys(tags).some((tag) => tag.startsWith(value));
    case 'tag-value':
      return Object.values(tags).some((tag) => tag.startsWith(value));
    case 'all': {
      const words = [name, description, ...Object.entries(tags).flat()].flatMap((text) => wordsOf(fold(text)));
      return wordsOf(fold(value)).some((wanted) => words.some((word) => word.startsWith(wanted)));
    }
    // There is one region, and no service makes secrets.
    case 'primary-region':
    case 'owning-service':
      return false;
    default:
      return never(key);
  }
}

const wordsOf = (text: string): string[] => text.split(/[\s/_+=.@-]+/).filter((word) => word !== '');

/** Text that sorts as the secrets are to come; unlike for any two. */
export function orderKey(secret: Secret, order: SecretOrder): string {
  const time = (ms: number): string => String(ms).padStart(16, '0');
  switch (order) {
    case 'name':
      return secret.name;
    case 'created-date':
      return `${time(secret.createdMs)}:${secret.name}`;
    case 'last-changed-date':
      return `${time(secret.changedMs)}:${secret.name}`;
    case 'last-accessed-date':
      return `${time(secret.accessedMs ?? 0)}:${secret.name}`;
    default:
      return never(order);
  }
}
