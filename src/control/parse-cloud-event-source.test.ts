import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlatformError } from '../util/errors.ts';
import { parseCloudEventSource } from './parse-cloud-event-source.ts';

const plain = { kind: 'cloudevent', path: '/events', secrets: [] };

test('what the command line sends is read as it is', () => {
  for (const one of [
    plain,
    { ...plain, secrets: ['OLD', 'NEW'], reply: 'binary' },
    { ...plain, filter: '[{"exact":{"type":"a"}},{"any":[{"not":{"prefix":{"source":"/b"}}}]}]', bus: 'default' },
  ])
    assert.deepEqual(parseCloudEventSource(one, 'source'), one);
});

test('what is wrong is refused by the name of its field', () => {
  const wrong: readonly [string, Record<string, unknown>][] = [
    ['source.path', { ...plain, path: '/events/{name}' }],
    ['source.path', { ...plain, path: 'events' }],
    ['source.secrets', { ...plain, secrets: undefined }],
    ['source.secrets', { ...plain, secrets: ['A', 'B', 'C', 'D'] }],
    ['source.secrets[0]', { ...plain, secrets: ['no-name'] }],
    ['source.reply', { ...plain, reply: 'batched' }],
    ['source.reply', { ...plain, reply: 'binary', bus: 'default' }],
    ['source.bus', { ...plain, bus: 'a bus' }],
    ['source.filter', { ...plain, filter: [] }],
    ['source.filter', { ...plain, filter: '[]' }],
    ['source.filter', { ...plain, filter: '[{"exact":{"Type":"a"}}]' }],
    ['source.filter', { ...plain, filter: '[{"sql":"type = 1"}]' }],
    ['source.filter', { ...plain, filter: `[${'{"not":'.repeat(40)}{"exact":{"type":"a"}}${'}'.repeat(40)}]` }],
  ];
  for (const [field, one] of wrong) {
    assert.throws(
      () => parseCloudEventSource(one, 'source'),
      (error) => error instanceof PlatformError && error.code === 'invalid_argument' && error.field === field,
      `${field} of ${JSON.stringify(one)}`,
    );
  }
});
