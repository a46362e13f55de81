import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { listLetters, purgeLetters, redriveLetters } from './dead-letters.ts';
import type { Call, ControlContext, Endpoint } from './endpoint.ts';

/** `removed` has a letter and is no longer there, `hello` is there and has none. */
const lettersOf = (place: string): { id: string }[] => (place === 'function:removed' ? [{ id: 'letter-1' }] : []);
const context = {
  deadLetterPlaces: {
    list: (_account: string, place: string) => Promise.resolve(lettersOf(place)),
    redrive: (_account: string, place: string) =>
      Promise.resolve({ sent: lettersOf(place).map(({ id }) => ({ id })), refused: [], left: 0 }),
    purge: (_account: string, place: string) => Promise.resolve(lettersOf(place).length),
  },
  registry: {
    get: (_account: string, name: string) => (name === 'hello' ? {} : undefined),
    list: () => [{ name: 'hello' }],
  },
} as unknown as ControlContext;

async function answered(endpoint: Endpoint, place: string, query = ''): Promise<Record<string, unknown>> {
  const request = { body: Readable.from([Buffer.from('{"all":true}')]) };
  const call = { account: '000000000000', parameters: { place }, query: new URLSearchParams(query), request };
  const { body } = await endpoint(context, call as unknown as Call);
  return JSON.parse(body as string) as Record<string, unknown>;
}

const listed = async (place: string): Promise<unknown> => (await answered(listLetters, place))['letters'];

test('the letters of a function that is not there are refused by its name, but those that it left', async () => {
  assert.deepEqual(await listed('function:hello'), []);
  assert.deepEqual(await listed('function:removed'), [{ id: 'letter-1' }]);
  assert.deepEqual(await listed('queue:jobs-dead'), []);
  await assert.rejects(listed('function:helo'), {
    code: 'not_found',
    message: "there is no function 'helo'; deployed: hello",
  });
});

test('nothing is sent again or dropped of a function that is not there', async () => {
  for (const [endpoint, query] of [[redriveLetters, ''] as const, [purgeLetters, 'all=1'] as const]) {
    await answered(endpoint, 'function:hello', query);
    await answered(endpoint, 'function:removed', query);
    await assert.rejects(answered(endpoint, 'function:helo', query), { code: 'not_found', field: 'place' });
  }
});
