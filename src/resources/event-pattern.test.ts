import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseEventPattern } from './event-pattern.ts';

const matches = (pattern: object, event: unknown): boolean => parseEventPattern(JSON.stringify(pattern)).matches(event);

/** pattern, events that match, events that do not. The operators are those of EventBridge's page. */
const cases: readonly [name: string, pattern: object, yes: readonly unknown[], no: readonly unknown[]][] = [
  [
    'a value',
    { a: ['x', 3, true, null] },
    [{ a: 'x' }, { a: 3 }, { a: true }, { a: null }],
    [{ a: '3' }, {}, { a: false }],
  ],
  ['an entry of a list', { a: ['x'] }, [{ a: ['y', 'x'] }], [{ a: [] }, { a: ['y'] }]],
  ['every key', { a: ['x'], b: ['y'] }, [{ a: 'x', b: 'y', c: 1 }], [{ a: 'x' }, { b: 'y' }]],
  ['what is nested', { a: { b: ['x'] } }, [{ a: { b: 'x' } }, { a: [{ b: 'y' }, { b: 'x' }] }], [{ a: 'x' }, {}]],
  ['exists', { a: [{ exists: true }] }, [{ a: null }, { a: '' }], [{}, { a: { b: 1 } }]],
  ['exists not', { a: { b: [{ exists: false }] } }, [{}, { a: {} }, { a: { c: 1 } }], [{ a: { b: 1 } }]],
  ['prefix', { a: [{ prefix: 'ab' }] }, [{ a: 'abc' }], [{ a: 'Abc' }, { a: 1 }]],
  ['prefix in any case', { a: [{ prefix: { 'equals-ignore-case': 'AB' } }] }, [{ a: 'abc' }], [{ a: 'cab' }]],
  ['suffix', { a: [{ suffix: '.png' }] }, [{ a: 'x.png' }], [{ a: 'png.x' }]],
  ['any case', { a: [{ 'equals-ignore-case': 'Yes' }] }, [{ a: 'yES' }], [{ a: 'yes!' }]],
  [
    'anything but',
    { a: [{ 'anything-but': ['x', 3] }] },
    [{ a: 'y' }, { a: 4 }, { a: null }],
    [{ a: 'x' }, { a: 3 }, {}],
  ],
  ['anything but a prefix', { a: [{ 'anything-but': { prefix: 'x' } }] }, [{ a: 'y' }], [{ a: 'xy' }]],
  ['anything but several suffixes', { a: [{ 'anything-but': { suffix: ['x', 'y'] } }] }, [{ a: 'z' }], [{ a: 'ay' }]],
  ['anything but a wildcard', { a: [{ 'anything-but': { wildcard: '*/lib/*' } }] }, [{ a: 'a/b' }], [{ a: 'a/lib/b' }]],
  ['numeric', { a: [{ numeric: ['>', 0, '<=', 5] }] }, [{ a: 5 }, { a: 0.1 }], [{ a: 0 }, { a: 6 }, { a: '3' }]],
  ['numeric, one', { a: [{ numeric: ['=', 3e2] }] }, [{ a: 300 }], [{ a: 301 }]],
  ['wildcard', { a: [{ wildcard: 'a*b*c' }] }, [{ a: 'abc' }, { a: 'axxbyyc' }], [{ a: 'ac' }, { a: 'abcd' }]],
  ['an escaped star', { a: [{ wildcard: 'a\\*' }] }, [{ a: 'a*' }], [{ a: 'ab' }]],
  ['addresses', { a: [{ cidr: '10.0.0.0/24' }] }, [{ a: '10.0.0.255' }], [{ a: '10.0.1.0' }, { a: '::1' }, { a: 1 }]],
  [
    'one of several',
    { $or: [{ a: ['x'] }, { b: ['y'] }], c: [1] },
    [
      { a: 'x', c: 1 },
      { b: 'y', c: 1 },
    ],
    [{ a: 'x' }, { c: 1 }],
  ],
];

for (const [name, pattern, yes, no] of cases) {
  test(`a pattern asks for ${name}`, () => {
    for (const event of yes) assert.equal(matches(pattern, event), true, JSON.stringify(event));
    for (const event of no) assert.equal(matches(pattern, event), false, JSON.stringify(event));
  });
}

const bad: readonly string[] = [
  '',
  'x',
  '[]',
  '{}',
  '{"a": "x"}',
  '{"a": []}',
  '{"a": {}}',
  '{"a": [[1]]}',
  '{"a": [{}]}',
  '{"a": [{"prefix": 1}]}',
  '{"a": [{"prefix": "a", "suffix": "b"}]}',
  '{"a": [{"unknown": "a"}]}',
  '{"a": [{"numeric": [">"]}]}',
  '{"a": [{"numeric": ["!", 1]}]}',
  '{"a": [{"exists": "yes"}]}',
  '{"a": [{"cidr": "10.0.0.0/33"}]}',
  '{"a": [{"wildcard": "a**b"}]}',
  '{"a": [{"anything-but": []}]}',
  '{"$or": [{"a": [1]}]}',
  `{"a": ["${'x'.repeat(4_096)}"]}`,
];
for (const text of bad) {
  test(`it is no pattern: ${text.slice(0, 40)}`, () => {
    assert.throws(() => parseEventPattern(text), { code: 'invalid_argument' });
  });
}

test('a list of values matches exactly the events that have one of them, and anything-but the others', () => {
  const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  fc.assert(
    fc.property(fc.array(scalar, { minLength: 1 }), scalar, (values, value) => {
      const isIn = values.includes(value);
      assert.equal(matches({ a: values }, { a: value }), isIn);
      assert.equal(matches({ a: [{ 'anything-but': values }] }, { a: value }), !isIn);
    }),
  );
});

test('a wildcard agrees with the regular expression that it means', () => {
  const piece = fc.stringMatching(/^[ab]{0,3}$/);
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[ab]{1,3}$/), { minLength: 1, maxLength: 4 }),
      piece,
      piece,
      (pieces, first, text) => {
        const wildcard = `${first}*${pieces.join('*')}`;
        const expected = new RegExp(`^${wildcard.replaceAll('*', '.*')}$`).test(text + pieces.join('a'));
        assert.equal(matches({ a: [{ wildcard }] }, { a: text + pieces.join('a') }), expected);
      },
    ),
  );
});
