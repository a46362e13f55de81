import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listLetters } from './dead-letters.ts';
import type { Call, ControlContext } from './endpoint.ts';

/** `removed` has a letter and is no longer there, `hello` is there and has none. */
async function listed(place: string): Promise<unknown> {
  const context = {
    deadLetterPlaces: {
      list: () => Promise.resolve(place === 'function:removed' ? [{ id: 'letter-1' }] : []),
    },
    registry: {
      get: (_account: string, name: string) => (name === 'hello' ? {} : undefined),
      list: () => [{ name: 'hello' }],
    },
  } as unknown as ControlContext;
  const call = { account: '000000000000', parameters: { place }, query: new URLSearchParams() } as unknown as Call;
  const { body } = await listLetters(context, call);
  return (JSON.parse(body as string) as { letters: unknown }).letters;
}

test('the letters of a function that is not there are refused by its name, but those that it left', async () => {
  assert.deepEqual(await listed('function:hello'), []);
  assert.deepEqual(await listed('function:removed'), [{ id: 'letter-1' }]);
  assert.deepEqual(await listed('queue:jobs-dead'), []);
  await assert.rejects(listed('function:helo'), {
    code: 'not_found',
    message: "there is no function 'helo'; deployed: hello",
  });
});
