/** What is told to `nft` of one environment that reaches less, or more, than others do: the table is network-rules.ts's. Pure. */
import { tableName } from './network-rules.ts';

export type NarrowPlace = {
  instance: number;
  /** The number of its network namespace. */
  number: number;
  /** Its own address, and that of the host's end of its link. */
  insideAddress: string;
  hostAddress: string;
};

export type NarrowRules = NarrowPlace & {
  /** Where, on the host's end, its questions for names are answered. */
  forwarderPort: number;
  /** Absent: all public addresses. Empty: only those of names that were allowed. */
  ranges?: readonly { range: string; port?: number }[];
};

/** What an allowed name was found to be. Absent `port`: every port. */
export type Opening = { kind: 'public' | 'private'; address: string; port?: number };

/**
 * Three sets and two chains of its own: `grants`, for the operator's private services, is asked before anything is
 * refused; `egress`, for public addresses, after private ranges are.
 */
export function narrowing(rules: NarrowRules): string {
  const { insideAddress, hostAddress, forwarderPort, ranges } = rules;
  const { table, hosts, ports, services, grants, egress } = names(rules);
  const lines = [
    `add set ${table} ${services} { type ipv4_addr . inet_service; }`,
    `add chain ${table} ${grants}`,
    `add rule ${table} ${grants} ip daddr ${hostAddress} udp dport ${forwarderPort} accept`,
    `add rule ${table} ${grants} meta l4proto { tcp, udp } ip daddr . th dport @${services} accept`,
    `add element ${table} forwarders { ${insideAddress} : ${forwarderPort} }`,
    `add element ${table} granted { ${insideAddress} : jump ${grants} }`,
  ];
  if (ranges === undefined) return `${lines.join('\n')}\n`;
  const byRange = ranges.map(({ range, port }) => {
    const to = port === undefined ? '' : ` meta l4proto { tcp, udp } th dport ${port}`;
    return `add rule ${table} ${egress} ip daddr ${range}${to} accept`;
  });
  lines.push(
    `add set ${table} ${hosts} { type ipv4_addr; }`,
    `add set ${table} ${ports} { type ipv4_addr . inet_service; }`,
    `add chain ${table} ${egress}`,
    `add rule ${table} ${egress} ip daddr @refused goto told`,
    `add rule ${table} ${egress} fib daddr type != unicast goto told`,
    `add rule ${table} ${egress} ip daddr @${hosts} accept`,
    `add rule ${table} ${egress} meta l4proto { tcp, udp } ip daddr . th dport @${ports} accept`,
    ...byRange,
    `add rule ${table} ${egress} goto told`,
    `add element ${table} narrow { ${insideAddress} }`,
    `add element ${table} narrowed { ${insideAddress} : goto ${egress} }`,
  );
  return `${lines.join('\n')}\n`;
}

/** All of `narrowing` gone again, and what was tried in vain: the next with this address has not tried it. */
export function widening(place: NarrowPlace, hasEgress: boolean): string {
  const { insideAddress } = place;
  const { table, hosts, ports, services, grants, egress } = names(place);
  const lines = [
    `flush set ${table} tried`,
    `delete element ${table} forwarders { ${insideAddress} }`,
    `delete element ${table} granted { ${insideAddress} }`,
    `delete chain ${table} ${grants}`,
    `delete set ${table} ${services}`,
  ];
  if (hasEgress)
    lines.push(
      `delete element ${table} narrow { ${insideAddress} }`,
      `delete element ${table} narrowed { ${insideAddress} }`,
      `delete chain ${table} ${egress}`,
      `delete set ${table} ${hosts}`,
      `delete set ${table} ${ports}`,
    );
  return `${lines.join('\n')}\n`;
}

export function changing(place: NarrowPlace, verb: 'add' | 'delete', openings: readonly Opening[]): string {
  const { table, hosts, ports, services } = names(place);
  return openings
    .map(({ kind, address, port }) => {
      const set = kind === 'private' ? services : port === undefined ? hosts : ports;
      return `${verb} element ${table} ${set} { ${address}${port === undefined ? '' : ` . ${port}`} }\n`;
    })
    .join('');
}

/** What was tried in vain, from `nft --json list set` of the set `tried`. */
export function parseTried(setJson: string): { insideAddress: string; address: string; port: number }[] {
  const parsed: unknown = JSON.parse(setJson);
  const listed: unknown[] = field(parsed, 'nftables', Array.isArray) ?? [];
  return listed.flatMap((entry) => {
    const elements: unknown[] = field(field(entry, 'set', isObject), 'elem', Array.isArray) ?? [];
    return elements.flatMap((element) => {
      const value = field(field(element, 'elem', isObject) ?? element, 'val', isObject) ?? element;
      const [insideAddress, address, port] = field(value, 'concat', Array.isArray) ?? [];
      return typeof insideAddress === 'string' && typeof address === 'string' && typeof port === 'number'
        ? [{ insideAddress, address, port }]
        : [];
    });
  });
}

export const listTried = (instance: number): readonly string[] => [
  '--json',
  '--numeric',
  'list',
  'set',
  'inet',
  tableName(instance),
  'tried',
];

function names({
  instance,
  number,
}: NarrowPlace): Record<'table' | 'hosts' | 'ports' | 'services' | 'grants' | 'egress', string> {
  return {
    table: `inet ${tableName(instance)}`,
    hosts: `hosts_${number}`,
    ports: `ports_${number}`,
    services: `services_${number}`,
    grants: `grants_${number}`,
    egress: `egress_${number}`,
  };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function field<Value>(value: unknown, name: string, is: (value: unknown) => value is Value): Value | undefined {
  const found: unknown = isObject(value) ? Reflect.get(value, name) : undefined;
  return is(found) ? found : undefined;
}
