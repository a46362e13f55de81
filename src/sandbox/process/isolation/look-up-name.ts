/** The addresses that the host's own name servers give for a name. */
import { lookup, Resolver } from 'node:dns/promises';
import { isHostName } from '../../../util/network-access.ts';
import { isCode } from './control-groups.ts';

export type FoundName = { addresses: readonly string[]; ttlSeconds: number };

/** Undefined: there is no such name. Rejects when nobody can be asked. */
export type LookUpName = (name: string, where: 'public' | 'host') => Promise<FoundName | undefined>;

/** A program inside waits five seconds for its first answer. */
const askMs = 2_000;
const askTimesMax = 2;
/** What has no time of its own, and the most that an environment may keep one for. */
const ttlSecondsMax = 60;

/**
 * `public`: from name servers alone, so that nothing of the host's own files shows. `host`: as the host itself would, by
 * /etc/hosts too, for services that its operator has named.
 */
export function nameLookUp(): LookUpName {
  const resolver = new Resolver({ timeout: askMs, tries: askTimesMax });
  return async (name, where) => {
    if (!isHostName(name)) return undefined;
    try {
      if (where === 'host') {
        const found = await lookup(name, { all: true, family: 4 });
        return { addresses: found.map(({ address }) => address), ttlSeconds: ttlSecondsMax };
      }
      const found = await resolver.resolve4(name, { ttl: true });
      const ttlSeconds = Math.min(ttlSecondsMax, ...found.map(({ ttl }) => ttl));
      return { addresses: found.map(({ address }) => address), ttlSeconds };
    } catch (error) {
      if (isCode(error, 'ENODATA')) return { addresses: [], ttlSeconds: ttlSecondsMax };
      if (isCode(error, 'ENOTFOUND')) return undefined;
      throw error;
    }
  };
}
