import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { systemClock } from '../../../util/clock.ts';
import { PlatformError } from '../../../util/errors.ts';
import type { EnvironmentId } from '../../../util/ids.ts';
import type { Capability } from '../../sandbox.ts';
import { eventually } from './eventually.ts';
import { findControlGroups } from './find-control-groups.ts';
import { openIsolation, type OpenIsolation } from './isolation.ts';
import { askInside, runInside } from './run-inside.ts';
import { findProgram } from './tools.ts';

let isolation: OpenIsolation;
let folder: string;
let capabilities: Capability[];
const said: string[] = [];
const isOk = (name: string): boolean => capabilities.find((capability) => capability.name === name)?.status === 'ok';
const groups = 'memory, CPU and process limits';
const internet = 'internet access of functions';
/** Of processes, each at most a twentieth of a second after the one before: a minute. */
const looksMax = 1_200;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mayfly-isolation-'));
  isolation = await openIsolation({ folder: join(folder, 'run'), clock: systemClock, log: (line) => said.push(line) });
  capabilities = await isolation.capabilities();
});

after(async () => {
  await isolation[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

test('a command runs with its variables, its output and its exit code', async () => {
  const outcome = await runInside(isolation, ['/bin/sh', '-c', 'echo "$A"; echo "$B" >&2; exit 3'], {
    variables: { A: 'one\ntwo', B: "it's" },
  });
  assert.deepEqual(
    { ...outcome, usage: undefined },
    {
      stdout: 'one\ntwo\n',
      stderr: "it's\n",
      end: { code: 3, signal: undefined, outOfMemory: false },
      usage: undefined,
    },
  );
});

test('a command may be long', async () => {
  const words = Array.from({ length: 1_000 }, (_, index) => `word ${index} '"$\n`);
  const { stdout } = await runInside(isolation, ['/usr/bin/printf', '%s.', ...words]);
  assert.equal(stdout, words.map((word) => `${word}.`).join(''));
});

test('a signal that ends the command is told as one', async () => {
  const { end } = await runInside(isolation, ['/bin/sh', '-c', 'kill -SEGV $$']);
  assert.deepEqual(end, { code: undefined, signal: 'SIGSEGV', outOfMemory: false });
});

test('the channel goes both ways', async () => {
  const { stdout } = await runInside(isolation, ['/bin/sh', '-c', 'read line <&3; echo "got $line"; echo answer >&3'], {
    meanwhile: async (process) => {
      process.channel.write('question\n');
      const [answer] = await once(process.channel, 'data');
      assert.equal(String(answer), 'answer\n');
    },
  });
  assert.equal(stdout, 'got question\n');
});

test('a mount shows a folder of the host, read-only, and a file', async () => {
  const runtime = join(folder, 'runtime');
  mkdirSync(runtime);
  writeFileSync(join(runtime, 'main'), 'content');
  const { stdout, stderr } = await runInside(
    isolation,
    ['/bin/sh', '-c', 'cat /var/runtime/main /var/lang/file; echo > /var/runtime/main'],
    {
      mounts: [
        { from: runtime, to: '/var/runtime' },
        { from: join(runtime, 'main'), to: '/var/lang/file' },
      ],
    },
  );
  assert.equal(stdout, 'contentcontent');
  assert.match(stderr, /Read-only file system/);
});

test('a mount that is made anew on the host is seen anew', async () => {
  const runtime = join(folder, 'renewed');
  for (const content of ['first', 'second']) {
    rmSync(runtime, { recursive: true, force: true });
    mkdirSync(runtime);
    writeFileSync(join(runtime, 'main'), content);
    const { stdout } = await runInside(isolation, ['/bin/cat', '/var/runtime/main'], {
      mounts: [{ from: runtime, to: '/var/runtime' }],
    });
    assert.equal(stdout, content);
  }
});

test('of many folders that come and go each is shown alone, and nothing is kept of one', async (t) => {
  if (!isolation.attachesCode) return t.skip('needs root');
  const many = join(folder, 'many');
  const kept = (): number =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(`${basename(folder)}/many`)).length;
  for (const name of ['one', 'two', 'three']) {
    mkdirSync(join(many, name), { recursive: true });
    writeFileSync(join(many, name, 'main'), name);
    const { stdout, stderr } = await runInside(
      isolation,
      ['/bin/sh', '-c', 'ls -a /var/many /var/many/..; cat /var/many/main; echo > /var/many/main'],
      { mounts: [{ from: join(many, name), to: '/var/many', passing: true }] },
    );
    assert.ok(stdout.endsWith(name), stdout);
    for (const other of ['one', 'two', 'three'])
      if (other !== name) assert.ok(!stdout.split('\n').includes(other), stdout);
    assert.match(stderr, /Read-only file system/);
    assert.equal(kept(), 1);
  }
  await assert.rejects(
    runInside(isolation, ['/bin/true'], { mounts: [{ from: join(many, 'absent'), to: '/var/many', passing: true }] }),
    (error: unknown) => error instanceof PlatformError && error.code === 'unavailable',
  );
});

test('a mount at a path that is not plain is refused, and nothing is kept of it', async (t) => {
  if (!isolation.attachesCode) return t.skip('needs root');
  for (const to of ['relative', '/a/../b', '/']) {
    await assert.rejects(
      runInside(isolation, ['/bin/true'], { mounts: [{ from: folder, to }] }),
      (error: unknown) => error instanceof PlatformError && error.code === 'invalid_argument',
    );
  }
});

test('code given at the start is at /var/task, which is where the command starts', async () => {
  const bundlePath = bundle('at-start', 'given');
  assert.equal((await runInside(isolation, ['/bin/cat', 'code'], { bundlePath })).stdout, 'given');
});

test('code attached to a running process appears at /var/task, read-only', async (t) => {
  if (!isolation.attachesCode) return t.skip('needs root');
  const bundlePath = bundle('attached', 'late');
  const { stdout, stderr } = await runInside(
    isolation,
    [
      '/bin/sh',
      '-c',
      'ls /var/task; echo ready >&3; read go <&3; cat /var/task/code; echo x > /var/task/code; cd /var/task; cat code',
    ],
    {
      meanwhile: async (process) => {
        await once(process.channel, 'data');
        process.attachCode(bundlePath);
        process.channel.write('go\n');
      },
    },
  );
  assert.equal(stdout, 'latelate');
  assert.match(stderr, /Read-only file system/);
});

test('code that is expected is there from the start once an environment has had it, and takes no mount where they are made', async (t) => {
  if (!isolation.attachesCode) return t.skip('needs root');
  const name = 'expected';
  const layers = { layersPath: bundle('expected-layers', 'layers') };
  let memory = 21;
  /** In a sandbox of which none is ready: what it shows of the code before that is attached, and afterwards, and what is mounted below /envs. */
  const show = async (layersPath?: { layersPath: string }): Promise<[stdout: string, places: string[]]> => {
    const code = { bundlePath: join(folder, 'bundles', name), ...layersPath };
    let places: string[] = [];
    const script = 'cat code; ls /opt; echo ready >&3; read go <&3; cat /var/task/code; echo x > /var/task/code';
    const outcome = await runInside(isolation, ['/bin/sh', '-c', script], {
      expected: code,
      ephemeralMb: (memory += 1),
      meanwhile: async (process) => {
        await once(process.channel, 'data');
        process.attachCode(code.bundlePath, code.layersPath);
        const mounts = readFileSync(`/proc/${process.pid}/mountinfo`, 'utf8').split('\n');
        places = mounts.map((line) => line.split(' ')[4] ?? '').filter((place) => /^\/envs\/./.test(place));
        process.channel.write('go\n');
      },
    });
    assert.match(outcome.stderr, /Read-only file system/);
    return [outcome.stdout, mayLeaveMounts() ? places : []];
  };
  bundle(name, 'first');
  const [attached, places] = await show();
  assert.equal(attached, 'first');
  assert.equal(places.length, mayLeaveMounts() ? 1 : 0);
  assert.deepEqual(await show(), ['firstfirst', []]);
  assert.deepEqual(await show(layers), ['firstcode\nfirst', []]);
  // What was there before is not what another is shown.
  rmSync(join(folder, 'bundles', name), { recursive: true });
  bundle(name, 'second');
  assert.deepEqual(await show(), ['secondsecond', []]);
});

test('code that is expected is there in many that start at once, each of another version with layers', async (t) => {
  if (!isolation.attachesCode) return t.skip('needs root');
  const names = Array.from({ length: 14 }, (_, number) => `many-${number}`);
  const shown = (name: string): Promise<{ stdout: string; stderr: string }> => {
    const code = { bundlePath: bundle(name, name), layersPath: bundle(`${name}-layers`, `layers of ${name}`) };
    // Each of a kind of its own, of which none is ready.
    memory += 1;
    return runInside(isolation, ['/bin/sh', '-c', 'echo ready >&3; read go <&3; cat /var/task/code /opt/code'], {
      expected: code,
      ephemeralMb: memory,
      meanwhile: async (process) => {
        await once(process.channel, 'data');
        process.attachCode(code.bundlePath, code.layersPath);
        process.channel.write('go\n');
      },
    });
  };
  let memory = 100;
  for (const round of ['attached', 'there from the start']) {
    const outcomes = await Promise.all(names.map(shown));
    assert.deepEqual(
      outcomes.map(({ stdout, stderr }) => stdout + stderr),
      names.map((name) => `${name}layers of ${name}`),
      round,
    );
  }
});

test('environments begin with a program of ours', async (t) => {
  if (!isolation.attachesCode || process.arch !== 'x64') return t.skip('needs root on x86-64');
  assert.deepEqual(
    said.filter((line) => line.includes('begin with a shell')),
    [],
  );
});

test('where that program does not do, however late that shows, a shell and nsenter do the same', async (t) => {
  if (!isolation.attachesCode || !isOk(internet)) return t.skip('needs root, ip and nft');
  const complaints: string[] = [];
  // It takes both blocks; and by when it fails, others that wait for theirs are kept ready.
  const launcher = Buffer.from('#!/bin/sh\nhead -c 12288 >/dev/null; sleep 0.3; echo broken >&2; exit 1\n');
  const shell = await openIsolation({
    folder: join(folder, 'shell'),
    clock: systemClock,
    launcher,
    log: (line) => complaints.push(line),
  });
  const begun = async (begins: OpenIsolation): Promise<string[]> => {
    let outside: string[] = [];
    const command =
      'cut -d: -f1 /proc/net/dev; ulimit -n; ulimit -c; id -u; echo ready >&3; read go <&3; cat /var/task/code';
    const { stdout } = await runInside(begins, ['/bin/sh', '-c', command], {
      network: 'internet',
      meanwhile: async (process) => {
        await once(process.channel, 'data');
        const status = readFileSync(`/proc/${process.pid}/status`, 'utf8').split('\n');
        outside = status.filter((line) => /^(Uid|Gid|Groups):/.test(line));
        process.attachCode(bundle('either', 'attached'));
        process.channel.write('go\n');
      },
    });
    const [users = '', groups = '', ...others] = outside.map((line) => line.replace(/^\w+:\s*/, ''));
    for (const ids of [users, groups]) assert.match(ids, /^(19\d{8})\t\1\t\1\t\1$/);
    return [...others, stdout];
  };
  try {
    // What else the machine lacks has been said of the other, too.
    const ofThis = complaints.filter((line) => !said.includes(line));
    assert.deepEqual(ofThis, ['environments begin with a shell, which takes longer: broken']);
    assert.deepEqual(await begun(shell), await begun(isolation));
  } finally {
    await shell[Symbol.asyncDispose]();
  }
});

test('environments are made where the mounts of the host are not', async (t) => {
  if (!isolation.attachesCode || !mayLeaveMounts()) return t.skip('here they are made on the host');
  assert.deepEqual(
    said.filter((line) => line.includes('mounts of the host')),
    [],
  );
  let mounts = '';
  await runInside(isolation, ['/bin/sh', '-c', 'echo ready >&3; read go <&3'], {
    meanwhile: async (process) => {
      await once(process.channel, 'data');
      // Outside, where bwrap waits for what it has made.
      mounts = readFileSync(`/proc/${process.pid}/mountinfo`, 'utf8');
      process.channel.write('go\n');
    },
  });
  const places = mounts.split('\n').map((line) => line.split(' ')[4] ?? '');
  assert.ok(places.includes('/view/usr/bin'), mounts);
  assert.deepEqual(
    places.filter((place) => /^\/(sys|dev|run|home|var|etc)(\/|$)/.test(place)),
    [],
  );
});

/** Whether this machine lets root have a mount namespace of its own, with another root: tried without what is tested. */
function mayLeaveMounts(): boolean {
  const script = 'mount -t tmpfs none "$1" && cd "$1" && mkdir old && pivot_root . old';
  const place = mkdtempSync(join(folder, 'leave-'));
  const words = ['--mount', '--propagation', 'slave', '/bin/sh', '-c', script, 'probe', place];
  const unshare = findProgram('unshare');
  return unshare !== undefined && spawnSync(unshare, words, { stdio: 'ignore' }).status === 0;
}

test('layers given at the start, or attached, are at /opt, read-only', async () => {
  const bundlePath = bundle('with-layers', 'mine');
  const layersPath = bundle('layers', 'shared');
  const look = ['/bin/sh', '-c', 'cat /opt/code; echo x > /opt/code'];
  const given = await runInside(isolation, look, { bundlePath, layersPath });
  assert.equal(given.stdout, 'shared');
  assert.match(given.stderr, /Read-only file system/);
  if (!isolation.attachesCode) return;
  const attached = await runInside(isolation, ['/bin/sh', '-c', `ls /opt; echo ready >&3; read go <&3; ${look[2]}`], {
    meanwhile: async (process) => {
      await once(process.channel, 'data');
      process.attachCode(bundlePath, layersPath);
      process.channel.write('go\n');
    },
  });
  assert.equal(attached.stdout, 'shared');
  assert.match(attached.stderr, /Read-only file system/);
});

test('code cannot be attached to what has ended', async (t) => {
  if (!isolation.attachesCode) return t.skip('needs root');
  const process = await spawnPlain(['/bin/true']);
  await process.ended;
  assert.throws(() => process.attachCode(bundle('too-late', 'x')), PlatformError);
});

test('a listening socket that the process hands over accepts connections from inside', async () => {
  const program = `
import array
s = socket.create_server(('127.0.0.1', 4566))
node = socket.socket(fileno=int(os.environ['NODE_CHANNEL_FD']))
message = json.dumps({'cmd': 'NODE_HANDLE', 'type': 'net.Native', 'msg': {'listen': 'endpoint'}}) + '\\n'
node.sendmsg([message.encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [s.fileno()]))])
s.close(); node.recv(1000); node.close()
with socket.create_connection(('127.0.0.1', 4566)) as c:
    c.sendall(b'ping'); c.shutdown(socket.SHUT_WR)
    tell(answer=c.recv(100).decode())`;
  const { told } = await askInside(isolation, program, {
    network: 'internet',
    meanwhile: async (process) => {
      const server = await process.handedOver('endpoint');
      server.on('connection', (socket) => socket.on('data', (data) => socket.end(`${String(data)} pong`)));
    },
  });
  assert.deepEqual(told, { answer: 'ping pong' });
});

test('waiting for a socket ends with the process', async () => {
  const process = await spawnPlain(['/bin/true']);
  await assert.rejects(
    process.handedOver('endpoint'),
    (error: unknown) => error instanceof PlatformError && error.code === 'unavailable',
  );
  await process.ended;
});

test('usage tells memory and CPU time, also afterwards', async (t) => {
  if (!isOk(groups)) return t.skip('needs control groups');
  const { usage } = await runInside(isolation, [
    '/usr/bin/python3',
    '-c',
    'x = bytearray(40 << 20)\nfor i in range(1000000): pass',
  ]);
  assert.ok(
    usage.memoryBytesMax !== undefined && usage.memoryBytesMax > 40 << 20 && usage.memoryBytesMax < 200 << 20,
    String(usage.memoryBytesMax),
  );
  assert.ok(usage.cpuMs !== undefined && usage.cpuMs > 5, String(usage.cpuMs));
});

test('a CPU limit is kept', async (t) => {
  if (!isOk(groups)) return t.skip('needs control groups');
  const { told } = await askInside(
    isolation,
    `
import time
os.read(3, 1)
wall, cpu = time.monotonic(), time.process_time()
while time.monotonic() < wall + 0.5: pass
tell(share=(time.process_time() - cpu) / (time.monotonic() - wall))`,
    {
      meanwhile: (process) => {
        process.limit({ cpu: 0.25 });
        process.channel.write('x');
      },
    },
  );
  assert.ok(Number(told['share']) < 0.35, String(told['share']));
});

test('one that is greedy counts as idle to the kernel, and weighs what it did once it is not', async (t) => {
  if (!isOk(groups) || !existsSync('/sys/fs/cgroup/cpu/mayfly')) return t.skip('looks at control groups version 1');
  let seen: (string | undefined)[] = [];
  await runInside(isolation, ['/bin/sh', '-c', 'read line <&3'], {
    meanwhile: (process) => {
      const group = groupOf(process.pid, 'cpu');
      const look = (): void =>
        void seen.push(...['cpu.idle', 'cpu.shares'].map((file) => readIfThere(join(group, file))));
      process.limit({ cpu: 2 });
      process.setGreedy(true, 2);
      look();
      process.setGreedy(false, 2);
      look();
      process.channel.write('go\n');
    },
  });
  if (seen[0] === undefined) return t.skip('the kernel is older than Linux 5.15');
  seen = seen.map((text) => text?.trim());
  assert.deepEqual([seen[0], seen[2], seen[3]], ['1', '0', '2048']);
});

test('the memory limit can be set above and below the one of booting, and is exact', async (t) => {
  if (!isOk(groups) || !existsSync('/sys/fs/cgroup/memory/mayfly')) return t.skip('looks at control groups version 1');
  await runInside(isolation, ['/bin/sh', '-c', 'read line <&3'], {
    meanwhile: (process) => {
      const group = groupOf(process.pid, 'memory');
      for (const memoryMb of [3_008, 128]) {
        process.limit({ memoryMb });
        assert.equal(readFileSync(join(group, 'memory.limit_in_bytes'), 'utf8').trim(), String(memoryMb * 1024 * 1024));
      }
      process.channel.write('\n');
    },
  });
});

test('kill ends everything inside at once, and frees what it held', async (t) => {
  const sleepSeconds = 600;
  const process = await spawnPlain([
    '/bin/sh',
    '-c',
    `setsid sleep ${sleepSeconds} & setsid sleep ${sleepSeconds} & echo ready >&3; sleep ${sleepSeconds}`,
  ]);
  await once(process.channel, 'data');
  const startMs = performance.now();
  process.kill();
  process.kill();
  assert.deepEqual(await process.ended, { code: undefined, signal: 'SIGKILL', outOfMemory: false });
  assert.ok(performance.now() - startMs < sleepSeconds * 1_000, 'before the sleep is over');
  if (!isOk(groups)) return t.skip('whether groups are gone needs groups');
  process.limit({ memoryMb: 128 });
});

test('an ended environment’s number, mounts and groups are used again', async () => {
  const before = ownTraces();
  for (let round = 0; round < 3; round++)
    await runInside(isolation, ['/bin/true'], { bundlePath: bundle(`round-${round}`, 'x') });
  assert.deepEqual(ownTraces(), before);
});

test('a sandbox that was made ahead is like one that was made at once', async (t) => {
  if (!isOk(groups)) return t.skip('needs groups');
  // Of no other test's kind. The first process inside is as old as the sandbox.
  const options = { ephemeralMb: 23, variables: { PATH: '/usr/bin:/bin', LINES: 'one\ntwo' } };
  const script = `set -- $(cut -d' ' -f22 /proc/1/stat; cut -d' ' -f1 /proc/uptime); echo $1 $2
    env | sort; pwd; ls -1 /proc/self/fd /var /tmp; cat; echo "$0"`;
  const look = async (): Promise<{ ageMs: number; seen: string }> => {
    const { stdout } = await runInside(isolation, ['/bin/sh', '-c', script, "it's\nall"], options);
    const end = stdout.indexOf('\n');
    const [bornTicks = 0, nowSeconds = 0] = stdout.slice(0, end).split(' ').map(Number);
    return { ageMs: nowSeconds * 1_000 - bornTicks * 10, seen: stdout.slice(end) };
  };
  const first = await look();
  const endMs = performance.now() + 30_000;
  let next = first;
  // Another is made once none of its kind has been asked for during a tenth of a second.
  while (next.ageMs < 150 && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    next = await look();
  }
  assert.ok(next.ageMs >= 150, `it was ${next.ageMs} ms old, the first ${first.ageMs} ms`);
  assert.match(next.seen, /\nLINES=one\n[^]*\ntwo\n[^]*\nit's\nall\n$/);
  assert.equal(next.seen, first.seen);
});

test('groups that an earlier platform of the same number has left are in nobody’s way', async (t) => {
  if (!isolation.attachesCode || !isOk(groups)) return t.skip('needs root and groups');
  const found = findControlGroups();
  assert.ok('layout' in found);
  const [parent = ''] = found.layout.parents;
  const isOurs = (pid: string): boolean => {
    const stat = readIfThere(`/proc/${pid}/stat`) ?? '';
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === String(process.pid);
  };
  const holdsOurs = (name: string): boolean =>
    (readIfThere(join(parent, name, 'cgroup.procs')) ?? '').split('\n').some((pid) => pid !== '' && isOurs(pid));
  /** What the names of our groups begin with, of each isolation of this process. */
  const prefixes = (): string[] => [
    ...new Set(
      readdirSync(parent)
        .filter(holdsOurs)
        .map((name) => name.replace(/\d+$/, '')),
    ),
  ];
  let elsewhere: readonly string[] = [];
  const running = async (other: OpenIsolation): Promise<string | undefined> => {
    let prefix: string | undefined;
    await runInside(other, ['/bin/sh', '-c', 'read -r go <&3'], {
      meanwhile(inside) {
        let looksLeft = 3_000;
        const look = (): void => {
          prefix = prefixes().find((name) => !elsewhere.includes(name));
          looksLeft -= 1;
          if (prefix === undefined && looksLeft > 0) setTimeout(look, 20);
          else inside.channel.end('go\n');
        };
        look();
      },
    });
    return prefix;
  };
  let opened = 0;
  const another = (): Promise<OpenIsolation> =>
    openIsolation({ folder: join(folder, `another-${(opened += 1)}`), clock: systemClock });
  /** What its groups are called; no other's are taken for them. */
  const prefixOf = async (other: OpenIsolation): Promise<string> => {
    const prefix = (await running(other)) ?? assert.fail('its group was seen');
    elsewhere = [...elsewhere, prefix];
    return prefix;
  };
  // The one that the other tests use is not meant.
  await prefixOf(isolation);
  let prefix = '';
  let left: string[] = [];
  {
    await using earlier = await another();
    prefix = await prefixOf(earlier);
    left = Array.from({ length: 8 }, (_, n) => `${prefix}${n}`);
    // While the number is still held: whoever has it next, one of ours or somebody else's platform, comes after these.
    for (const name of left) for (const path of found.layout.folders(name)) mkdirSync(path, { recursive: true });
  }
  elsewhere = elsewhere.filter((name) => name !== prefix);
  // The kernel lets go of a group some time after its last process.
  const isLeft = (): boolean =>
    left.some((name) => existsSync(join(parent, name)) && !holdsSomething(join(parent, name)));
  // They are kept, so that numbers that have become free before that one are not had again and again.
  await using next = new AsyncDisposableStack();
  for (let count = 0; count < 8 && !elsewhere.includes(prefix) && isLeft(); count += 1)
    await prefixOf(next.use(await another()));
  assert.ok(await eventually(() => !isLeft(), looksMax), left.filter((name) => existsSync(join(parent, name))).join());
});

test('a command that does not exist ends like one that failed, and says why', async () => {
  const { end, stderr } = await runInside(isolation, ['/var/task/missing']);
  // What a shell says of it, whichever the system has.
  assert.equal(end.code, 127);
  assert.match(stderr, /missing.*(not found|No such file)/);
});

test('a bundle that does not exist is unavailable, and its environment is given back', async (t) => {
  if (!isolation.attachesCode) return t.skip('needs root');
  const before = ownTraces();
  await assert.rejects(
    runInside(isolation, ['/bin/true'], { bundlePath: join(folder, 'absent') }),
    (error: unknown) => error instanceof PlatformError && error.code === 'unavailable',
  );
  assert.deepEqual(ownTraces(), before);
});

test('functions reach the internet, with the host’s address, and nobody reaches them', async (t) => {
  if (!isOk(internet)) return t.skip('needs root, ip and nft');
  const name = `mftest${process.pid}`;
  const tools = { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } };
  const ipProgram = findProgram('ip') ?? assert.fail('the platform has found it');
  const ip = (...args: string[]): Buffer => execFileSync(ipProgram, args, tools);
  // A namespace plays a host of the internet, at an address for documentation (RFC 5737), different for each test run.
  const subnet = (process.pid % 63) * 4;
  const [ownAddress, hostAddress] = [`198.51.100.${subnet + 1}`, `198.51.100.${subnet + 2}`];
  let server: ChildProcessWithoutNullStreams | undefined;
  ip('netns', 'add', name);
  try {
    ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    ip('address', 'add', `${ownAddress}/30`, 'dev', name);
    ip('link', 'set', name, 'up');
    ip('-n', name, 'address', 'add', `${hostAddress}/30`, 'dev', 'eth0');
    ip('-n', name, 'link', 'set', 'eth0', 'up');
    server = spawn(
      ipProgram,
      [
        'netns',
        'exec',
        name,
        '/usr/bin/python3',
        '-uc',
        `
import socket
s = socket.create_server(('', 8000)); print('ready')
c, address = s.accept(); print(address[0]); c.sendall(b'hello')`,
      ],
      tools,
    );
    const lines = createInterface(server.stdout);
    await once(lines, 'line');
    const peer = once(lines, 'line');
    const { told } = await askInside(
      isolation,
      `
listener = socket.create_server(('0.0.0.0', 4000))
c = socket.create_connection(('${hostAddress}', 8000), timeout=60)
os.write(3, c.getsockname()[0].encode())
os.read(3, 1)
listener.setblocking(False)
tell(answer=c.recv(100).decode(), inbound=tried(lambda: listener.accept()))`,
      {
        network: 'internet',
        meanwhile: async (process) => {
          const [inside] = await once(process.channel, 'data');
          const reached = spawn(
            '/usr/bin/python3',
            ['-c', `import socket; socket.create_connection(('${String(inside)}', 4000), timeout=0.3)`],
            { stdio: 'ignore' },
          );
          assert.notEqual((await once(reached, 'exit'))[0], 0, 'the host itself cannot connect to a port inside');
          process.channel.write('x');
        },
      },
    );
    assert.deepEqual(told, { answer: 'hello', inbound: 'EAGAIN' });
    assert.deepEqual(await peer, [ownAddress]);
  } finally {
    server?.kill('SIGKILL');
    ip('netns', 'delete', name);
  }
});

test(
  'the death of the platform is the death of its environments, and the next platform sweeps what is left',
  { timeout: 300_000 },
  async () => {
    const marker = `6${process.pid}`;
    const platform = spawn(
      process.execPath,
      [
        '--input-type=module-typescript',
        '-e',
        `
import { openIsolation } from ${JSON.stringify(join(import.meta.dirname, 'isolation.ts'))};
import { systemClock } from ${JSON.stringify(join(import.meta.dirname, '../../../util/clock.ts'))};
import { once } from 'node:events';
const isolation = await openIsolation({ folder: ${JSON.stringify(join(folder, 'crashing'))}, clock: systemClock });
const started = [];
for (const network of ['internet', 'none']) {
  const process = await isolation.spawn({ id: network, command: ['/bin/sh', '-c', 'sleep ${marker} & echo ready >&3; sleep ${marker}'], variables: { PATH: '/usr/bin' }, mounts: [], network, ephemeralMb: 1 });
  await once(process.channel, 'data');
  started.push(process);
}
console.log('ready');
process.stdin.once('data', () => console.log('frozen', started[0].freeze()));
setInterval(() => undefined, 1000);`,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    try {
      const lines = createInterface(platform.stdout);
      await once(lines, 'line');
      assert.ok(await eventually(() => sleeping(marker) === 4, looksMax), `${sleeping(marker)} of 4 run`);
      // One that is idle when the platform dies is not left behind, frozen.
      platform.stdin.write('freeze\n');
      const [said] = await once(lines, 'line');
      assert.equal(said, `frozen ${isOk('freezing of idle environments')}`);
    } finally {
      platform.kill('SIGKILL');
    }
    assert.ok(await eventually(() => sleeping(marker) === 0, looksMax), `${sleeping(marker)} still run`);
    const next = await openIsolation({ folder: join(folder, 'crashing'), clock: systemClock });
    assert.equal((await runInside(next, ['/bin/echo', 'alive'])).stdout, 'alive\n');
    await next[Symbol.asyncDispose]();
  },
);

test('closing ends what runs, and refuses what comes after', async () => {
  const short = await openIsolation({ folder: join(folder, 'short'), clock: systemClock });
  const process = await short.spawn({
    id: 'test' as EnvironmentId,
    command: ['/bin/sleep', '60'],
    variables: {},
    mounts: [],
    network: 'none',
    ephemeralMb: 1,
  });
  await short[Symbol.asyncDispose]();
  assert.equal((await process.ended).signal, 'SIGKILL');
  await assert.rejects(
    runInside(short, ['/bin/true']),
    (error: unknown) => error instanceof PlatformError && error.code === 'unavailable',
  );
});

function bundle(name: string, content: string): string {
  const path = join(folder, 'bundles', name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'code'), content);
  return path;
}

function spawnPlain(command: readonly string[]): ReturnType<OpenIsolation['spawn']> {
  return isolation.spawn({
    id: 'test' as EnvironmentId,
    command,
    variables: { PATH: '/usr/bin:/bin' },
    mounts: [],
    network: 'none',
    ephemeralMb: 1,
  });
}

/** How many processes of the machine sleep for this many seconds. */
function sleeping(marker: string): number {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `sleep\0${marker}\0`;
      } catch {
        return false;
      }
    }).length;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** The folder of the control group, of version 1, that a controller has a process in. */
function groupOf(pid: number | undefined, controller: string): string {
  assert.ok(pid !== undefined);
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
  const [, , path] =
    lines.map((line) => line.split(':')).find(([, names]) => names?.split(',').includes(controller)) ?? [];
  assert.ok(path !== undefined, lines.join('\n'));
  return join('/sys/fs/cgroup', controller, path);
}

const holdsSomething = (group: string): boolean => (readIfThere(join(group, 'cgroup.procs')) ?? '') !== '';

/** What the platform of this test has on the machine: its mounts of code. */
function ownTraces(): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => /\/envs\/\d+\/(task|opt) /.test(line) && line.includes(folder));
}
