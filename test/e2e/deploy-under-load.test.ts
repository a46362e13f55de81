/** Deployments and rollbacks while sixteen connections call the function: nobody sees a failure, and everybody sees the new code at once. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const connections = 16;
const deployments = 8;

type Answer = { status: number; text: string };

let mayfly: StartedMayfly;
let project: string;
let agent: Agent;

before(async () => {
  project = await mkdtemp(join(tmpdir(), 'mayfly-under-load-'));
  agent = new Agent({ keepAlive: true, maxSockets: connections });
  mayfly = await startMayfly();
});

after(async () => {
  agent.destroy();
  await mayfly[Symbol.asyncDispose]();
  await rm(project, { recursive: true, force: true });
});

function call(): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = get(`${mayfly.http}/which`, { agent }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}

/** Calls on every connection until it is disposed of. `answers`: what was answered, and how many times. */
function callers(): AsyncDisposable & { answers: ReadonlyMap<string, number> } {
  const answers = new Map<string, number>();
  let isEnding = false;
  const caller = async (): Promise<void> => {
    while (!isEnding) {
      const { status, text } = await call().catch((error: Error) => ({ status: 0, text: error.message }));
      const key = `${status} ${text}`;
      answers.set(key, (answers.get(key) ?? 0) + 1);
    }
  };
  const calling = Array.from({ length: connections }, caller);
  return {
    answers,
    async [Symbol.asyncDispose]() {
      isEnding = true;
      await Promise.all(calling);
    },
  };
}

async function whileCalled(work: () => Promise<void>): Promise<ReadonlyMap<string, number>> {
  await using load = callers();
  await work();
  return load.answers;
}

const python = (version: number): string =>
  `def handler(event, context):\n    return {"statusCode": 200, "body": "code ${version}"}\n`;
const node = (version: number): string =>
  `export const handler = async () => ({ statusCode: 200, body: "code ${version}" });\n`;

for (const { runtime, file, code } of [
  { runtime: 'nodejs', file: 'which.mjs', code: node },
  { runtime: 'python', file: 'which.py', code: python },
]) {
  describe(`a function in ${runtime} that is called all the time`, () => {
    const deploy = async (version: number): Promise<void> => {
      await writeFile(
        join(project, 'mayfly.yaml'),
        `application: load
functions:
  which:
    runtime: ${runtime}
    handler: which.handler
    code: ${file}
    memory: 128
    events: [{ http: GET /which }]
`,
      );
      await writeFile(join(project, file), code(version));
      await mayfly.json('deploy', project);
    };

    test('is deployed and rolled back without one failed request', async () => {
      await deploy(0);
      const answers = await whileCalled(async () => {
        for (let version = 1; version <= deployments; version++) {
          await deploy(version);
          assert.equal((await call()).text, `code ${version}`, 'what is deployed answers from then on');
          if (version % 2 === 1) continue;
          await mayfly.json('rollback', 'which');
          assert.equal((await call()).text, `code ${version - 1}`, 'what is rolled back to answers from then on');
        }
      });
      const expected = Array.from({ length: deployments + 1 }, (_, version) => `200 code ${version}`);
      assert.deepEqual(
        [...answers.keys()].filter((answer) => !expected.includes(answer)),
        [],
      );
      const total = [...answers.values()].reduce((sum, count) => sum + count, 0);
      assert.ok(total > connections * deployments, `${total} calls were answered meanwhile`);
    });
  });
}
