/** Which addresses are of the open internet: for callers who may reach no others. */
import { lookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { privateRangeList } from '../util/private-ranges.ts';

const ownRanges = privateRangeList();
/** Of IPv6 only what is given out to the public; among it are the ranges of translators to IPv4, which lead anywhere. */
const publicRanges = new BlockList();
publicRanges.addSubnet('2000::', 3, 'ipv6');
const translated = new BlockList();
translated.addSubnet('2002::', 16, 'ipv6');
translated.addSubnet('2001::', 32, 'ipv6');

export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !ownRanges.check(address, 'ipv4');
    case 6:
      return publicRanges.check(address, 'ipv6') && !translated.check(address, 'ipv6');
    default:
      return false;
  }
}

export class NotPublic extends Error {}

/** Resolves names and looks at what they resolve to: a name's owner could have it point anywhere. */
export const publicLookup: LookupFunction = (name, options, callback) => {
  lookup(name, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    const [first] = addresses ?? [];
    const wrong = error === null ? addresses.find(({ address }) => !isPublicAddress(address)) : undefined;
    if (error !== null || first === undefined) callback(error ?? new Error(`${name} has no address`), '', 4);
    else if (wrong !== undefined) callback(new NotPublic(`${name} is ${wrong.address}, no public address`), '', 4);
    else if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};
