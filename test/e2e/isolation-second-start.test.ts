/** A platform that is started by mistake where one runs already: it takes nothing of what that stands on, and ends nothing in it. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

let mayfly: StartedMayfly;
let project: string;

before(async () => {
  mayfly = await startMayfly({ flags: ['--prebooted', '1'] });
  project = await mkdtemp(join(tmpdir(), 'mayfly-second-'));
  const of = (name: string): string =>
    `  ${name}: { runtime: python, handler: own.handler, events: [{ http: GET /${name} }] }`;
  await writeFile(join(project, 'mayfly.yaml'), `functions:\n${['warm', 'cold'].map(of).join('\n')}\n`);
  await writeFile(
    join(project, 'own.py'),
    'import uuid\nown = str(uuid.uuid4())\ndef handler(event, context):\n    return own\n',
  );
  await mayfly.json('deploy', project);
});

after(async () => {
  await mayfly[Symbol.asyncDispose]();
  await rm(project, { recursive: true });
});

async function call(path: string): Promise<string> {
  const response = await fetch(mayfly.http + path);
  assert.equal(response.status, 200);
  return response.text();
}

test('it is refused; who ran goes on in the same environment, and new ones begin', async () => {
  const own = await call('/warm');
  await assert.rejects(mayfly.json('serve', '--api-port', '0', '--http-port', '0'), {
    stdout: /is in use by another process/,
  });
  assert.equal(await call('/warm'), own);
  assert.match(await call('/cold'), /-/);
  // Until the one that ran is killed: then it is the next one's.
  mayfly = await mayfly.killAndRestart();
  assert.notEqual(await call('/warm'), own);
});
