/** The key of what was used longest ago; undefined: there is nothing. */
export function longestUnused<Key>(all: ReadonlyMap<Key, { readonly usedMs: number }>): Key | undefined {
  let oldest: { key: Key; usedMs: number } | undefined;
  for (const [key, { usedMs }] of all) if (usedMs < (oldest?.usedMs ?? Infinity)) oldest = { key, usedMs };
  return oldest?.key;
}
