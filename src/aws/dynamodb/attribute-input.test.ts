import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlatformError } from '../../util/errors.ts';
import { readItem, readValue, type WireValue } from './attribute-input.ts';

const invalid = 'One or more parameter values were invalid:';
const bytes = (text: string): Uint8Array => Buffer.from(text);

function nested(levels: number): WireValue {
  return levels === 1 ? { S: 'leaf' } : { M: { in: nested(levels - 1) } };
}

test('a value that no attribute may have is told why', () => {
  const wrong: [WireValue, string][] = [
    [{}, 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'],
    [
      { S: 'a', N: '1' },
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    ],
    [{ N: '' }, 'The parameter cannot be converted to a numeric value'],
    [{ N: 'b' }, 'The parameter cannot be converted to a numeric value: b'],
    [{ N: '1e126' }, 'Number overflow. Attempting to store a number with magnitude larger than supported range'],
    [{ N: '1e-131' }, 'Number underflow. Attempting to store a number with magnitude smaller than supported range'],
    [{ N: '1'.repeat(39) }, 'Attempting to store more than 38 significant digits in a Number'],
    [{ NULL: false }, `${invalid} Null attribute value types must have the value of true`],
    [{ SS: [] }, `${invalid} An string set  may not be empty`],
    [{ NS: [] }, `${invalid} An number set  may not be empty`],
    [{ BS: [] }, `${invalid} Binary sets should not be empty`],
    [{ SS: ['a', ''] }, `${invalid} An string set may not have a empty string as a member`],
    [{ SS: ['a', 'a'] }, `${invalid} Input collection [a, a] contains duplicates.`],
    [{ NS: ['1', '1.0'] }, 'Input collection contains duplicates'],
    [{ BS: [bytes('a'), bytes('a')] }, `${invalid} Input collection [YQ==, YQ==]of type BS contains duplicates.`],
    [
      { L: [{ S: 'fine' }, {}] },
      'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes',
    ],
    [
      nested(33),
      'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
    ],
  ];
  for (const [value, message] of wrong)
    assert.throws(
      () => readValue(value),
      (error) => error instanceof PlatformError && error.message === message && error.reason === 'ValidationException',
      message,
    );
});

test('numbers are read into their one form, and names are whatever they are', () => {
  assert.deepEqual(readValue({ NS: ['1.0', '2e1'] }), { NS: ['1', '20'] });
  assert.deepEqual(readValue({ S: '' }), { S: '' });
  assert.deepEqual(readValue({ B: bytes('') }), { B: bytes('') });
  readValue(nested(32));
  const item = readItem(JSON.parse('{"__proto__": {"S": "x"}, "a": {"M": {"__proto__": {"N": "01"}}}}') as {});
  assert.deepEqual(Object.keys(item), ['__proto__', 'a']);
  assert.equal(JSON.stringify(item), '{"__proto__":{"S":"x"},"a":{"M":{"__proto__":{"N":"1"}}}}');
});
