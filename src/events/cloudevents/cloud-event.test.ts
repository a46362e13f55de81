import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkedCloudEvent } from './cloud-event.ts';

test('an extension may have the name of something that every object has', () => {
  const event = { specversion: '1.0', id: 'a', type: 'b', source: '/c', constructor: 'd', valueof: true };
  assert.deepEqual(checkedCloudEvent(event), event);
});
