import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { takesInProportion } from '../../../test/harness/processor-time.ts';
import { escapeXml, parseXml } from './xml.ts';

test('text comes back as it was escaped, in elements and in attributes', () => {
  // XML 1.0 has no way to write NUL and lone surrogates; everything else survives.
  const text = fc.string({ unit: 'grapheme', maxLength: 50 }).filter((value) => !value.includes('\u0000'));
  fc.assert(
    fc.property(text, (value) => {
      const escaped = escapeXml(value);
      const root = parseXml(`<a><b>${escaped}</b></a>`);
      assert.equal(root.children[0]?.text, value);
    }),
    { numRuns: 500 },
  );
  assert.equal(parseXml(`<a b="${escapeXml('x"<&>\'\r')}"/>`).attributes.get('b'), 'x"<&>\'\r');
});

test('names, order, prefixes, attributes, comments and sections of characters', () => {
  const root = parseXml(
    '<?xml version="1.0"?>\n<!-- x --><s:a xmlns:s="u" s:t="1"><b>1</b><c/><b> 2 <!-- no -->3<![CDATA[<&amp;>]]></b></s:a>\n',
  );
  assert.equal(root.name, 's:a');
  assert.deepEqual(
    [...root.attributes],
    [
      ['xmlns:s', 'u'],
      ['s:t', '1'],
    ],
  );
  assert.deepEqual(
    root.children.map((child) => [child.name, child.text]),
    [
      ['b', '1'],
      ['c', ''],
      ['b', ' 2 3<&amp;>'],
    ],
  );
  assert.equal(parseXml('<a>&lt;&#13;&#x41;&amp;lt;</a>').text, '<\rA&lt;');
});

test('what is not well-formed, or wants more than five entities, is refused', () => {
  const documents = [
    '',
    'text',
    '<a>',
    '<a></b>',
    '<a><b></a></b>',
    '<a/><b/>',
    '<a b=1/>',
    '<a>&nbsp;</a>',
    '<a>&constructor;</a>',
    '<a>&</a>',
    '<a>&#0;</a>',
    '<a>&#xD800;</a>',
    '<a>&#x110000;</a>',
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    '<!doctype a><a/>',
    '<a><__proto__>1</__proto__></a>',
    '<a><constructor/></a>',
    `${'<a>'.repeat(50)}${'</a>'.repeat(50)}`,
  ];
  for (const document of documents)
    assert.throws(
      () => parseXml(document),
      { code: 'invalid_argument', reason: 'MalformedXML' },
      document.slice(0, 60),
    );
});

test('nothing that is sent makes it do anything but answer or refuse', () => {
  const pieces = fc.constantFrom(
    '<',
    '>',
    '/',
    'a',
    ' ',
    '="',
    '"',
    '&',
    ';',
    '#',
    'x',
    '<!',
    '[CDATA[',
    ']]>',
    '<?',
    '?>',
    '--',
    '__proto__',
    '\u0000',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      try {
        parseXml(parts.join(''));
      } catch (error) {
        assert.equal((error as { reason?: string }).reason, 'MalformedXML', parts.join(''));
      }
    }),
    { numRuns: 3_000 },
  );
});

test('large documents take time in proportion', async () => {
  const parsing = (elements: number) => {
    const document = `<Delete>${'<Object><Key>some/key&amp;more</Key></Object>'.repeat(elements)}</Delete>`;
    return () => assert.equal(parseXml(document).children.length, elements);
  };
  await takesInProportion(8, parsing(2_000), parsing(16_000));
});
