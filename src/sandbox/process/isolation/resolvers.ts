/** The name servers that environments are given. */
import { existsSync, readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';

/** What the C library uses at most. */
const resolversMax = 3;

/**
 * From resolv.conf, or, where that names the stub that systemd-resolved has on the host's loopback, from the file in
 * which it keeps the real ones. Only IPv4: environments have no other.
 */
export function findResolvers(
  files: readonly string[] = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'],
): string[] {
  const found = files.filter((file) => existsSync(file)).map((file) => parseResolvers(readFileSync(file, 'utf8')));
  return (found.find((resolvers) => resolvers.length > 0) ?? []).slice(0, resolversMax);
}

/** The addresses that can be reached from elsewhere than the host itself. https://man7.org/linux/man-pages/man5/resolv.conf.5.html */
export function parseResolvers(text: string): string[] {
  const addresses = text.split('\n').flatMap((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? []);
  return addresses.filter((address) => isIPv4(address) && !address.startsWith('127.') && !address.startsWith('0.'));
}
