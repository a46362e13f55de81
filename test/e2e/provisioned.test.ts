/** A deployment of a function that is kept ready: its callers go from one version to the next without waiting for a start. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually } from '../harness/eventually.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

let mayfly: StartedMayfly;
let project: string;

before(async () => {
  project = await mkdtemp(join(tmpdir(), 'mayfly-provisioned-'));
  mayfly = await startMayfly();
});

after(async () => {
  await mayfly[Symbol.asyncDispose]();
  await rm(project, { recursive: true, force: true });
});

async function deploy(version: number, lines = 'provisioned: 2'): Promise<void> {
  const manifest = `application: kept\nfunctions:\n  kept:\n    runtime: nodejs\n    handler: index.handler\n    ${lines}\n    events: [{ http: GET /kept }]\n`;
  await writeFile(join(project, 'mayfly.yaml'), manifest);
  await writeFile(
    join(project, 'index.mjs'),
    `export const handler = async () => '${version} ' + process.env.AWS_LAMBDA_INITIALIZATION_TYPE;\n`,
  );
  await mayfly.json('deploy', project);
}

const call = async (): Promise<string> => (await (await fetch(`${mayfly.http}/kept`)).json()) as string;

test('nobody waits for a start, before a deployment, while it is done, or after it', async () => {
  await deploy(1);
  // A function that was not there is called by nobody yet, so that its deployment waits for nothing.
  await eventually('an environment that is kept ready', 60_000, async () =>
    (await call()) === '1 provisioned-concurrency' ? true : undefined,
  );
  const seen = new Set<string>();
  let isDeployed = false;
  const calling = (async () => {
    while (!isDeployed) seen.add(await call());
    seen.add(await call());
  })();
  await deploy(2);
  isDeployed = true;
  await calling;
  assert.deepEqual([...seen], ['1 provisioned-concurrency', '2 provisioned-concurrency']);
  await deploy(3, 'provisioned: 0');
  assert.equal(await call(), '3 on-demand');
});
