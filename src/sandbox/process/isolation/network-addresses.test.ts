import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { environmentsMax, instancesMax } from './instance.ts';
import { addressRanges, freeRange, namespaceAddresses } from './network-addresses.ts';
import { privateRanges } from '../../../util/private-ranges.ts';

const header = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT';
const route = (link: string, destination: string, mask: string): string =>
  [link, destination, '00000000', '0001', '0', '0', '0', mask, '0', '0', '0'].join('\t');

test('no two namespaces of any platform share a name, a link or an address, and names fit the kernel', () => {
  const place = fc.record({ instance: fc.nat(instancesMax - 1), index: fc.nat(environmentsMax - 1) });
  fc.assert(
    fc.property(fc.constantFrom(...addressRanges), place, place, (range, a, b) => {
      const [one, other] = [
        namespaceAddresses(range, a.instance, a.index),
        namespaceAddresses(range, b.instance, b.index),
      ];
      assert.ok(one.hostLink.length <= 15);
      const same = a.instance === b.instance && a.index === b.index;
      const names = new Set([...Object.values(one), ...Object.values(other)]);
      assert.equal(names.size, same ? 4 : 8);
      assert.ok(one.insideAddress.startsWith(range.split('.').slice(0, 2).join('.')), one.insideAddress);
    }),
  );
});

test('the last environment of the last platform is still in the range', () => {
  assert.equal(
    namespaceAddresses('198.19.0.0/16', instancesMax - 1, environmentsMax - 1).insideAddress,
    '198.19.255.255',
  );
});

test('every range that namespaces have addresses in is one that environments are refused', () => {
  const within = (range: string, outer: string): boolean => {
    const bits = (address: string): string =>
      address
        .split('/')[0]
        ?.split('.')
        .map((part) => Number(part).toString(2).padStart(8, '0'))
        .join('') ?? '';
    return bits(range).startsWith(bits(outer).slice(0, Number(outer.split('/')[1])));
  };
  for (const range of addressRanges)
    assert.ok(
      privateRanges.some((refused) => within(range, refused)),
      range,
    );
});

test('a range that is routed is left alone; default routes and our own links use nothing', () => {
  assert.equal(freeRange(header), '198.19.0.0/16');
  assert.equal(freeRange([header, route('eth0', '00000000', '00000000')].join('\n')), '198.19.0.0/16');
  assert.equal(freeRange([header, route('mf3n12', '000013C6', 'FEFFFFFF')].join('\n')), '198.19.0.0/16');
  assert.equal(
    freeRange([header, route('tun0', '000012C6', '0000FEFF')].join('\n')),
    '100.126.0.0/16',
    '198.18.0.0/15 covers it',
  );
  assert.equal(
    freeRange([header, route('tun0', '050013C6', 'FFFFFFFF')].join('\n')),
    '100.126.0.0/16',
    'one host of it is enough',
  );
  const all = [
    route('a', '000013C6', '0000FFFF'),
    route('b', '00004064', '0000C0FF'),
    route('c', '0000000A', '000000FF'),
  ];
  assert.equal(freeRange([header, ...all].join('\n')), undefined);
});
