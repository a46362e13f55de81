/** What network namespaces are made with: the text of one `nft -f` for a platform and of `ip -batch` for each namespace. Pure. */
import { linkPrefix, type NamespaceAddresses } from './network-addresses.ts';

/**
 * Never reached from an environment: every range of IANA's special-purpose registry that may be somebody's inside,
 * among them the metadata services of the clouds at 169.254.169.254.
 * https://www.iana.org/assignments/iana-ipv4-special-registry/
 */
export const refusedRanges = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
] as const;

export const tableName = (instance: number): string => `mayfly_${instance}`;

/**
 * Name servers that are addresses of the host's own private network are let through, on port 53 only. TCP is refused
 * with a reset: the kernel sends only a few ICMP messages a second, and without one a program waits for its time-out.
 */
export function firewall(instance: number, resolvers: readonly string[]): string {
  const table = `inet ${tableName(instance)}`;
  const links = `"${linkPrefix(instance)}*"`;
  const resolverSet = resolvers.length > 0 ? `elements = { ${resolvers.join(', ')} }` : '';
  return `
add table ${table}
delete table ${table}
table ${table} {
  set refused { type ipv4_addr; flags interval; elements = { ${refusedRanges.join(', ')} } }
  set resolvers { type ipv4_addr; ${resolverSet} }
  chain to_host {
    type filter hook input priority -10; policy accept;
    iifname ${links} ip daddr @resolvers meta l4proto { tcp, udp } th dport 53 accept
    iifname ${links} jump refuse
  }
  chain from_host {
    type filter hook output priority -10; policy accept;
    oifname ${links} ct state new drop
  }
  chain through_host {
    type filter hook forward priority -10; policy accept;
    iifname ${links} jump outwards
    oifname ${links} ct state established,related accept
    oifname ${links} drop
  }
  chain outwards {
    oifname ${links} jump refuse
    meta nfproto ipv6 jump refuse
    fib saddr . iif oif missing drop
    ip daddr @resolvers meta l4proto { tcp, udp } th dport 53 accept
    ip daddr @refused jump refuse
    fib daddr type != unicast drop
    accept
  }
  chain refuse {
    meta l4proto tcp reject with tcp reset
    reject with icmpx admin-prohibited
  }
  chain leaving {
    type nat hook postrouting priority srcnat; policy accept;
    iifname ${links} masquerade
  }
}
`;
}

/** Run in the host's namespace. Neither end has an IPv6 address, not even a link-local one. */
export function hostBatch({ namespace, hostLink, hostAddress }: NamespaceAddresses): string {
  return `netns add ${namespace}
link add ${hostLink} type veth peer name eth0 netns ${namespace}
link set ${hostLink} addrgenmode none
address add ${hostAddress}/31 dev ${hostLink}
link set ${hostLink} up
`;
}

/** Run in the new namespace (`ip -n`). */
export function insideBatch({ hostAddress, insideAddress }: NamespaceAddresses): string {
  return `link set lo up
link set eth0 addrgenmode none
address add ${insideAddress}/31 dev eth0
link set eth0 up
route add default via ${hostAddress}
`;
}

/** Chains of other firewalls that drop whatever they are not told to let through the host, from `nft --json list chains`. */
export function droppingChains(chainsJson: string): string[] {
  const parsed: unknown = JSON.parse(chainsJson);
  const listed = isRecord(parsed) && Array.isArray(parsed['nftables']) ? parsed['nftables'] : [];
  return listed.flatMap((entry: unknown) => {
    const chain = isRecord(entry) ? entry['chain'] : undefined;
    if (!isRecord(chain) || chain['hook'] !== 'forward' || chain['policy'] !== 'drop') return [];
    return [`${String(chain['family'])} ${String(chain['table'])} ${String(chain['name'])}`];
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
