/**
 * What a function's code must not see or reach, tried from inside through the whole platform: deployed by its own command,
 * called through its own doors. src/sandbox/process/isolation/escape.test.ts tries the same ground below it, system call by
 * system call. docs/security.md says what of this is promised.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { architectures } from '../../src/sandbox/process/isolation/seccomp/filter.ts';
import { refusedCalls } from '../../src/sandbox/process/isolation/seccomp/system-calls.ts';
import { administratorOf } from '../harness/api-client.ts';
import { assertAll, openProbe, secretOfThePlatform, type Probe } from '../harness/probe/open-probe.ts';

const checkout = join(import.meta.dirname, '../..');
/** What a connection to something that must be out of reach may end with. */
const unreachable = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EACCES', 'EPERM'];
const python = JSON.stringify;

let probe: Probe;

before(async () => {
  probe = await openProbe();
});

after(() => probe[Symbol.asyncDispose]());

describe('files', () => {
  test('the platform’s data folder, with its credentials and master key, is not there', async () => {
    const names = ['', 'credentials', 'master.key', 'mayfly.db', 'endpoint.json', 'bundles', 'blobs', 'logs', 'run'];
    const paths = names.map((name) => join(probe.mayfly.data, name));
    assert.ok(readFileSync(join(probe.mayfly.data, 'master.key')).length > 0, 'it is there outside');
    const told = await probe.ask('probe', `tell(**{path: tried(lambda: os.stat(path)) for path in ${python(paths)}})`);
    assertAll(told, 'ENOENT');
  });

  test('nor can other users of the host read what is in it', () => {
    const open = readdirSync(probe.mayfly.data).filter(
      (name) => ((statSync(join(probe.mayfly.data, name), { throwIfNoEntry: false })?.mode ?? 0) & 0o077) !== 0,
    );
    // These say that a platform runs, and nothing else.
    const harmless = ['endpoint.json', 'mayfly.pid', 'mayfly.lock', 'mayfly.lock-journal'];
    assert.deepEqual(
      open.filter((name) => !harmless.includes(name)),
      [],
    );
  });

  test('no file in reach holds a secret of the platform', async () => {
    const { accessKeyId, secretAccessKey } = administratorOf(probe.mayfly);
    const masterKey = readFileSync(join(probe.mayfly.data, 'master.key'), 'utf8').trim();
    const told = await probe.ask(
      'probe',
      `secrets = [secret.encode() for secret in event["secrets"]]
found, looked = [], 0
for folder in ("/etc", "/tmp", "/var", "/opt", "/dev/shm", "/proc/1", "/proc/self"):
    for path, folders, names in os.walk(folder):
        if path.startswith("/proc") and path.count("/") > 2: continue
        for name in names:
            try:
                descriptor = os.open(os.path.join(path, name), os.O_RDONLY | os.O_NONBLOCK)
                data = os.read(descriptor, 1 << 20)
                os.close(descriptor)
            except (OSError, ValueError): continue
            looked += 1
            if any(secret in data for secret in secrets): found.append(os.path.join(path, name))
tell(found=found, looked=looked > 20)`,
      { secrets: [accessKeyId, secretAccessKey, masterKey, secretOfThePlatform, 'of-the-neighbour-alone'] },
    );
    assert.deepEqual(told, { found: [], looked: true });
  });

  test('password hashes, home folders, mounts of the host and the program’s own checkout are not there', async () => {
    const paths = [
      '/etc/shadow',
      '/root',
      '/home',
      '/run/mayfly',
      '/sys',
      '/boot',
      '/mnt',
      checkout,
      join(checkout, 'package.json'),
    ];
    const told = await probe.ask('probe', `tell(**{path: tried(lambda: os.stat(path)) for path in ${python(paths)}})`);
    assertAll(told, 'ENOENT');
  });

  test('other functions’ code is not there, beside one’s own or at its place on the host', async () => {
    const bundles = readdirSync(join(probe.mayfly.data, 'bundles')).map((name) =>
      join(probe.mayfly.data, 'bundles', name),
    );
    assert.ok(bundles.length >= 3, 'three bundles are unpacked outside');
    const told = await probe.ask(
      'probe',
      `tell(own=os.listdir("/var/task"), beside=sorted({*os.listdir("/var/task/..")} - {"task", "runtime", "lang"}), others=[path for path in ${python(bundles)} if os.path.lexists(path)])`,
    );
    assert.deepEqual(told, { own: ['probe.py'], beside: [], others: [] });
  });

  test('its own code, the runtime and the system cannot be changed', async () => {
    const told = await probe.ask(
      'probe',
      `tell(code=tried(lambda: open("/var/task/probe.py", "a")), new=tried(lambda: open("/var/task/new.py", "w")), runtime=tried(lambda: open("/var/runtime/bootstrap.py", "a")),
     program=tried(lambda: open("/usr/bin/python3", "r+b")), users=tried(lambda: open("/etc/passwd", "a")), root=tried(lambda: os.mkdir("/new")))`,
    );
    assertAll(told, 'EROFS', 'EACCES');
  });

  test('another function’s /tmp and shared memory are not there', async () => {
    const there = await probe.ask(
      'neighbour',
      `open("/tmp/kept", "w").write("x"); open("/dev/shm/kept", "w").write("x"); tell(tmp=os.listdir("/tmp"), shm=os.listdir("/dev/shm"))`,
    );
    assert.deepEqual(there, { tmp: ['kept'], shm: ['kept'] });
    const told = await probe.ask(
      'probe',
      `tell(tmp=tried(lambda: os.stat("/tmp/kept")), shm=tried(lambda: os.stat("/dev/shm/kept")))`,
    );
    assertAll(told, 'ENOENT');
  });

  test('/dev has nothing but the harmless devices, and none can be made', async () => {
    const told = await probe.ask(
      'probe',
      `import stat
tell(found=sorted(os.listdir("/dev")), made=[tried(lambda: os.mknod("/tmp/node", 0o600 | kind, os.makedev(*device))) for kind, device in ((stat.S_IFBLK, (254, 0)), (stat.S_IFCHR, (1, 1)))])`,
    );
    // bwrap's own, where the platform may mount nothing itself.
    const others = process.getuid?.() === 0 ? [] : ['core', 'ptmx', 'pts'];
    const devices = ['fd', 'full', 'null', 'random', 'shm', 'stderr', 'stdin', 'stdout', 'tty', 'urandom', 'zero'];
    assert.deepEqual(told['found'], [...devices, ...others].toSorted());
    assert.deepEqual(told['made'], ['EPERM', 'EPERM']);
  });
});

describe('processes', () => {
  test('no process but its own is in sight', async () => {
    await probe.assertWorks('neighbour');
    const told = await probe.ask(
      'probe',
      `pids = sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
tell(pids=pids, platform=tried(lambda: os.stat("/proc/${probe.mayfly.pid}/environ")), commands=[open(f"/proc/{pid}/cmdline").read().split("\\0")[0].split("/")[-1] for pid in pids])`,
    );
    assert.deepEqual(told, { pids: [1, 2], platform: 'ENOENT', commands: ['bwrap', 'python3'] });
  });

  test('the platform and other functions cannot be signalled', async () => {
    assert.deepEqual(await probe.ask('neighbour', `import builtins; builtins.kept = 7; tell(kept=builtins.kept)`), {
      kept: 7,
    });
    const told = await probe.ask(
      'probe',
      `import signal
before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
tell(platform=tried(lambda: os.kill(${probe.mayfly.pid}, 9)), test=tried(lambda: os.kill(${process.pid}, 9)), all=tried(lambda: os.kill(-1, signal.SIGTERM)))
signal.signal(signal.SIGTERM, before)`,
    );
    assert.deepEqual({ platform: told['platform'], test: told['test'] }, { platform: 'ESRCH', test: 'ESRCH' });
    assert.deepEqual(
      await probe.ask('neighbour', `import builtins; tell(kept=builtins.kept)`),
      { kept: 7 },
      'the same environment still runs',
    );
  });

  test('another function’s memory and environment variables cannot be read', async () => {
    const told = await probe.ask(
      'probe',
      `import glob
texts = [open(path, errors="replace").read() for path in glob.glob("/proc/[0-9]*/environ")]
tell(secret=any("of-the-neighbour-alone" in text for text in texts), others=[tried(lambda: open(f"/proc/{pid}/mem", "rb")) for pid in (${probe.mayfly.pid}, ${process.pid})])`,
    );
    assert.deepEqual(told, { secret: false, others: ['ENOENT', 'ENOENT'] });
  });

  test('dangerous system calls are refused: tracing, mounting, namespaces, modules, BPF, keys, clocks', async () => {
    const { column } = process.arch === 'arm64' ? architectures.arm64 : architectures.x64;
    const names = [
      'ptrace',
      'process_vm_readv',
      'process_vm_writev',
      'pidfd_getfd',
      'mount',
      'umount2',
      'fsopen',
      'move_mount',
      'pivot_root',
      'chroot',
      'unshare',
      'setns',
      'init_module',
      'finit_module',
      'delete_module',
      'kexec_load',
      'bpf',
      'perf_event_open',
      'io_uring_setup',
      'userfaultfd',
      'keyctl',
      'add_key',
      'open_by_handle_at',
      'settimeofday',
      'reboot',
      'syslog',
    ] as const;
    const numbers = Object.fromEntries(
      names.map((name) => [name, refusedCalls[name][column]]).filter(([, number]) => number !== undefined),
    );
    const told = await probe.ask(
      'probe',
      `tell(**{name: call(number, 0, 0, 0, 0, 0) for name, number in event["numbers"].items()})`,
      { numbers },
    );
    assert.equal(Object.keys(told).length, names.length);
    assertAll(told, 'EPERM');
  });

  test('it has no privilege, nor has the process that it was started by, and it cannot gain any', async () => {
    const told = await probe.ask(
      'probe',
      `def facts(pid):
    status = dict(line.split(":\\t", 1) for line in open(f"/proc/{pid}/status").read().splitlines() if ":\\t" in line)
    return {key: status[key] for key in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp")}
tell(facts=facts("self"), first=facts(1), root=[tried(lambda: os.setuid(0)), tried(lambda: os.setgid(0))], nice=tried(lambda: os.nice(-5)), core=tried(lambda: open("/proc/sys/kernel/core_pattern", "w")))`,
    );
    const none = '0000000000000000';
    const expected = {
      CapInh: none,
      CapPrm: none,
      CapEff: none,
      CapBnd: none,
      CapAmb: none,
      NoNewPrivs: '1',
      Seccomp: '2',
    };
    assert.deepEqual(told['facts'], expected);
    // It may write to that process's memory, which is its own user's: so that one must not be able to do more.
    assert.deepEqual(told['first'], expected);
    for (const outcome of told['root'] as string[]) assert.ok(['EPERM', 'EINVAL'].includes(outcome), outcome);
    assertAll({ nice: told['nice'], core: told['core'] }, 'EPERM', 'EACCES', 'EROFS');
  });
});

describe('what the platform gave it', () => {
  test('environment variables are Lambda’s and its own, and none of the platform’s', async () => {
    const told = await probe.ask(
      'probe',
      `tell(variables=dict(os.environ), first=[open("/proc/1/environ").read(), open("/proc/self/environ").read()])`,
    );
    const variables = told['variables'] as Record<string, string>;
    const unknown = Object.keys(variables).filter((name) => !/^(AWS|LAMBDA)_[A-Z_]+$/.test(name));
    assert.deepEqual(
      unknown.sort(),
      ['LANG', 'LD_LIBRARY_PATH', 'OWN', 'PATH', 'TZ', '_HANDLER', '_X_AMZN_TRACE_ID'].sort(),
    );
    const all = JSON.stringify(told);
    for (const secret of [
      secretOfThePlatform,
      'of-the-neighbour-alone',
      probe.mayfly.data,
      administratorOf(probe.mayfly).accessKeyId,
    ]) {
      assert.ok(!all.includes(secret), `${secret} is in the environment`);
    }
    assert.match(variables['AWS_ACCESS_KEY_ID'] ?? '', /^ASIA/);
  });

  test('no descriptor is open but its output and its channel: the hand-over of sockets is gone', async () => {
    // An environment that no other test has opened files in.
    const told = await probe.ask(
      'filler',
      `tell(open=sorted(int(fd) for fd in os.listdir("/proc/self/fd")), variable=os.environ.get("NODE_CHANNEL_FD"), four=tried(lambda: os.fstat(4)))`,
    );
    // 4 is the listing itself, closed by the time of the last look.
    assert.deepEqual(told, { open: [0, 1, 2, 3, 4], variable: null, four: 'EBADF' });
    const node = await probe.ask(
      'in-node',
      `const { readdirSync, readlinkSync } = await load('fs');
const link = (fd) => { try { return readlinkSync('/proc/self/fd/' + fd); } catch { return 'gone'; } };
return {
  sockets: readdirSync('/proc/self/fd').filter((fd) => link(fd).startsWith('socket:')),
  send: typeof process.send, channel: process.channel ?? null, variable: process.env.NODE_CHANNEL_FD ?? null,
};`,
    );
    assert.deepEqual(node, { sockets: ['1', '2', '3'], send: 'undefined', channel: null, variable: null });
  });
});

describe('the network', () => {
  const ownAddresses = (): string[] =>
    Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => address);

  for (const name of ['probe', 'sealed']) {
    test(`the host’s services, and the platform’s own ports, are out of reach at every address of the host (${name})`, async () => {
      /** At which address each was reached. */
      const connections: (string | undefined)[] = [];
      const server = createServer((_request, response) => response.end('reached')).listen(0, '0.0.0.0');
      server.on('connection', ({ localAddress }) => connections.push(localAddress));
      await once(server, 'listening');
      const ports = [
        (server.address() as AddressInfo).port,
        Number(new URL(probe.mayfly.api).port),
        Number(new URL(probe.mayfly.http).port),
      ];
      const hosts: string[] = [];
      try {
        for (const host of ['127.0.0.1', ...ownAddresses()]) {
          try {
            for (const port of ports) await reach(host, port);
            hosts.push(host);
          } catch (error) {
            // Other platforms of this machine come and go, with addresses of their own.
            if (ownAddresses().includes(host)) throw error;
          }
        }
        assert.equal(hosts[0], '127.0.0.1');
        const outside = connections.length;
        const stayed = connections.filter((address) => address !== undefined && hosts.includes(address));
        assert.equal(stayed.length, hosts.length, 'all of it is there for the host itself');
        assert.deepEqual(new Set(stayed), new Set(hosts));
        const told = await probe.ask(
          name,
          `routes = [line.split() for line in open("/proc/net/route").read().splitlines()[1:]]
gateways = [socket.inet_ntoa(bytes.fromhex(route[2])[::-1]) for route in routes if route[1] == "00000000"]
hosts = event["hosts"] + gateways + ["127.0.0.2", "0.0.0.0"]
tell(**{f"{host}:{port}": connect(host, port) for host in hosts for port in event["ports"]})`,
          { hosts, ports },
        );
        assert.ok(Object.keys(told).length >= (hosts.length + 2) * ports.length);
        assertAll(told, ...unreachable);
        assert.equal(connections.length, outside);
      } finally {
        server.close();
        server.closeAllConnections();
      }
    });
  }

  test('metadata services and private networks are out of reach', async () => {
    const hosts = [
      '169.254.169.254',
      '169.254.170.2',
      '10.0.0.1',
      '172.16.0.1',
      '192.168.0.1',
      '100.100.100.200',
      '224.0.0.1',
    ];
    assertAll(
      await probe.ask('probe', `tell(**{host: connect(host, 80) for host in ${python(hosts)}})`),
      ...unreachable,
    );
  });

  test('another function’s ports are out of reach', async () => {
    const listening = await probe.ask(
      'neighbour',
      `import builtins, fcntl, struct
builtins.server = socket.create_server(("0.0.0.0", 4000))
addresses = []
try: addresses.append(socket.inet_ntoa(fcntl.ioctl(builtins.server.fileno(), 0x8915, struct.pack("256s", b"eth0"))[20:24]))
except OSError: pass
tell(addresses=addresses, self=connect("127.0.0.1", 4000))`,
    );
    assert.equal(listening['self'], 'ok', 'it does listen');
    const hosts = ['127.0.0.1', ...(listening['addresses'] as string[])];
    assertAll(
      await probe.ask('probe', `tell(**{host: connect(host, 4000) for host in ${python(hosts)}})`),
      ...unreachable,
    );
    await probe.ask('neighbour', 'import builtins; builtins.server.close(); tell(closed=True)');
  });

  test('raw and packet sockets, and sockets to the hypervisor, are refused', async () => {
    const told = await probe.ask(
      'probe',
      `tell(raw=tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)), raw6=tried(lambda: socket.socket(socket.AF_INET6, socket.SOCK_RAW, 58)),
     packet=tried(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3)), vsock=tried(lambda: socket.socket(40, socket.SOCK_STREAM)))`,
    );
    assertAll(told, 'EPERM');
  });

  test('network: none reaches the endpoint and nothing else', async () => {
    const told = await probe.ask(
      'sealed',
      `tell(interfaces=[name for _, name in socket.if_nameindex()], own=signed("GET", "/mine?list-type=2")["status"], outside=[connect("1.1.1.1", 443), connect("8.8.8.8", 53)])`,
    );
    assert.deepEqual(told, { interfaces: ['lo'], own: 200, outside: ['ENETUNREACH', 'ENETUNREACH'] });
    const open = await probe.ask('probe', `tell(interfaces=[name for _, name in socket.if_nameindex()])`);
    assert.deepEqual(
      open['interfaces'],
      probe.isOk('internet access of functions') ? ['lo', 'eth0'] : ['lo'],
      'the others have one, where the host can',
    );
  });
});

/** Resolves once connected. */
async function reach(host: string, port: number): Promise<void> {
  const socket = connect(port, host);
  await once(socket, 'connect');
  socket.destroy();
}
