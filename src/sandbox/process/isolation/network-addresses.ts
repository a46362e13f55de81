/** Which addresses and names the network namespaces of a platform have. Pure. */
import { environmentsMax, instancesMax } from './instance.ts';

export type NamespaceAddresses = {
  /** `ip netns` name. */
  namespace: string;
  /** The host's end of the pair; at most 15 characters, as the kernel wants it. */
  hostLink: string;
  hostAddress: string;
  insideAddress: string;
};

/**
 * Where the pairs' addresses come from, the first that this machine does not use: 198.18.0.0/15 is set aside for
 * measuring networks (RFC 2544) and so hardly ever routed; 100.64.0.0/10 is for carriers (RFC 6598); 10.0.0.0/8 is private.
 */
export const addressRanges = ['198.19.0.0/16', '100.126.0.0/16', '10.213.0.0/16'] as const;

/** Two addresses for each environment: /31, RFC 3021. A /16 has room for all platforms of a machine. */
const addressesPerInstance = 2 * environmentsMax;

export function namespaceAddresses(range: string, instance: number, index: number): NamespaceAddresses {
  const first = parseAddress(range.split('/')[0] ?? '') + instance * addressesPerInstance + 2 * index;
  return {
    namespace: `${namespacePrefix(instance)}${index}`,
    hostLink: `${linkPrefix(instance)}${index}`,
    hostAddress: formatAddress(first),
    insideAddress: formatAddress(first + 1),
  };
}

export const namespacePrefix = (instance: number): string => `mayfly-${instance}-`;
export const linkPrefix = (instance: number): string => `mf${instance}n`;
const anyLink = new RegExp(`^mf\\d{1,${String(instancesMax).length}}n\\d+$`);

/** The first range in which no route of this machine lies that is not one of a platform's; `routes` is /proc/net/route. */
export function freeRange(routes: string): string | undefined {
  const used = routes
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [link, destination, , , , , , mask] = line.split('\t');
      if (link === undefined || destination === undefined || mask === undefined || anyLink.test(link)) return [];
      return [{ address: littleEndian(destination), mask: littleEndian(mask) }];
    });
  return addressRanges.find((range) => {
    const { address, mask } = parseRange(range);
    // The default route covers everything and uses nothing.
    return used.every((route) => route.mask === 0 || !overlaps(address, mask, route.address, route.mask));
  });
}

function overlaps(address: number, mask: number, otherAddress: number, otherMask: number): boolean {
  const wider = (mask & otherMask) >>> 0;
  return (address & wider) >>> 0 === (otherAddress & wider) >>> 0;
}

function parseRange(range: string): { address: number; mask: number } {
  const [address = '', bits = '32'] = range.split('/');
  return { address: parseAddress(address), mask: (0xffffffff << (32 - Number(bits))) >>> 0 };
}

function parseAddress(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

/** /proc/net/route has the bytes as the processor does, which is little-endian on both that we support. */
function littleEndian(hex: string): number {
  return parseAddress(
    (hex.match(/../g) ?? [])
      .reverse()
      .map((byte) => Number.parseInt(byte, 16))
      .join('.'),
  );
}
