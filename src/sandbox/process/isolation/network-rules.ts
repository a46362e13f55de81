/** What network namespaces are made with: the text of one `nft -f` for a platform and of `ip -batch` for each namespace. Pure. */
import { privateRanges } from '../../../util/private-ranges.ts';
import { linkPrefix, type NamespaceAddresses } from './network-addresses.ts';

/** What narrowed environments tried in vain is kept so long, for somebody to read and to say; and so much of it. */
const triedSeconds = 60;
const triedMax = 4_096;

export const tableName = (instance: number): string => `mayfly_${instance}`;

/**
 * Name servers that are addresses of the host's own private network are let through, on port 53 only. TCP is refused
 * with a reset: the kernel sends only a few ICMP messages a second, and without one a program waits for its time-out.
 *
 * An environment that reaches less or more than others has chains of its own, see narrow-rules.ts, which `granted` and
 * `narrowed` name by its address; `fib` has seen before that the address is its own.
 *
 * All that comes to the host goes through `to_host`, its own connections to itself, too: a rule takes 50 ns of each packet, so the
 * first says whom none of the others is about. (It accepts for this chain alone: other firewalls are asked as before.)
 */
export function firewall(instance: number, resolvers: readonly string[]): string {
  const table = `inet ${tableName(instance)}`;
  const links = `"${linkPrefix(instance)}*"`;
  const resolverSet = resolvers.length > 0 ? `elements = { ${resolvers.join(', ')} }` : '';
  return `
add table ${table}
delete table ${table}
table ${table} {
  set refused { type ipv4_addr; flags interval; elements = { ${privateRanges.join(', ')} } }
  set resolvers { type ipv4_addr; ${resolverSet} }
  set narrow { type ipv4_addr; }
  set tried { type ipv4_addr . ipv4_addr . inet_service; size ${triedMax}; flags dynamic,timeout; timeout ${triedSeconds}s; }
  map granted { type ipv4_addr : verdict; }
  map narrowed { type ipv4_addr : verdict; }
  map forwarders { type ipv4_addr : inet_service; }
  chain asking {
    type nat hook prerouting priority dstnat - 10; policy accept;
    iifname ${links} udp dport 53 redirect to :ip saddr map @forwarders
  }
  chain to_host {
    type filter hook input priority -10; policy accept;
    iifname != ${links} accept
    fib saddr . iif oif missing drop
    ip saddr vmap @granted
    ip saddr @narrow goto told
    ip daddr @resolvers meta l4proto { tcp, udp } th dport 53 accept
    jump refuse
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
    ip saddr vmap @granted
    ip saddr vmap @narrowed
    ip daddr @resolvers meta l4proto { tcp, udp } th dport 53 accept
    ip daddr @refused jump refuse
    fib daddr type != unicast drop
    accept
  }
  chain told {
    meta l4proto { tcp, udp } update @tried { ip saddr . ip daddr . th dport }
    goto refuse
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
