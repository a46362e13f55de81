/** Runtimes through Lambda's own API: Ruby and Java from the distribution, names that are not here, and code that cannot be loaded. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { CreateFunctionCommandInput } from '@aws-sdk/client-lambda';
import { javaRuntimes } from '../../src/sandbox/process/runtimes/java/java-runtime.ts';
import { rubyRuntime } from '../../src/sandbox/process/runtimes/ruby/ruby-runtime.ts';
import { compileJava, javaCompiler } from '../fakes/compile-java.ts';
import { projectRoot } from '../fakes/process-sandbox.ts';
import { openLambdaRig, type Answer, type Files, type LambdaRig } from '../harness/lambda-rig.ts';

const ruby = await rubyRuntime('ruby3.2').find();
const java17 = javaRuntimes(projectRoot).find(({ name }) => name === 'java17');
const java = (await java17?.find()) ?? { missing: 'java17 is not known' };
const compiler = await javaCompiler();
const program = join(import.meta.dirname, '../contract/programs/java/example/Index.java');

describe('runtimes', { concurrency: 2 }, () => {
  let rig: LambdaRig;
  before(async () => (rig = await openLambdaRig()));
  after(() => rig[Symbol.asyncDispose]());

  const tail = { LogType: 'Tail' } as const;

  type Broken = {
    what: string;
    files: Files;
    more?: Partial<CreateFunctionCommandInput>;
    payload: RegExp;
    log: RegExp;
  };
  const seconds = '\\d+\\.\\d\\d ms';
  const twice = (status: string): RegExp =>
    new RegExp(
      `^INIT_REPORT Init Duration: ${seconds}\tPhase: init\tStatus: ${status}\nINIT_REPORT Init Duration: ${seconds}\tPhase: invoke\tStatus: ${status}\nSTART `,
      'm',
    );
  const broken: Broken[] = [
    // The first, since the others go on beside it.
    {
      what: 'no end: ten seconds, and then those of the invocation',
      files: { 'index.mjs': 'setInterval(() => {}, 1_000); await new Promise(() => {});' },
      more: { Timeout: 1 },
      payload:
        /"errorType":"Sandbox\.Timedout","errorMessage":"RequestId: \S+ Error: Task timed out after 1\.00 seconds"/,
      log: /^INIT_REPORT Init Duration: [1-9]\d{4}\.\d\d ms\tPhase: init\tStatus: timeout\nINIT_REPORT Init Duration: [1-9]\d{3,4}\.\d\d ms\tPhase: invoke\tStatus: timeout\nSTART .*Billed Duration: 1000 ms.*Status: timeout/ms,
    },
    {
      what: 'an import of what is not there',
      files: { 'index.mjs': "import 'left-out';" },
      payload: /"errorType":"Runtime\.ImportModuleError"/,
      log: twice('error\tError Type: Runtime\\.ImportModuleError'),
    },
    {
      what: 'an exit',
      files: { 'index.mjs': 'process.exit(7);' },
      payload:
        /"errorType":"Runtime\.ExitError","errorMessage":"RequestId: \S+ Error: Runtime exited with error: exit status 7"/,
      log: twice('error\tError Type: Runtime\\.ExitError'),
    },
    {
      what: 'no bootstrap',
      files: { other: '' },
      more: { Runtime: 'provided.al2023', Handler: 'any' },
      payload:
        /"errorType":"Runtime\.InvalidEntrypoint".*Couldn't find valid bootstrap\(s\): \[\/var\/task\/bootstrap \/opt\/bootstrap\]/,
      log: twice('error\tError Type: Runtime\\.InvalidEntrypoint'),
    },
  ];
  for (const [at, { what, files, more, payload, log }] of broken.entries()) {
    test(`code that cannot be loaded: ${what}`, async () => {
      const name = `broken-${at}`;
      await rig.make(name, files, more);
      const answer: Answer = await rig.ask(name, {}, tail);
      assert.equal(answer.functionError, 'Unhandled');
      assert.match(JSON.stringify(answer.payload), payload);
      assert.match(answer.log, log);
    });
  }

  test('a Ruby handler', { skip: 'missing' in ruby && ruby.missing }, async () => {
    const source =
      "def handle(event:, context:)\n  puts 'well'\n  { sum: event['n'].sum, version: context.function_version, where: ENV['AWS_EXECUTION_ENV'] }\nend\n";
    await rig.make('ruby', { 'app.rb': source }, { Runtime: 'ruby3.2', Handler: 'app.handle' });
    const { payload, log } = await rig.ask('ruby', { n: [1, 2, 3] }, tail);
    assert.deepEqual(payload, { sum: 6, version: '$LATEST', where: 'AWS_Lambda_ruby3.2' });
    assert.match(log, /^START .*\nwell\nEND .*\nREPORT .*Init Duration: /s);
  });

  test(
    'a Java handler',
    { skip: 'missing' in java ? java.missing : compiler === undefined && 'no javac' },
    async () => {
      const files = compiler === undefined ? {} : compileJava(compiler, [program], ['--release', '11']);
      const more = { Runtime: 'java17', Handler: 'example.Index', MemorySize: 512, Timeout: 30 } as const;
      await rig.make('java', files, more);
      assert.deepEqual((await rig.ask('java', { do: 'echo', n: 1 })).payload, { do: 'echo', n: 1 });
      const { functionError, payload } = await rig.ask('java', { do: 'fail' });
      assert.equal(functionError, 'Unhandled');
      assert.equal((payload as { errorType: string }).errorType, 'java.lang.ArithmeticException');
      const ended = await rig.ask('java', { do: 'exit' });
      assert.match(
        JSON.stringify(ended.payload),
        /"errorType":"Runtime\.ExitError".*Runtime exited with error: exit status 3"/,
      );
    },
  );

  const refused: [name: string, message: RegExp][] = [
    ['dotnet8', /dotnet8 .*self-contained.*provided\.al2023/],
    ['go1.x', /go1\.x .*bootstrap.*provided\.al2023/],
    [
      'python3.8',
      /python3\.8 .*cannot be run .*mayfly runtimes install python3\.8.*this machine has nodejs20\.x, .*provided\.al2023/,
    ],
  ];
  for (const [name, message] of refused) {
    test(`${name} is refused, with what to do`, async (t) => {
      const findings = rig.make(name.replace('.', '-'), {}, { Runtime: name as 'dotnet8' });
      const error: unknown = await findings.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) return t.skip(`this machine has ${name}`);
      assert.ok(error instanceof Error);
      assert.equal(error.name, 'InvalidParameterValueException');
      assert.match(error.message, message);
    });
  }
});
