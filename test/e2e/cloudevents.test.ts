/** CloudEvents on the whole platform, sent by the official SDK: what was answered 202 survives kill -9. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudEvent, HTTP, type CloudEventV1 } from 'cloudevents';
import { eventually } from '../harness/eventually.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const waitMs = 60_000;
const command = join(import.meta.dirname, '../../bin/mayfly');
const run = promisify(execFile);

const code = `import json
def handler(event, context):
    print('SEEN ' + json.dumps(event))

def reply(event, context):
    return {'specversion': '1.0', 'id': event['id'] + '-reply', 'source': '/echo', 'type': 'echo', 'data': event['data']}
`;
const manifest = `application: cloud
functions:
  seen:
    runtime: python
    handler: code.handler
    code: code.py
    events:
      - cloudevent: { path: /events, type: com.example.*, secret: TOKEN }
      - cloudevent: { path: /bus, bus: default }
      - bus: { pattern: { detail-type: [on.a.bus] } }
  echo:
    runtime: python
    handler: code.reply
    code: code.py
    events:
      - cloudevent: { path: /echo, reply: binary }
`;

let project: string;
let mayfly: StartedMayfly;

before(async () => {
  project = await mkdtemp(join(tmpdir(), 'mayfly-cloudevents-'));
  await writeFile(join(project, 'mayfly.yaml'), manifest);
  await writeFile(join(project, 'code.py'), code);
  mayfly = await startMayfly();
  const env = { ...process.env, TOKEN: 'a-long-token' };
  await run(command, ['deploy', project, '--data', mayfly.data], { env });
});

after(async () => {
  await mayfly[Symbol.asyncDispose]();
  await rm(project, { recursive: true, force: true });
});

async function send(path: string, message: ReturnType<typeof HTTP.binary>, token = 'a-long-token'): Promise<Response> {
  const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)]));
  const response = await fetch(`${mayfly.http}${path}`, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${token}` },
    body: String(message.body),
  });
  return response;
}

const logged = (text: string): Promise<string> =>
  eventually(`a line with ${text}`, waitMs, async () => {
    const found = (await mayfly.json('logs', 'seen')) as { lines: { text: string }[] };
    return found.lines.map((line) => line.text).find((line) => line.startsWith('SEEN') && line.includes(text));
  });

const event = (id: string, type = 'com.example.paid'): CloudEvent<unknown> =>
  new CloudEvent({ id, source: '/shop', type, data: { order: id } });

test('in each mode, and over kill -9', async () => {
  assert.equal((await send('/events', HTTP.binary(event('none')), 'a guess')).status, 401);
  assert.equal((await send('/events', HTTP.structured(event('structured')))).status, 202);
  const batch = {
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    body: JSON.stringify([event('first'), event('second'), event('unwanted', 'org.example')]),
  };
  assert.equal((await send('/events', batch)).status, 202);
  assert.equal((await send('/events', HTTP.binary(event('binary')))).status, 202);
  mayfly = await mayfly.killAndRestart();
  for (const id of ['structured', 'first', 'second', 'binary']) await logged(`"data": {"order": "${id}"}`);
});

test('onto a bus, and from there to the function', async () => {
  assert.equal((await send('/bus', HTTP.structured(event('bussed', 'on.a.bus')))).status, 202);
  await logged('"detail": {"order": "bussed"}');
});

test('a sender that waits has the answer as a CloudEvent', async () => {
  const response = await send('/echo', HTTP.binary(event('asked')));
  const answer = HTTP.toEvent({ headers: Object.fromEntries(response.headers), body: await response.text() });
  assert.ok(!Array.isArray(answer));
  assert.deepEqual([answer.id, answer.type, answer.data], ['asked-reply', 'echo', { order: 'asked' }]);
});

test('what became of an event is posted to its destination, also after kill -9', async (context) => {
  const got: CloudEventV1<unknown>[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      // The first time nobody is there yet.
      if (isUp)
        got.push(...[HTTP.toEvent({ headers: { ...request.headers }, body: Buffer.concat(chunks).toString() })].flat());
      response.writeHead(isUp ? 204 : 503).end();
    });
  });
  let isUp = false;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const told = manifest.replace(
    '    code: code.py\n',
    `    code: code.py\n    destinations: { onSuccess: { url: 'http://127.0.0.1:${port}/in', mode: batched } }\n`,
  );
  await writeFile(join(project, 'mayfly.yaml'), told);
  await run(command, ['deploy', project, '--data', mayfly.data], { env: { ...process.env, TOKEN: 'a-long-token' } });
  assert.equal((await send('/events', HTTP.structured(event('told')))).status, 202);
  await logged('"data": {"order": "told"}');
  mayfly = await mayfly.killAndRestart();
  isUp = true;
  const record = await eventually('the record', waitMs, () => Promise.resolve(got[0]));
  const { requestPayload } = record.data as { requestPayload: { id: string } };
  assert.deepEqual([record.type, requestPayload.id], ['mayfly.invocation.succeeded', 'told']);
});
