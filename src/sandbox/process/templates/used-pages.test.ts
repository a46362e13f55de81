import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { test } from 'node:test';
import type { Region } from './image.ts';
import { parseMappings } from './memory-map.ts';
import { givesPages, noPages, usedPages, withinBytes } from './used-pages.ts';

test('pages can be asked for since Linux 5.14', () => {
  for (const kernel of ['5.14.0-1-amd64', '5.15', '6.1.0', '10.0']) assert.equal(givesPages(kernel), true, kernel);
  for (const kernel of ['5.13.19', '5.4.0', '4.19', 'unknown']) assert.equal(givesPages(kernel), false, kernel);
});

test('no more of them are taken than so many bytes', () => {
  const places = [
    { start: 0x1000, end: 0x3000 },
    { start: 0x5000, end: 0x9000 },
    { start: 0xa000, end: 0xb000 },
  ];
  assert.deepEqual(withinBytes(places, 0x3000), [places[0], { start: 0x5000, end: 0x6000 }]);
  assert.deepEqual(withinBytes(places, 0x2000), [places[0]]);
  assert.deepEqual(withinBytes(places, Infinity), places);
});

const skip =
  process.getuid?.() !== 0
    ? 'it takes root'
    : givesPages(release())
      ? false
      : 'pages can be asked for since Linux 5.14';

test('what a process has written to is told apart from what it shares with a file', { skip }, () => {
  const smaps = readFileSync('/proc/self/smaps', 'utf8');
  const place = { readable: true, executable: false };
  const regionOf = (name: string): Region => {
    const mapping = parseMappings(smaps).find((one) =>
      name === '[stack]' ? one.name === name : one.executable && one.isFile,
    );
    assert.ok(mapping !== undefined);
    return { start: mapping.start, end: mapping.end, ...place, writable: name === '[stack]', from: 'nothing' };
  };
  const [stack, code] = [regionOf('[stack]'), regionOf('code')];
  const ofStack = usedPages(process.pid, { regions: [stack] });
  assert.ok(ofStack.written.length > 0);
  assert.ok(ofStack.written.every(({ start, end }) => start >= stack.start && end <= stack.end));
  const ofCode = usedPages(process.pid, { regions: [code] });
  assert.ok(ofCode.read.length > 0);
  assert.deepEqual(ofCode.written, []);
  const ofClosed = usedPages(process.pid, { regions: [{ ...code, readable: false }] });
  assert.deepEqual(ofClosed, noPages, 'what the image has closed cannot be asked for');
});
