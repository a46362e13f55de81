import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { PlatformError } from '../util/errors.ts';
import { CliRig } from './cli-rig.ts';
import type { OpenOptions } from './command.ts';

let rig: CliRig;
let opened: OpenOptions[];
let closed: number;

beforeEach(() => {
  rig = new CliRig();
  opened = [];
  closed = 0;
});
afterEach(() => rig[Symbol.asyncDispose]());

const host = {
  openPlatform: (options: OpenOptions) => {
    opened.push(options);
    return Promise.resolve({
      apiPort: options.apiPort === 0 ? 50_001 : options.apiPort,
      httpPort: options.httpPort === 0 ? 50_002 : options.httpPort,
      close: () => {
        closed++;
        return Promise.resolve();
      },
    });
  },
};

/** Runs until something is printed, and stops it then. */
async function serve(...words: string[]): ReturnType<CliRig['run']> {
  let stop: () => void = () => undefined;
  return rig.run(['serve', ...words], { host, onStart: (ask) => (stop = ask), onWrite: () => setImmediate(stop) });
}

describe('serve', () => {
  test('prints one line when it is ready, and exits 0 when it is asked to stop', async () => {
    const { code, stdout, stderr } = await serve('--data', 'data', '--api-port', '0', '--http-port', '0');
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(
      stdout,
      `ready api=http://127.0.0.1:50001 http=http://127.0.0.1:50002 data=${join(rig.folder, 'data')}\n`,
    );
    assert.equal(closed, 1);
    const { log, ...options } = opened[0] ?? assert.fail('it was not opened');
    assert.equal(typeof log, 'function');
    assert.deepEqual(options, {
      dataFolder: join(rig.folder, 'data'),
      apiPort: 0,
      httpPort: 0,
      listen: '127.0.0.1',
      mode: 'serve',
    });
  });

  test('has defaults', async () => {
    await serve();
    const { dataFolder, apiPort, httpPort } = opened[0] ?? assert.fail('it was not opened');
    assert.deepEqual([dataFolder, apiPort, httpPort], [join(rig.home, '.mayfly'), 4566, 8080]);
  });

  test('--json prints the same as a value', async () => {
    const { stdout } = await serve('--json', '--listen', '0.0.0.0');
    assert.deepEqual(JSON.parse(stdout), {
      ready: true,
      api: 'http://127.0.0.1:4566',
      http: 'http://127.0.0.1:8080',
      apiPort: 4566,
      httpPort: 8080,
      data: join(rig.home, '.mayfly'),
    });
  });

  test('refuses ports that are none', async () => {
    for (const port of ['65536', '-1', 'http', '80 '])
      assert.equal((await rig.run(['serve', `--http-port=${port}`], { host })).code, 2);
    assert.deepEqual(opened, []);
  });

  test('passes on how long idle environments are kept, and refuses what is no such thing', async () => {
    const kept = async (text: string) => {
      opened.length = 0;
      await serve('--keep-warm', text);
      return opened[0]?.keep;
    };
    assert.deepEqual(await kept('predicted'), { kind: 'predicted', season: true });
    assert.deepEqual(await kept('pauses'), { kind: 'predicted', season: false });
    assert.deepEqual(await kept('10m'), { kind: 'fixed', idleMs: 600_000 });
    assert.deepEqual(await kept('0s'), { kind: 'fixed', idleMs: 0 });
    await serve('--warm-memory', '512');
    assert.equal(opened.at(-1)?.warmBytesMax, 512 * 1024 * 1024);
    opened.length = 0;
    for (const wrong of [
      '--keep-warm=9h',
      '--keep-warm=10',
      '--keep-warm=ever',
      '--warm-memory=1GB',
      '--warm-memory=-1',
    ])
      assert.equal((await rig.run(['serve', wrong], { host })).code, 2, wrong);
    assert.deepEqual(opened, []);
  });

  test('passes on that the mounts of the machine are to stay as they are', async () => {
    await serve();
    await serve('--keep-cgroup-mounts');
    assert.deepEqual(
      opened.map(({ keepsControlGroupMounts }) => keepsControlGroupMounts),
      [undefined, true],
    );
  });

  test('passes on why it cannot', async () => {
    const openPlatform = (): Promise<never> =>
      Promise.reject(new PlatformError('unavailable', 'cannot listen on 127.0.0.1:4566: another program already does'));
    const { code, stdout, stderr } = await rig.run(['serve'], { host: { openPlatform } });
    assert.deepEqual(
      [code, stdout, stderr],
      [1, '', 'mayfly: cannot listen on 127.0.0.1:4566: another program already does\n'],
    );
  });

  test('what the platform has to say goes to standard error', async () => {
    let stop: () => void = () => undefined;
    const openPlatform = (options: OpenOptions): ReturnType<typeof host.openPlatform> => {
      options.log('a warning');
      return host.openPlatform(options);
    };
    const { stderr } = await rig.run(['serve'], {
      host: { openPlatform },
      onStart: (ask) => (stop = ask),
      onWrite: () => setImmediate(stop),
    });
    assert.equal(stderr, 'a warning\n');
  });
});
