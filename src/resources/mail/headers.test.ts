import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeWords, headerValues, parseMailHeaders, withoutHeaders } from './headers.ts';

const raw = Buffer.from(
  'From: a@example.com\r\nSubject: one\r\n two\r\nX-A: 1\r\nx-a: 2\r\nno header\r\nBcc: hidden@example.com,\r\n\tmore@example.com\r\n\r\nBcc: in the text\r\n',
);

test('headers are unfolded, and found whatever their case', () => {
  const headers = parseMailHeaders(raw);
  assert.deepEqual(headerValues(headers, 'subject'), ['one two']);
  assert.deepEqual(headerValues(headers, 'x-a'), ['1', '2']);
  assert.equal(headers.length, 5);
  assert.deepEqual(parseMailHeaders(Buffer.from('Subject: alone')), [{ name: 'Subject', value: 'alone' }]);
});

test('a header is taken out with its further lines, and nothing else changes', () => {
  const text = withoutHeaders(raw, ['bcc']).toString();
  assert.doesNotMatch(text, /hidden|more@/);
  assert.ok(text.endsWith('no header\r\n\r\nBcc: in the text\r\n'));
  const bytes = Buffer.concat([Buffer.from('A: b\r\n\r\n'), Buffer.from([0xff, 0x00, 0xe9])]);
  assert.deepEqual(withoutHeaders(bytes, ['bcc']), bytes);
});

test('words in another alphabet are read', () => {
  assert.equal(decodeWords('=?utf-8?B?R3LDvMOfZQ==?= aus =?iso-8859-1?q?Z=FCrich?='), 'Grüße aus Zürich');
  assert.equal(decodeWords('=?utf-8?q?a?= =?utf-8?q?b?='), 'ab');
  assert.equal(decodeWords('=?nothing?q?a?='), '=?nothing?q?a?=');
});
