import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseMappings } from './memory-map.ts';

test('mappings are read as the kernel lists them', () => {
  const smaps = `00400000-00424000 r--p 00000000 fe:01 1311 /usr/bin/python3.11
Size:                144 kB
Anonymous:             0 kB
Swap:                  0 kB
VmFlags: rd mr mw me sd
7f00a0000000-7f00a0021000 rw-p 00000000 00:00 0
Rss:                   8 kB
Anonymous:             8 kB
AnonHugePages:         0 kB
Swap:                  4 kB
VmFlags: rd wr mr mw me ac wf
7f00b0000000-7f00b0001000 rw-s 00001000 00:01 77 /memfd:a b (deleted)
VmFlags: rd wr sh mr mw me ms sd
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]
VmFlags: ex
`;
  const [program, heap, shared, last, ...more] = parseMappings(smaps);
  assert.deepEqual(program, {
    start: 0x40_0000,
    end: 0x42_4000,
    readable: true,
    writable: false,
    executable: false,
    shared: false,
    offset: 0,
    name: '/usr/bin/python3.11',
    isFile: true,
    ownBytes: 0,
    flags: new Set(['rd', 'mr', 'mw', 'me', 'sd']),
  });
  assert.deepEqual(
    [heap?.name, heap?.isFile, heap?.ownBytes, heap?.writable, heap?.flags.has('wf')],
    ['', false, 12 * 1024, true, true],
  );
  assert.deepEqual([shared?.name, shared?.shared, shared?.offset], ['/memfd:a b (deleted)', true, 0x1000]);
  assert.deepEqual([last?.name, last?.executable, more.length], ['[vsyscall]', true, 0]);
});

test('those of this very process, too, in order and without overlap', () => {
  const mappings = parseMappings(readFileSync('/proc/self/smaps', 'utf8')).filter(({ name }) => name !== '[vsyscall]');
  assert.ok(mappings.some(({ name }) => name === '[stack]') && mappings.some(({ name }) => name === '[vdso]'));
  mappings.forEach(({ start, end }, index) => {
    assert.ok(start < end && start % 4096 === 0 && end <= (mappings[index + 1]?.start ?? Infinity));
  });
});
