import type { Found } from '../found.ts';
import type { Shape } from '../shape/shape.ts';

/** Any value, as JSON text. `what`: as complaints shall name it. */
export function anyValue(what: string, lengthMax: number): Shape<string> {
  return {
    schema: {},
    accepts: 'any value',
    read: (found, report) => {
      const json = JSON.stringify(plain(found));
      if (json.length <= lengthMax) return json;
      report(found, `${what} has ${json.length} characters as JSON; at most ${lengthMax} are accepted`);
      return undefined;
    },
  };
}

function plain(found: Found): unknown {
  if (found.kind === 'scalar') return found.value;
  if (found.kind === 'list') return found.items.map(plain);
  return Object.fromEntries(found.entries.map(({ key, value }) => [key, plain(value)]));
}
