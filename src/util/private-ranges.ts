/**
 * Every range of IANA's special-purpose registry that may be somebody's inside, among them the metadata services of the
 * clouds at 169.254.169.254. https://www.iana.org/assignments/iana-ipv4-special-registry/
 */
import { BlockList } from 'node:net';

export const privateRanges = [
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

/** Asked for whether it has an address of version 4 in it. */
export function privateRangeList(): BlockList {
  const list = new BlockList();
  for (const range of privateRanges) {
    const [address = '', bits] = range.split('/');
    list.addSubnet(address, Number(bits), 'ipv4');
  }
  return list;
}
