import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { compileJava, javaCompiler } from '../../../test/fakes/compile-java.ts';
import { sandboxContract, type ContractProgram, type OpenSandbox } from '../../../test/contract/sandbox.ts';
import { answerOf, openTestSandbox, projectRoot } from '../../../test/fakes/process-sandbox.ts';
import { openFiles } from '../../../test/harness/open-files.ts';
import { runtimeNames, type RuntimeName } from '../../util/runtime-names.ts';
import { systemClock } from '../../util/clock.ts';
import type { EnvironmentId } from '../../util/ids.ts';
import type { BootSpec, SandboxEvents } from '../sandbox.ts';
import { openIsolation } from './isolation/isolation.ts';
import type { Isolation } from './process.ts';
import { openProcessSandbox } from './process-sandbox.ts';
import { pythonRuntime } from './runtimes/python/python-runtime.ts';
import { rubyRuntime } from './runtimes/ruby/ruby-runtime.ts';
import type { Runtime } from './runtimes/runtime.ts';

const programs = join(projectRoot, 'test/contract/programs');

const open: OpenSandbox = async (events) => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-sandbox-'));
  const isolation = await openIsolation({ folder, clock: systemClock });
  const sandbox = await openProcessSandbox({ isolation, events, clock: systemClock, projectRoot });
  return {
    sandbox,
    async close() {
      await sandbox[Symbol.asyncDispose]();
      await isolation[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const node: Omit<ContractProgram, 'runtime'> = {
  bundlePath: join(programs, 'node'),
  failure: {
    errorType: 'RangeError',
    errorMessage: 'this went wrong',
    stack: /at (Object\.)?fail .*index\.mjs:11:\d+/,
  },
  badAnswer: 'Runtime.MarshalError',
};

sandboxContract('nodejs26.x in a process', open, { runtime: 'nodejs26.x', ...node });
sandboxContract('nodejs20.x in a process', open, { runtime: 'nodejs20.x', ...node });
sandboxContract('python in a process', open, {
  runtime: 'python',
  bundlePath: join(programs, 'python'),
  failure: { errorType: 'OverflowError', errorMessage: 'this went wrong', stack: /index\.py", line 20, in do_fail/ },
  badAnswer: 'Runtime.MarshalError',
});
const ruby = rubyRuntime('ruby');
const foundRuby = await ruby.find();
if ('missing' in foundRuby) test('ruby in a process', { skip: foundRuby.missing });
else
  sandboxContract('ruby in a process', open, {
    runtime: 'ruby',
    bundlePath: join(programs, 'ruby'),
    failure: {
      errorType: 'Function<RangeError>',
      errorMessage: 'this went wrong',
      stack: /index\.rb:16:in [`'].*do_fail'/,
    },
    missing: { errorType: 'Init<LoadError>' },
    badAnswer: 'Function<JSON::GeneratorError>',
  });

const compiler = await javaCompiler();
const javaBundle = await mkdtemp(join(tmpdir(), 'mayfly-java-'));
after(() => rm(javaBundle, { recursive: true }));
if (compiler === undefined) test('java in a process', { skip: 'there is no JDK in /usr/lib/jvm' });
else {
  await chmod(javaBundle, 0o755);
  const sources = ['Index', 'Broken'].map((name) => join(programs, `java/example/${name}.java`));
  for (const [path, bytes] of Object.entries(compileJava(compiler, sources))) {
    await mkdir(join(javaBundle, 'example'), { recursive: true });
    await writeFile(join(javaBundle, path), bytes);
  }
  sandboxContract('java in a process', open, {
    runtime: 'java',
    bundlePath: javaBundle,
    handler: 'example.Index',
    failure: {
      errorType: 'java.lang.ArithmeticException',
      errorMessage: 'this went wrong',
      stack: /^example\.Index\.fail\(Index\.java:68\)\n.*example\.Index\.handleRequest\(Index\.java:\d+\)$/s,
    },
    missing: { handler: 'example.Broken', errorType: 'java.lang.UnsupportedOperationException' },
    badAnswer: 'java.lang.RuntimeException',
  });
}

sandboxContract('provided in a process', open, {
  runtime: 'provided',
  bundlePath: join(programs, 'provided'),
  failure: { errorType: 'ShellError', errorMessage: 'this went wrong', stack: /bootstrap: 29/ },
});

test('environments that have come and gone leave no open file behind', async (t) => {
  const opened = await openTestSandbox();
  t.after(() => opened.close());
  const rounds = async (count: number): Promise<void> => {
    for (let round = 0; round < count; round++) {
      const { invoke, environment } = await opened.start({
        runtime: 'python',
        files: { 'index.py': 'def handler(event, context):\n    return event\n' },
      });
      assert.equal(answerOf(await invoke(round)), round);
      await environment.stop();
    }
  };
  await rounds(5);
  const before = await openFiles(process.pid);
  // One that each leaves behind is more than what is kept ready.
  await rounds(60);
  const after = await openFiles(process.pid);
  // As many launchers and empty sandboxes as are kept ready may be there now that were not before, each with its pipes.
  const readyFiles = (4 + 4) * 5;
  assert.ok(after <= before + 2 + readyFiles, `${before} open files before, ${after} after`);
});

test('what this machine can run is listed, and what it cannot, with what to do', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-nothing-'));
  t.after(() => rm(folder, { recursive: true }));
  const isolation = unusedIsolation();
  const here = await openProcessSandbox({ isolation, events, clock: systemClock, projectRoot });
  const found = await here.runtimes();
  assert.deepEqual(
    found.map(({ name }) => name),
    [...runtimeNames],
  );
  assert.match(found.find(({ name }) => name === 'nodejs26.x')?.version ?? '', /^26\.\d+\.\d+$/);
  const nowhere = await openProcessSandbox({ isolation, events, clock: systemClock, projectRoot: folder });
  const [node20] = await nowhere.runtimes();
  assert.match(
    node20?.missing ?? '',
    /^the npm package node-20 cannot be run \(it is not there\); run 'mayfly runtimes install nodejs20\.x'$/,
  );
  await assert.rejects(nowhere.start(boot('nodejs20.x')), {
    code: 'unavailable',
    message: /nodejs20.x is not available here: the npm package/,
  });
});

test('a runtime that does not boot says what it printed', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-broken-'));
  await chmod(folder, 0o755);
  const isolation = await openIsolation({ folder, clock: systemClock });
  t.after(() => isolation[Symbol.asyncDispose]());
  t.after(() => rm(folder, { recursive: true, force: true }));
  const broken: Runtime = {
    ...pythonRuntime('python', projectRoot),
    find: () =>
      Promise.resolve({
        version: '0',
        from: 'nowhere',
        command: () => ['/bin/sh', '-c', 'echo no luck today >&2; exit 9'],
        mounts: [],
      }),
  };
  const sandbox = await openProcessSandbox({ isolation, events, clock: systemClock, projectRoot, runtimes: [broken] });
  await assert.rejects(sandbox.start({ ...boot('python'), bundlePath: folder }), {
    code: 'unavailable',
    message: 'the runtime python ended before it was up (exit code 9); it printed: no luck today',
  });
  await assert.rejects(sandbox.start(boot('provided')), {
    code: 'unavailable',
    message: /not among those of this sandbox: python/,
  });
});

const events: SandboxEvents = { output: () => {}, connection: () => {} };

const boot = (runtime: RuntimeName): BootSpec => ({
  id: 'tried' as EnvironmentId,
  runtime,
  network: 'none',
  ephemeralMb: 512,
});

function unusedIsolation(): Isolation {
  return {
    attachesCode: true,
    setPulse: () => {},
    spawn: () => Promise.reject(new Error('not used here')),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
