import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atPath, checkInput, inputText } from './target-input.ts';

const rule = { arn: 'arn:aws:events:us-east-1:000000000000:rule/r', name: 'r', ingestionTimeMs: 0 };
const event = {
  id: '1',
  'detail-type': 'D',
  detail: { items: [{ name: 'a"b' }, { name: 'c' }], n: 1, o: { p: true } },
};

const template = (text: string, paths: Record<string, string> = {}): string =>
  inputText({ kind: 'template', paths, template: text }, event, rule);

test('paths lead into objects and lists', () => {
  assert.equal(atPath(event, '$.detail.items[1].name'), 'c');
  assert.equal(atPath(event, "$['detail-type']"), 'D');
  assert.equal(atPath(event, '$.detail-type'), 'D');
  assert.deepEqual(atPath(event, '$'), event);
  for (const nowhere of ['$.detail.items[9].name', '$.none.at.all', '$.detail.n.more', '$.detail.constructor'])
    assert.equal(atPath(event, nowhere), undefined, nowhere);
  for (const wrong of ['detail', '$.', '$.a[*]', '$..a', "$['a", '$.a b'])
    assert.throws(() => atPath(event, wrong), { reason: 'ValidationException' }, wrong);
});

test('outside of quotes a value is JSON, inside them its text', () => {
  const paths = { name: '$.detail.items[0].name', n: '$.detail.n', o: '$.detail.o', none: '$.none' };
  assert.equal(
    template('{"a": <name>, "b": "<name>!", "n": <n>, "o": <o>}', paths),
    '{"a": "a\\"b", "b": "a\\"b!", "n": 1, "o": {"p":true}}',
  );
  assert.equal(template('{"none": <none>, "text": "<none>"}', paths), '{"none": "", "text": ""}');
  assert.equal(template('"<name> and <o>"', paths), '"a\\"b and {p:true}"');
  assert.equal(template('plain <n>', paths), 'plain 1');
  assert.equal(template('{"a": "\\"<n>\\""}', paths), '{"a": "\\"1\\""}');
});

test('what EventBridge knows of the rule and the event', () => {
  assert.equal(
    template(
      '{"rule": <aws.events.rule-arn>, "at": <aws.events.event.ingestion-time>, "all": <aws.events.event.json>, "head": <aws.events.event>}',
    ),
    JSON.stringify({
      rule: rule.arn,
      at: '1970-01-01T00:00:00.000Z',
      all: event,
      head: { id: '1', 'detail-type': 'D' },
    })
      .replaceAll('":"arn', '": "arn')
      .replace('"at":', ' "at": ')
      .replace('"all":', ' "all": ')
      .replace('"head":', ' "head": '),
  );
});

test('what could not be sent is refused when it is set', () => {
  assert.throws(
    () => checkInput({ kind: 'template', paths: { x: '$.detail.x' }, template: '{"x": <x>, "y": <y>}' }, '7'),
    /InputTemplate for target 7 contains invalid placeholder y\. .*: x, aws\.events\.rule-name/,
  );
  checkInput({ kind: 'template', paths: { x: '$.detail.x' }, template: '<x> of <aws.events.rule-name>' }, '7');
  assert.throws(() => checkInput({ kind: 'constant', text: '{no' }, '1'), /JSON syntax error/);
  assert.throws(() => checkInput({ kind: 'path', path: 'x' }, '1'), /Invalid InputPath/);
  assert.throws(
    () => checkInput({ kind: 'template', paths: { 'aws.x': '$.a' }, template: '<aws.x>' }, '1'),
    /reserved prefix/,
  );
});
