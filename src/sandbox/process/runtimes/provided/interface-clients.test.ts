/** AWS's own runtime interface clients, as custom runtimes: what they ask of the Runtime API, it answers. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  answerOf,
  errorOf,
  openTestSandbox,
  projectRoot,
  type TestSandbox,
} from '../../../../../test/fakes/process-sandbox.ts';
import { TakenAnswer } from '../../../../../test/fakes/taken-answer.ts';
import { nodeInside } from '../node/node-runtime.ts';

const client = join(projectRoot, 'node_modules/aws-lambda-ric');
const store = join(projectRoot, 'node_modules/@aws/lambda-invoke-store');
const isBuilt = existsSync(join(client, 'rapid-client.node'));

const handlers = `
import { setTimeout as wait } from 'node:timers/promises';
export const echo = async (event, context) => {
  console.log('called', event);
  const { awsRequestId, invokedFunctionArn, clientContext, identity } = context;
  return { event, awsRequestId, invokedFunctionArn, clientContext, identity, left: context.getRemainingTimeInMillis() > 0 };
};
export const fail = async () => { throw new RangeError('too far'); };
export const large = async () => 'x'.repeat(7 * 1024 * 1024);
export const stream = awslambda.streamifyResponse(async (event, answer) => {
  answer.setContentType('text/plain');
  for (const word of ['one ', 'two ', 'three']) { answer.write(word); await wait(5); }
  answer.end();
});
export const breaks = awslambda.streamifyResponse(async (event, answer) => {
  awslambda.HttpResponseStream.from(answer, { statusCode: 201 }).write('some');
  await wait(50);
  throw new RangeError('dry');
});
`;

describe(
  'aws-lambda-ric for Node.js',
  { skip: !isBuilt && 'its native part is not built: run scripts/build-runtime-clients' },
  () => {
    let opened: TestSandbox;
    before(async () => (opened = await openTestSandbox()));
    after(() => opened.close());

    async function start(name: string) {
      const place = 'node_modules/aws-lambda-ric';
      const files: Record<string, string | Uint8Array> = {
        bootstrap: `#!/bin/sh\nexec ${nodeInside} /var/task/${place}/index.mjs\n`,
        'app.mjs': handlers,
      };
      for (const file of ['index.mjs', 'package.json', 'rapid-client.node'])
        files[`${place}/${file}`] = await readFile(join(client, file));
      for (const file of ['package.json', 'dist-cjs/invoke-store.js', 'dist-es/invoke-store.js'])
        files[`node_modules/@aws/lambda-invoke-store/${file}`] = await readFile(join(store, file));
      // As the platform gives it; the sandbox alone knows no streams of logs.
      const variables = { AWS_LAMBDA_LOG_STREAM_NAME: 'stream' };
      return opened.start({ runtime: 'provided', handler: `app.${name}`, files, memoryMb: 512, variables });
    }

    test('answers event after event, with all of the context', async () => {
      const { init, invoke, lines, environment } = await start('echo');
      assert.deepEqual(init, { status: 'ready' }, JSON.stringify(lines));
      for (const id of ['r-1', 'r-2']) {
        const clientContext = '{"custom":{"from":"Zürich"}}';
        const answer = answerOf(await invoke({ id, text: 'Zoë' }, { requestId: id as never, clientContext }));
        assert.deepEqual(answer, {
          event: { id, text: 'Zoë' },
          awsRequestId: id,
          invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:tried',
          clientContext: JSON.parse(clientContext) as unknown,
          left: true,
        });
      }
      assert.match(lines.map(({ text }) => text).join('\n'), /r-1\tINFO\tcalled/);
      await environment.stop();
    });

    test('its errors keep their type, message and stack', async () => {
      const { invoke, environment } = await start('fail');
      const { errorType, errorMessage, ...more } = errorOf(await invoke({}));
      assert.deepEqual([errorType, errorMessage], ['RangeError', 'too far']);
      assert.match(String(more['trace']), /app\.mjs/);
      await environment.stop();
    });

    test('a handler that is not there is an error of the initialisation', async () => {
      const { init } = await start('missing');
      assert.equal(errorOf(init).errorType, 'Runtime.HandlerNotFound');
    });

    test('an answer over the limit is refused, and the next event comes', async () => {
      const { invoke, environment } = await start('large');
      assert.equal(errorOf(await invoke({})).errorType, 'Function.ResponseSizeTooLarge');
      await environment.stop();
    });

    test('streams', async () => {
      const { invoke, environment } = await start('stream');
      const outcome = await invoke({});
      assert.equal(outcome.status, 'response', JSON.stringify(outcome));
      if (outcome.status === 'response') {
        assert.equal(Buffer.from(outcome.payload).toString(), 'one two three');
        assert.deepEqual(outcome.streamed, { bytes: 13, contentType: 'text/plain' });
      }
      await environment.stop();
    });

    test('tells what went wrong half-way', async () => {
      const { invoke, environment } = await start('breaks');
      for (let call = 0; call < 2; call++) {
        const taken = new TakenAnswer();
        const { errorType, errorMessage } = errorOf(await invoke({}, { taker: taken }));
        assert.deepEqual([errorType, errorMessage], ['RangeError', 'dry']);
        assert.equal(taken.text, `{"statusCode":201}${'\0'.repeat(8)}some`);
        assert.equal(taken.hasEnded, false);
      }
      await environment.stop();
    });
  },
);

const hasPythonClient = (): boolean => {
  try {
    execFileSync('/usr/bin/python3', ['-I', '-c', 'import awslambdaric'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

describe(
  "awslambdaric for the system's Python",
  { skip: !hasPythonClient() && 'awslambdaric is not installed for /usr/bin/python3' },
  () => {
    test('answers event after event', async (t) => {
      const opened = await openTestSandbox();
      t.after(() => opened.close());
      const files = {
        bootstrap: '#!/bin/sh\nexec /usr/bin/python3 -m awslambdaric app.handler\n',
        'app.py': 'def handler(event, context):\n    return {"event": event, "id": context.aws_request_id}\n',
      };
      const { invoke, environment } = await opened.start({ runtime: 'provided', handler: 'app.handler', files });
      for (const id of ['r-1', 'r-2'])
        assert.deepEqual(answerOf(await invoke({ id }, { requestId: id as never })), { event: { id }, id });
      await environment.stop();
    });
  },
);
