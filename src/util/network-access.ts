/**
 * What a function's environments reach besides the platform's endpoint. `internet`: every public address. Narrowed: of the
 * public addresses those of `egress` alone (absent: all), and the operator's private services that are named.
 */
import { isIPv4 } from 'node:net';
import { privateRangeList } from './private-ranges.ts';

export type NetworkAccess = 'internet' | 'none' | NarrowedNetwork;

export type NarrowedNetwork = {
  /** As they are written, see `parseDestination`; empty: none. */
  egress?: readonly string[];
  /** Names of the operator's private services. */
  private?: readonly string[];
};

/** What a function's table of rules holds; a function with more has a proxy to do this. */
export const destinationsMax = 100;
export const privateServicesMax = 16;

/** Absent `port`: every port. */
export type Destination =
  | { kind: 'name'; name: string; withSubdomainsOnly: boolean; port?: number }
  | { kind: 'range'; range: string; port?: number };

/** A port of a host in the operator's own network, which functions may be attached to by its name. */
export type PrivateService = { name: string; host: string; port: number };

export const destinationAccepts =
  'a host (api.example.com), all hosts below one (*.example.com), or an address or range (203.0.113.0/24), each with :PORT if only one';

const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?';
const hostName = `(?:${label}\\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?`;
const hostNamePattern = new RegExp(`^${hostName}$`);
export const privateServicePattern = /[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?/;
/** RFC 1035, 2.3.4. */
const nameLengthMax = 253;

export function isHostName(text: string): boolean {
  return text.length <= nameLengthMax && hostNamePattern.test(text);
}

/** Undefined: it is none. Names are in lower case afterwards. */
export function parseDestination(written: string): Destination | undefined {
  const [, host = '', portText] = /^([^:]+)(?::([0-9]{1,5}))?$/.exec(written.toLowerCase()) ?? [];
  const port = portText === undefined ? undefined : Number(portText);
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  const onPort = port === undefined ? {} : { port };
  const [address = '', bits, more] = host.split('/');
  if (isIPv4(address)) {
    if (more !== undefined || (bits !== undefined && (!/^[0-9]{1,2}$/.test(bits) || Number(bits) > 32)))
      return undefined;
    return { kind: 'range', range: bits === undefined ? `${address}/32` : host, ...onPort };
  }
  const withSubdomainsOnly = host.startsWith('*.');
  const name = withSubdomainsOnly ? host.slice(2) : host;
  return isHostName(name) ? { kind: 'name', name, withSubdomainsOnly, ...onPort } : undefined;
}

/** Whether a whole range is refused whoever names it, since it lies in somebody's own network. */
export function isPrivateRange(range: string): boolean {
  return privateRangeList().check(range.split('/')[0] ?? '', 'ipv4');
}

/** `name`: in lower case, without a dot at its end. */
export function coversName(destination: Destination, name: string): boolean {
  if (destination.kind !== 'name') return false;
  return destination.withSubdomainsOnly ? name.endsWith(`.${destination.name}`) : name === destination.name;
}
