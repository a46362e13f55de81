/**
 * Releases of a real runtime on a real machine: an npm package is replaced under a running sandbox, as `npm update` does,
 * and environments of the release before go on to be started.
 */
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openIsolation } from '../../src/sandbox/process/isolation/isolation.ts';
import { openProcessSandbox } from '../../src/sandbox/process/process-sandbox.ts';
import { nodeRuntime } from '../../src/sandbox/process/runtimes/node/node-runtime.ts';
import { pythonRuntime } from '../../src/sandbox/process/runtimes/python/python-runtime.ts';
import type { Runtime } from '../../src/sandbox/process/runtimes/runtime.ts';
import type { RuntimeRelease, Sandbox } from '../../src/sandbox/sandbox.ts';
import { systemClock } from '../../src/util/clock.ts';
import { randomIds, type EnvironmentId, type RequestId } from '../../src/util/ids.ts';
import { resolvedFunction } from '../fakes/resolved.ts';

type Tried = 'nodejs24.x' | 'python';

const python = `import ctypes, decimal, json, os, sqlite3, ssl, sys, zoneinfo
def handler(event, context):
    return {"version": sys.version.split()[0], "program": sys.executable, "modules": os.path.dirname(json.__file__)}
`;

const projectRoot = join(import.meta.dirname, '../..');

describe('releases of a runtime', () => {
  let folder: string;
  let sandbox: Sandbox;
  const opened = new AsyncDisposableStack();

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mayfly-releases-'));
    opened.defer(() => rm(folder, { recursive: true }));
    // A project of which everything is ours but the package that is replaced.
    const modules = join(folder, 'project', 'node_modules');
    await mkdir(modules, { recursive: true });
    for (const name of await readdir(join(projectRoot, 'node_modules'))) {
      if (name === '.cache') await mkdir(join(modules, name));
      else if (name !== 'node-24') await symlink(join(projectRoot, 'node_modules', name), join(modules, name));
    }
    await install('node-24');
    await mkdir(join(folder, 'bundle'));
    await writeFile(join(folder, 'bundle', 'index.mjs'), 'export const handler = () => process.version;\n');
    await writeFile(join(folder, 'bundle', 'index.py'), python);
    const isolation = opened.use(await openIsolation({ folder: join(folder, 'run'), clock: systemClock }));
    sandbox = opened.use(
      await openProcessSandbox({
        isolation,
        clock: systemClock,
        projectRoot: join(folder, 'project'),
        runtimes: [nodeRuntime('nodejs24.x', join(folder, 'project')), upgradable(join(folder, 'project'))],
        releasesFolder: join(folder, 'releases'),
        events: { output: () => {}, connection: (_environment, socket) => socket.destroy() },
      }),
    );
  });
  after(() => opened.disposeAsync());

  /** What another package has, as the newest of `node-24`: put in its place at once, as installers do. */
  async function install(from: 'node-24' | 'node-22'): Promise<void> {
    const [place, next] = ['node-24', 'next'].map((name) => join(folder, 'project', 'node_modules', name)) as [
      string,
      string,
    ];
    await cp(join(projectRoot, 'node_modules', from), next, { recursive: true });
    await rm(place, { recursive: true, force: true });
    await rename(next, place);
  }

  let isUpgraded = false;
  /** The system's Python, and after an upgrade that only its version tells of: nothing of the machine is changed here. */
  function upgradable(project: string): Runtime {
    const runtime = pythonRuntime('python', project);
    return {
      ...runtime,
      async find() {
        const installed = await runtime.find();
        return 'missing' in installed || !isUpgraded ? installed : { ...installed, version: `${installed.version}+1` };
      },
    };
  }

  const found = async (anew?: 'anew', runtime: Tried = 'nodejs24.x'): Promise<RuntimeRelease> => {
    const release = await sandbox.release(runtime, anew);
    if ('missing' in release) throw new Error(release.missing);
    return release;
  };

  /** What the function answers in a new environment: in Node.js its version. */
  async function versionIn(release?: string, runtime: Tried = 'nodejs24.x'): Promise<unknown> {
    const bundlePath = join(folder, 'bundle');
    const { version } = resolvedFunction('tried', { runtime, memoryMb: 256 });
    const environment = await sandbox.start({
      id: randomIds.hex(16) as EnvironmentId,
      runtime,
      network: 'none',
      ephemeralMb: 512,
      memoryMb: 256,
      ...(release === undefined ? {} : { release }),
      ...(sandbox.bootsWithoutCode ? {} : { bundlePath }),
    });
    try {
      const ready = await environment.init({ version, bundlePath, variables: {}, timeoutMs: 60_000 });
      assert.deepEqual(ready, { status: 'ready' });
      const outcome = await environment.invoke({
        requestId: randomIds.uuid() as RequestId,
        invokedFunctionArn: version.arn,
        event: Buffer.from('{}'),
        deadlineMs: Date.now() + 60_000,
        timeoutMs: 60_000,
        traceId: '',
      });
      if (outcome.status !== 'response') throw new Error(JSON.stringify(outcome));
      return JSON.parse(Buffer.from(outcome.payload as Uint8Array).toString());
    } finally {
      await environment.stop();
    }
  }

  test('what is kept starts as before when the package has been replaced, beside what is new', async () => {
    const before = await found();
    assert.equal(await versionIn(), `v${before.version}`);
    assert.equal(await sandbox.keep('nodejs24.x'), true);
    await install('node-22');
    assert.deepEqual(await found(), before, 'nobody has looked yet');
    assert.equal(await versionIn(before.id), `v${before.version}`, 'who wants the one before has it already');

    const after = await found('anew');
    assert.notEqual(after.id, before.id);
    assert.match(after.version, /^22\./);
    assert.equal(await versionIn(), `v${after.version}`);
    assert.equal(await versionIn(after.id), `v${after.version}`);
    assert.equal(await versionIn(before.id), `v${before.version}`);
    assert.ok(sandbox.hasRelease('nodejs24.x', before.id));

    await sandbox.keepOnly('nodejs24.x', new Set([after.id]));
    assert.equal(sandbox.hasRelease('nodejs24.x', before.id), false);
    await assert.rejects(versionIn(before.id), { code: 'unavailable', message: /is no longer on this machine/ });
  });

  test('the system’s Python runs from what is kept of it, its library and all', async () => {
    const { id, version } = await found(undefined, 'python');
    const before = (await versionIn(undefined, 'python')) as { version: string; program: string };
    assert.deepEqual([before.version, before.program.startsWith('/usr/bin/')], [version, true]);
    assert.equal(await sandbox.keep('python'), true);
    assert.deepEqual(await versionIn(id, 'python'), before, 'not before the system has another');
    isUpgraded = true;
    assert.notEqual((await found('anew', 'python')).id, id);
    const kept = (await versionIn(id, 'python')) as { version: string; program: string; modules: string };
    assert.equal(kept.version, version);
    assert.match(kept.program, /^\/var\/lang\/python\/bin\/python3\.\d+$/);
    assert.match(kept.modules, /^\/var\/lang\/python\/lib\/python3\.\d+\/json$/);
  });

  test('a release that an installer has been at since it was found is not kept under its name', async () => {
    await install('node-24');
    assert.equal(await sandbox.keep('nodejs24.x'), false);
    const { version } = await found('anew');
    assert.match(version, /^24\./);
    assert.equal(await sandbox.keep('nodejs24.x'), true);
  });
});
