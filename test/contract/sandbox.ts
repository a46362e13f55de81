/** What every sandbox owes the rest of the house, whatever it is made of and whatever runtime is in it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { RuntimeName } from '../../src/util/runtime-names.ts';
import {
  stackLines,
  type Environment,
  type InvokeRequest,
  type OutputLine,
  type Sandbox,
  type SandboxEvents,
} from '../../src/sandbox/sandbox.ts';
import type { EnvironmentId, RequestId } from '../../src/util/ids.ts';
import { answerOf, errorOf } from '../fakes/process-sandbox.ts';
import { resolvedFunction } from '../fakes/resolved.ts';
import { inTime } from '../harness/in-time.ts';

/** A program of test/contract/programs/: it does what the event says. */
export type ContractProgram = {
  runtime: RuntimeName;
  bundlePath: string;
  /** What `fail` throws. */
  failure: { errorType: string; errorMessage: string; stack: RegExp };
  /** Default: `index.handler`. */
  handler?: string;
  /** Code that cannot be loaded; default: `missing.handler`, which is `Runtime.ImportModuleError`. */
  missing?: { handler?: string; errorType: string };
  /** How an answer that is not JSON is reported; absent where the program itself writes JSON. */
  badAnswer?: string;
};

export type OpenSandbox = (events: SandboxEvents) => Promise<{ sandbox: Sandbox; close(): Promise<void> }>;

/** Long enough for the slowest thing here on a busy machine. */
const timeoutMs = 20_000;
const memoryMb = 256;

/** Of what a busy machine may spoil. */
const triesMax = 100;

export function sandboxContract(name: string, open: OpenSandbox, program: ContractProgram): void {
  describe(`sandbox contract: ${name}`, () => {
    const output = new Map<EnvironmentId, OutputLine[]>();
    const connections: { environment: EnvironmentId; socket: Socket }[] = [];
    let opened: Awaited<ReturnType<OpenSandbox>>;
    let count = 0;

    before(async () => {
      opened = await open({
        output: (environment, line) => void output.set(environment, [...(output.get(environment) ?? []), line]),
        connection(environment, socket) {
          connections.push({ environment, socket });
          socket.once('data', () =>
            socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello'),
          );
          socket.on('error', () => {});
        },
      });
    });
    after(() => opened.close());

    const linesOf = (environment: Environment, requestId: RequestId | undefined): string[] =>
      (output.get(environment.id) ?? []).filter((line) => line.requestId === requestId).map((line) => line.text);

    async function start(
      handler = program.handler ?? 'index.handler',
    ): Promise<{ environment: Environment; init: ReturnType<Environment['init']> }> {
      const { version } = resolvedFunction('tried', { runtime: program.runtime, handler, memoryMb });
      const { bundlePath } = program;
      const code = opened.sandbox.bootsWithoutCode ? {} : { bundlePath };
      const id = `contract-${count++}` as EnvironmentId;
      const environment = await opened.sandbox.start({
        id,
        runtime: program.runtime,
        network: 'none',
        ephemeralMb: 512,
        ...code,
      });
      const variables = { GREETING: 'good day', AWS_LAMBDA_LOG_STREAM_NAME: id };
      return { environment, init: environment.init({ version, bundlePath, variables, timeoutMs }) };
    }

    async function ready(): Promise<Environment> {
      const { environment, init } = await start();
      assert.deepEqual(await init, { status: 'ready' });
      return environment;
    }

    function request(
      event: { do: string; [key: string]: unknown },
      options: Partial<InvokeRequest> = {},
    ): InvokeRequest {
      return {
        requestId: `request-${count++}` as RequestId,
        invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:tried:live',
        event: Buffer.from(JSON.stringify(event)),
        deadlineMs: Date.now() + timeoutMs,
        timeoutMs,
        traceId: 'Root=1-5759e988-bd862e3fe1be46a994272793',
        ...options,
      };
    }

    test('an event goes in and its answer comes out, again and again', async () => {
      const environment = await ready();
      for (const text of ['one', 'zwei', '三']) {
        const outcome = await environment.invoke(request({ do: 'echo', text }));
        assert.deepEqual(answerOf(outcome), { do: 'echo', text });
      }
      await environment.stop();
    });

    test('a failure comes with type, message and stack, and the environment lives on', async () => {
      const environment = await ready();
      const outcome = await environment.invoke(request({ do: 'fail' }));
      const error = errorOf(outcome);
      const { errorType, errorMessage } = error;
      assert.deepEqual(
        { errorType, errorMessage },
        { errorType: program.failure.errorType, errorMessage: program.failure.errorMessage },
      );
      assert.match(stackLines(error).join('\n'), program.failure.stack);
      assert.deepEqual(answerOf(await environment.invoke(request({ do: 'echo' }))), { do: 'echo' });
      await environment.stop();
    });

    test('code that cannot be loaded is said by init, and ends the environment', async () => {
      const { environment, init } = await start(program.missing?.handler ?? 'missing.handler');
      const error = errorOf(await init);
      assert.equal(error.errorType, program.missing?.errorType ?? 'Runtime.ImportModuleError');
      assert.match(error.errorMessage, /not.there/);
      await environment.ended;
    });

    test('what is still running at the deadline is ended then, and what it printed is there', async () => {
      await inTime(500, async (lastsMs) => {
        const environment = await ready();
        const begun = request({ do: 'loop' }, { deadlineMs: Date.now() + lastsMs, timeoutMs: lastsMs });
        const sinceMs = performance.now();
        assert.deepEqual(await environment.invoke(begun), { status: 'timeout' });
        const tookMs = performance.now() - sinceMs;
        assert.ok(tookMs >= 0.9 * lastsMs, `took ${tookMs} ms`);
        const lines = linesAfterStamp(linesOf(environment, begun.requestId));
        await environment.ended;
        assert.deepEqual(await environment.invoke(request({ do: 'echo' })), { status: 'not_started' });
        // It had not come to that yet.
        if (lines.length === 0) return false;
        assert.deepEqual(lines, ['about to loop']);
        return true;
      });
    });

    test('a process that exits is told from one that crashed, and what it printed is there', async () => {
      const environment = await ready();
      const exiting = request({ do: 'exit' });
      assert.deepEqual(await environment.invoke(exiting), { status: 'exit', code: 3, signal: undefined });
      assert.deepEqual(linesAfterStamp(linesOf(environment, exiting.requestId)), ['about to exit']);
      await environment.ended;
    });

    test('using more memory than it has ends it as out of memory', async (t) => {
      const limit = (await opened.sandbox.capabilities()).find((capability) => capability.name.startsWith('memory'));
      if (limit !== undefined && limit.status !== 'ok') return t.skip(`memory is not limited here: ${limit.finding}`);
      const environment = await ready();
      assert.deepEqual(await environment.invoke(request({ do: 'remember' })), { status: 'out_of_memory' });
      await environment.ended;
    });

    test('all that was printed before the answer, by whatever process, is passed on before invoke resolves', async () => {
      const environment = await ready();
      assert.deepEqual(linesAfterStamp(linesOf(environment, undefined)), ['loading']);
      for (let turn = 0; turn < 3; turn++) {
        const printing = request({ do: 'print' });
        assert.equal(answerOf(await environment.invoke(printing)), null);
        assert.deepEqual(linesAfterStamp(linesOf(environment, printing.requestId)).sort(), ['one', 'three', 'two']);
      }
      await environment.stop();
    });

    test('what is handed over ahead is answered in order, and what has no room does not start', async () => {
      const environment = await ready();
      const { room } = environment;
      assert.ok(room >= 1);
      // Behind one that takes long they are called back, and on a machine that is busy each may.
      const areAllAnswered = async (): Promise<boolean> => {
        const outcomes = Array.from({ length: room + 1 }, (_, at) => environment.invoke(request({ do: 'echo', at })));
        assert.deepEqual(await outcomes.pop(), { status: 'not_started' });
        const settled = await Promise.all(outcomes);
        const answered = settled.filter(({ status }) => status !== 'not_started');
        const expected = Array.from({ length: answered.length }, (_, at) => ({ do: 'echo', at }));
        assert.deepEqual(answered.map(answerOf), expected);
        assert.ok(settled.slice(answered.length).every(({ status }) => status === 'not_started'));
        return answered.length === room;
      };
      let tries = 0;
      while (!(await areAllAnswered())) assert.ok((tries += 1) < triesMax, 'some were called back each time');
      await environment.stop();
    });

    test('an end is told to the one that runs; what waited behind it did not start', async () => {
      const environment = await ready();
      const running = environment.invoke(request({ do: 'exit' }));
      const behind = Array.from({ length: environment.room }, () => environment.invoke(request({ do: 'echo' })));
      assert.deepEqual(await running, { status: 'exit', code: 3, signal: undefined });
      for (const one of behind) assert.deepEqual(await one, { status: 'not_started' });
    });

    test('five megabytes go in and come out', async () => {
      const environment = await ready();
      const text = 'ä'.repeat(2_500_000);
      const outcome = await environment.invoke(request({ do: 'echo', text }));
      assert.deepEqual(answerOf(outcome), { do: 'echo', text });
      await environment.stop();
    });

    test('an answer over six megabytes is an error, and the environment lives on', async () => {
      const environment = await ready();
      const outcome = await environment.invoke(request({ do: 'enlarge', bytes: 6_300_000 }));
      assert.equal(outcome.status === 'error' && outcome.error.errorType, 'Function.ResponseSizeTooLarge');
      assert.equal(
        String(answerOf(await environment.invoke(request({ do: 'enlarge', bytes: 6_291_000 })))).length,
        6_291_000,
      );
      await environment.stop();
    });

    test(
      'an answer that is not JSON is an error',
      { skip: program.badAnswer === undefined && 'this program writes JSON itself' },
      async () => {
        const environment = await ready();
        const outcome = await environment.invoke(request({ do: 'bad' }));
        assert.equal(outcome.status === 'error' && outcome.error.errorType, program.badAnswer);
        await environment.stop();
      },
    );

    test('the handler sees its context, and no variable but those it was given', async () => {
      const environment = await ready();
      const asked = request({ do: 'context' }, { clientContext: '{"custom":{"who":"Zoë"}}' });
      const { remains, variables, ...context } = answerOf(await environment.invoke(asked)) as {
        remains: number;
        variables: string[];
      };
      assert.deepEqual(context, {
        requestId: asked.requestId,
        arn: asked.invokedFunctionArn,
        name: 'tried',
        version: '1',
        memory: String(memoryMb),
        logGroup: '/aws/lambda/tried',
        logStream: environment.id,
        traceId: asked.traceId,
        clientContext: { who: 'Zoë' },
        folder: '/var/task',
        greeting: 'good day',
      });
      assert.ok(remains > 0 && remains <= timeoutMs, `${remains} ms remain`);
      const strange = variables.filter((variable) => !expectedVariables.has(variable));
      assert.deepEqual(strange, []);
      await environment.stop();
    });

    test("the platform's endpoint is reached without any network, and knows who calls", async () => {
      const environment = await ready();
      assert.equal(answerOf(await environment.invoke(request({ do: 'connect' }))), 'hello');
      const [connection] = connections.filter((one) => one.environment === environment.id);
      assert.notEqual(connection, undefined);
      await environment.stop();
      if (connection !== undefined && !connection.socket.closed) await once(connection.socket, 'close');
    });

    test('stopping ends what runs, is done twice as well as once, and is final', async () => {
      const environment = await ready();
      const running = environment.invoke(request({ do: 'loop' }));
      await Promise.all([environment.stop(), environment.stop()]);
      assert.equal((await running).status, 'exit');
      await environment.ended;
      assert.deepEqual(await environment.invoke(request({ do: 'echo' })), { status: 'not_started' });
    });
  });
}

/** Node.js puts time, request id and level before what `console.log` prints. */
function linesAfterStamp(lines: readonly string[]): string[] {
  return lines.map((line) => line.split('\t').at(-1) ?? '');
}

const expectedVariables = new Set(
  `AWS_EXECUTION_ENV AWS_LAMBDA_FUNCTION_MEMORY_SIZE AWS_LAMBDA_FUNCTION_NAME AWS_LAMBDA_FUNCTION_VERSION AWS_LAMBDA_LOG_FORMAT AWS_LAMBDA_LOG_GROUP_NAME
   AWS_LAMBDA_LOG_STREAM_NAME AWS_LAMBDA_RUNTIME_API GREETING LAMBDA_RUNTIME_DIR LAMBDA_TASK_ROOT LANG LD_LIBRARY_PATH PATH TZ _HANDLER
   _X_AMZN_TRACE_ID PWD OLDPWD SHLVL _ LC_CTYPE GEM_PATH NODE_PATH`.split(/\s+/),
);
