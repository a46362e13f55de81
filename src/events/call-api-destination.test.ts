/** Calls of API destinations by a rule's target, whose receiver reads CloudEvents with the official SDK. */
import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { test } from 'node:test';
import { HTTP } from 'cloudevents';
import type { ApiDestination, Connection } from '../resources/event-bus/api-destination.ts';
import type { TargetInput } from '../resources/event-bus/rule.ts';
import { FakeClock } from '../util/fake-clock.ts';
import type { AccountId } from '../util/ids.ts';
import { createApiDestinationCaller } from './call-api-destination.ts';
import { filledHttp } from './http-parameters.ts';
import { inputText } from './target-input.ts';

const account = '000000000000' as AccountId;
const event = {
  id: 'e-1',
  source: 'shop',
  'detail-type': 'Order "Paid"',
  detail: { order: 7, note: 'grüße' },
};
const rule = { arn: 'arn:rule', name: 'rule', ingestionTimeMs: 0 };
const paths = { id: '$.id', source: '$.source', type: '$.detail-type', data: '$.detail' };

const connection = {
  account,
  name: 'out',
  id: 'c-1',
  auth: { kind: 'API_KEY', name: 'X-Key', value: 'sealed' },
  authKind: 'API_KEY',
  extras: { headers: [], query: [], body: [] },
  createdMs: 0,
  modifiedMs: 0,
} satisfies Connection;

test('with a transformer and headers, an API destination is sent CloudEvents, structured and binary', async (context) => {
  const got: { headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const destination: ApiDestination = {
    account,
    name: 'out',
    connection: 'out',
    endpoint: `http://127.0.0.1:${address.port}/in`,
    method: 'POST',
    ratePerSecond: 10,
    isPublicOnly: false,
    createdMs: 0,
    modifiedMs: 0,
    id: 'd-1',
  };
  const callDestination = createApiDestinationCaller({
    apis: { connection: () => connection },
    sealer: { open: () => 'the key' },
    clock: new FakeClock(),
  });
  const structured = '{"specversion": "1.0", "id": <id>, "source": <source>, "type": <type>, "data": <data>}';
  const ways: readonly [TargetInput, Record<string, string>][] = [
    [{ kind: 'template', paths, template: structured }, { 'Content-Type': 'application/cloudevents+json' }],
    [
      { kind: 'path', path: '$.detail' },
      { 'ce-specversion': '1.0', 'ce-id': '$.id', 'ce-source': '$.source', 'ce-type': 'paid' },
    ],
  ];
  for (const [input, headers] of ways) {
    const http = filledHttp({ pathValues: [], query: {}, headers }, event);
    await callDestination(destination, { text: inputText(input, event, rule), http });
  }
  const read = got.flatMap(({ headers, body }) => HTTP.toEvent({ headers: { ...headers }, body }));
  assert.deepEqual(
    read.map(({ id, source, type, data }) => ({ id, source, type, data })),
    [
      { id: 'e-1', source: 'shop', type: 'Order "Paid"', data: event.detail },
      { id: 'e-1', source: 'shop', type: 'paid', data: event.detail },
    ],
  );
  assert.ok(got.every(({ headers }) => headers['x-key'] === 'the key'));
});
