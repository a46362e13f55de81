/** `network:` of a function: a word, or a map of what it reaches. */
import {
  destinationAccepts,
  destinationsMax,
  isPrivateRange,
  parseDestination,
  privateServicePattern,
  privateServicesMax,
  type NetworkAccess,
} from '../../util/network-access.ts';
import { either, list, object, optional } from '../shape/compound.ts';
import { choice, text } from '../shape/scalar.ts';
import { described, refine, refusal, type Shape } from '../shape/shape.ts';

const word = choice<'internet' | 'none'>({
  words: { internet: 'internet', none: 'none' },
  accepts: 'internet or none',
  advise: (written) =>
    /^(off|false|no|private)$/i.test(written)
      ? 'Did you mean none?'
      : /^(on|true|public)$/i.test(written)
        ? 'Did you mean internet?'
        : undefined,
});

/** What `parseDestination` reads, as near as a pattern comes. */
const destinationText = text({
  pattern:
    /(?:(?:\*\.)?(?:[A-Za-z0-9_-]{1,63}\.)*[A-Za-z][A-Za-z0-9-]{0,62}|[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:\/[0-9]{1,2})?)(?::[0-9]{1,5})?/,
  accepts: destinationAccepts,
  advise(written) {
    const bare = /^\s*(?:https?:\/\/)?([^/\s]+)/i.exec(written)?.[1];
    return bare === undefined || parseDestination(bare) === undefined ? undefined : `Write ${bare}.`;
  },
});

const destination: Shape<string> = refine(destinationText, (written, found, report) => {
  const parsed = parseDestination(written);
  if (parsed === undefined) {
    report(found, refusal(found, destinationAccepts));
    return undefined;
  }
  if (parsed.kind === 'range' && isPrivateRange(parsed.range)) {
    report(
      found,
      `'${written}' is not a public address, and private ones are reached as services that the operator has named: private: [NAME]`,
    );
    return undefined;
  }
  return written;
});

const egress = either<readonly string[]>({
  text: refine(choice<'none'>({ words: { none: 'none' }, accepts: 'none' }), () => []),
  list: list(destination, { accepts: 'a list of hosts', itemsMax: destinationsMax }),
});

const serviceName = text({ pattern: privateServicePattern, accepts: 'the name of a private service' });

const written = object(
  {
    egress: optional(
      described(egress, { examples: [['api.example.com', '*.example.org:443', '203.0.113.0/24']] }),
      'The public hosts that it reaches, and no others; none: none. Without it: all.',
    ),
    private: optional(
      list(serviceName, { accepts: 'a list of names of private services', itemsMax: privateServicesMax }),
      'Services of the operator’s own network, by the names that they have with mayfly serve --private-services.',
    ),
  },
  {
    accepts: 'a map of egress and private',
    hints: {
      allow: 'it is called egress',
      hosts: 'it is called egress',
      services: 'it is called private',
      ingress: 'nobody connects to a function; requests come through the gateway',
    },
  },
);

export const network: Shape<NetworkAccess> = either<NetworkAccess>({
  text: word,
  map: refine(written, ({ egress: hosts, private: services }) => ({
    ...(hosts === undefined ? {} : { egress: hosts }),
    ...(services === undefined ? {} : { private: services }),
  })),
});
