/**
 * Escape attempts: each test tries one thing from inside, as a function's code could, and asserts that it is refused.
 * Run as root, the same attempts are made a second time on a platform that is an ordinary user.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../util/clock.ts';
import { openIsolation, type OpenIsolation } from './isolation.ts';
import { askInside, runInside, type RunOptions } from './run-inside.ts';
import { architectures } from './seccomp/filter.ts';
import { refusedCalls } from './seccomp/system-calls.ts';

let isolation: OpenIsolation;
let folder: string;
/** Why the limits of control groups do not hold here. */
let noGroups: string | undefined;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mayfly-escape-'));
  isolation = await openIsolation({ folder: join(folder, 'run'), clock: systemClock });
  const limits = (await isolation.capabilities()).find(({ name }) => name === 'memory, CPU and process limits');
  if (limits?.status !== 'ok') noGroups = limits?.finding;
});

after(async () => {
  await isolation[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const ask = async (python: string, options?: RunOptions): Promise<Record<string, unknown>> =>
  (await askInside(isolation, python, options)).told;

/** The errors that each of these calls ends with; none may have an argument that would do harm if it were let through. */
async function errorsOf(
  calls: { name: keyof typeof refusedCalls; args?: readonly (number | string)[] }[],
): Promise<Record<string, unknown>> {
  const { column } = process.arch === 'arm64' ? architectures.arm64 : architectures.x64;
  const lines = calls.flatMap(({ name, args = [0, 0, 0, 0, 0] }) => {
    const number = refusedCalls[name][column];
    return number === undefined ? [] : [`${name} = call(${[number, ...args].join(', ')})`];
  });
  return ask(`tell(${lines.map((line) => line.replace(' = ', '=')).join(', ')})`);
}

function assertAll(told: Record<string, unknown>, ...accepted: string[]): void {
  assert.notEqual(Object.keys(told).length, 0);
  for (const [name, outcome] of Object.entries(told)) {
    assert.ok(accepted.includes(String(outcome)), `${name}: ${String(outcome)}, expected ${accepted.join(' or ')}`);
  }
}

// Files

test('the host’s password file is not there, and the one that is has no hashes', async () => {
  const told = await ask(`tell(shadow=tried(lambda: open('/etc/shadow')), passwd=open('/etc/passwd').read())`);
  assert.equal(told['shadow'], 'ENOENT');
  assert.notEqual(told['passwd'], readFileSync('/etc/passwd', 'utf8'));
});

test('folders of the host are not there', async () => {
  const folders = [
    '/root',
    '/home',
    '/run',
    '/sys',
    '/boot',
    '/mnt',
    '/srv',
    '/media',
    '/usr/local',
    '/var/lib',
    '/var/log',
    '/var/run',
    '/lost+found',
  ];
  const told = await ask(
    `tell(found=[path for path in ${JSON.stringify(folders)} if os.path.lexists(path)], top=sorted(os.listdir('/')))`,
  );
  assert.deepEqual(told['found'], []);
  const expected = ['bin', 'dev', 'etc', 'lib', 'lib32', 'lib64', 'libx32', 'opt', 'proc', 'sbin', 'tmp', 'usr', 'var'];
  assert.ok(Array.isArray(told['top']) && told['top'].every((name) => expected.includes(name)), String(told['top']));
});

test('the platform’s data folder is not there', async () => {
  writeFileSync(join(folder, 'credentials'), 'secret');
  const told = await ask(
    `tell(data=tried(lambda: open(${JSON.stringify(join(folder, 'credentials'))})), tmp=os.listdir('/tmp'))`,
  );
  assert.deepEqual(told, { data: 'ENOENT', tmp: [] });
});

test('other functions’ bundles are not there, beside one’s own or at their place on the host', async () => {
  const bundles = join(folder, 'bundles');
  for (const name of ['mine', 'theirs']) {
    mkdirSync(join(bundles, name), { recursive: true });
    writeFileSync(join(bundles, name, 'code.py'), name);
  }
  const told = await ask(
    `tell(mine=open('/var/task/code.py').read(), beside=tried(lambda: open('/var/task/../theirs/code.py')), var=os.listdir('/var'),
          host=tried(lambda: open(${JSON.stringify(join(bundles, 'theirs', 'code.py'))})))`,
    { bundlePath: join(bundles, 'mine') },
  );
  assert.deepEqual(told, { mine: 'mine', beside: 'ENOENT', var: ['task'], host: 'ENOENT' });
});

test('one’s own code cannot be changed', async () => {
  const bundle = join(folder, 'unchanged');
  mkdirSync(bundle);
  writeFileSync(join(bundle, 'code.py'), 'original');
  const told = await ask(
    `p = '/var/task/code.py'
tell(write=tried(lambda: open(p, 'w')), create=tried(lambda: open('/var/task/new', 'w')), remove=tried(lambda: os.remove(p)),
     chmod=tried(lambda: os.chmod(p, 0o777)), rename=tried(lambda: os.rename('/var/task', '/var/other')))`,
    { bundlePath: bundle },
  );
  const { rename, ...others } = told;
  assertAll(others, 'EROFS');
  assertAll({ rename }, 'EROFS', 'EBUSY');
  assert.equal(readFileSync(join(bundle, 'code.py'), 'utf8'), 'original');
});

test('the system’s programs, settings and root cannot be written to', async () => {
  const told = await ask(
    `tell(usr=tried(lambda: open('/usr/bin/mayfly', 'w')), program=tried(lambda: open('/usr/bin/python3', 'r+b')), etc=tried(lambda: open('/etc/passwd', 'a')),
          root=tried(lambda: os.mkdir('/new')), opt=tried(lambda: os.mkdir('/opt/new')), dev=tried(lambda: open('/dev/new', 'w')))`,
  );
  // What belongs to root is refused for its mode before its file system is looked at.
  assertAll(told, 'EROFS', 'EACCES');
});

test('a file of one environment’s /tmp is not in another’s', async () => {
  const told = await ask(
    `open('/tmp/mine', 'w').close(); os.write(3, b'x'); os.read(3, 1); tell(tmp=os.listdir('/tmp'))`,
    {
      meanwhile: async (other) => {
        await once(other.channel, 'data');
        assert.deepEqual(await ask(`tell(tmp=os.listdir('/tmp'))`), { tmp: [] });
        other.channel.write('x');
      },
    },
  );
  assert.deepEqual(told, { tmp: ['mine'] });
});

// Processes

test('the host’s processes cannot be seen', async () => {
  const told = await ask(`
pids = [int(name) for name in os.listdir('/proc') if name.isdigit()]
tell(pids=sorted(pids), commands=[open(f'/proc/{pid}/cmdline').read().split('\\0')[0] for pid in pids], parent=os.getppid())`);
  assert.deepEqual(told['pids'], [1, 2]);
  assert.deepEqual(told['parent'], 1);
  assert.ok(Array.isArray(told['commands']) && told['commands'].every((command) => /(bwrap|python3)$/.test(command)));
});

test('the host’s processes cannot be signalled', async () => {
  const victim = spawn('/bin/sleep', ['60']);
  try {
    const told = await ask(`
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
tell(victim=tried(lambda: os.kill(${victim.pid}, 9)), platform=tried(lambda: os.kill(${process.pid}, 9)), everybody=tried(lambda: os.kill(-1, signal.SIGTERM)))`);
    assert.equal(told['victim'], 'ESRCH');
    assert.equal(told['platform'], 'ESRCH');
    assert.equal(victim.exitCode, null);
  } finally {
    victim.kill('SIGKILL');
  }
});

test('ptrace is refused', async () => {
  const [traceMe, attach] = [0, 16];
  assertAll(await errorsOf([{ name: 'ptrace', args: [traceMe, 0, 0, 0] }]), 'EPERM');
  assertAll(await errorsOf([{ name: 'ptrace', args: [attach, 1, 0, 0] }]), 'EPERM');
});

test('another process’s memory cannot be read or written, nor its descriptors taken', async () => {
  const told = await errorsOf([
    { name: 'process_vm_readv', args: [1, 0, 0, 0, 0, 0] },
    { name: 'process_vm_writev', args: [1, 0, 0, 0, 0, 0] },
    { name: 'pidfd_getfd' },
    { name: 'kcmp' },
  ]);
  assertAll(told, 'EPERM');
});

test('another environment’s processes, memory and descriptors are out of sight', async () => {
  await ask(`tell(ready=1); os.read(3, 1)`, {
    meanwhile: async (other) => {
      const told = await ask(`
import glob
environments = [open(path).read() for path in glob.glob('/proc/[0-9]*/environ')]
tell(found=any('only-the-other-has' in text for text in environments), pids=len(environments),
     memory=tried(lambda: open('/proc/3/mem', 'rb')), descriptors=tried(lambda: os.listdir('/proc/3/fd')))`);
      assert.deepEqual(told, { found: false, pids: 2, memory: 'ENOENT', descriptors: 'ENOENT' });
      other.channel.write('x');
    },
    variables: { SECRET: 'only-the-other-has' },
  });
});

test('System V shared memory of the host is out of sight', async () => {
  const told = await ask(`
segments = open('/proc/sysvipc/shm').read().splitlines()[1:]
tell(segments=segments, namespace=os.readlink('/proc/self/ns/ipc'))`);
  assert.deepEqual(told['segments'], []);
  assert.notEqual(told['namespace'], readlinkOf('ipc'));
});

test('nobody else’s namespaces: user, mount, PID, network, IPC, UTS', async () => {
  const kinds = ['user', 'mnt', 'pid', 'net', 'ipc', 'uts'];
  const told = await ask(`tell(**{kind: os.readlink('/proc/self/ns/' + kind) for kind in ${JSON.stringify(kinds)}})`);
  for (const kind of kinds) assert.notEqual(told[kind], readlinkOf(kind), kind);
});

// Privilege

test('mounting is refused, the old way and the new', async () => {
  const told = await errorsOf([
    { name: 'mount', args: ["b'none'", "b'/tmp'", "b'tmpfs'", 0, 0] },
    { name: 'fsopen', args: ["b'tmpfs'", 0] },
    { name: 'open_tree', args: [-100, "b'/'", 1] },
    { name: 'move_mount' },
    { name: 'mount_setattr' },
    { name: 'pivot_root', args: ["b'/tmp'", "b'/tmp'"] },
  ]);
  assertAll(told, 'EPERM');
});

test('making /usr writable again is refused', async () => {
  const remountBind = 32 | 4096;
  assertAll(await errorsOf([{ name: 'mount', args: ["b'none'", "b'/usr/bin'", 0, remountBind, 0] }]), 'EPERM');
});

test('unmounting what covers the host is refused', async () => {
  assertAll(await errorsOf([{ name: 'umount2', args: ["b'/var/task'", 2] }]), 'EPERM');
  assertAll(await errorsOf([{ name: 'umount2', args: ["b'/'", 2] }]), 'EPERM');
});

test('new namespaces, in which it would be root, are refused', async () => {
  const [user, network, mount] = [0x1000_0000, 0x4000_0000, 0x2_0000];
  for (const flag of [user, network, mount, user | mount])
    assertAll(await errorsOf([{ name: 'unshare', args: [flag] }]), 'EPERM');
  const clone = process.arch === 'arm64' ? 220 : 56;
  const clone3 = 435;
  assert.deepEqual(await ask(`tell(clone=call(${clone}, ${user} | 17, 0, 0, 0, 0), clone3=call(${clone3}, 0, 0))`), {
    clone: 'EPERM',
    clone3: 'ENOSYS',
  });
});

test('joining other namespaces is refused', async () => {
  const told = await ask(
    `fd = os.open('/proc/1/ns/mnt', os.O_RDONLY); tell(setns=call(${process.arch === 'arm64' ? 268 : 308}, fd, 0))`,
  );
  assert.deepEqual(told, { setns: 'EPERM' });
});

test('there is no capability to use, and no way to gain one', async () => {
  const told = await ask(`
status = dict(line.split(':\\t', 1) for line in open('/proc/self/status').read().splitlines())
tell(**{key: status[key] for key in ('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp')})`);
  const { NoNewPrivs, Seccomp, ...capabilities } = told;
  assertAll(capabilities, '0000000000000000');
  assert.deepEqual({ NoNewPrivs, Seccomp }, { NoNewPrivs: '1', Seccomp: '2' });
});

test('becoming root is refused, also through set-user-id programs', async () => {
  const told = await ask(`
import shutil, subprocess
shutil.copy('/usr/bin/id', '/tmp/id'); os.chmod('/tmp/id', 0o6755)
tell(setuid=tried(lambda: os.setuid(0)), setgid=tried(lambda: os.setgid(0)), setgroups=tried(lambda: os.setgroups([0])),
     chown=tried(lambda: os.chown('/tmp/id', 0, 0)), own=subprocess.run(['/tmp/id', '-u'], capture_output=True, text=True).stdout.strip(),
     nosuid=[path for path in ('/usr/bin', '/tmp', '/var/task') if not os.statvfs(path).f_flag & os.ST_NOSUID],
     mount=subprocess.run(['/usr/bin/mount', '--bind', '/tmp', '/opt'], capture_output=True).returncode != 0)`);
  const { setuid, setgid, setgroups, chown, ...programs } = told;
  assertAll({ setuid, setgid, setgroups, chown }, 'EPERM', 'EINVAL');
  assert.deepEqual(programs, { own: '993', nosuid: [], mount: true });
});

test('device nodes cannot be made', async () => {
  const told = await ask(`
import stat
tell(disk=tried(lambda: os.mknod('/tmp/disk', 0o660 | stat.S_IFBLK, os.makedev(254, 0))), memory=tried(lambda: os.mknod('/tmp/mem', 0o660 | stat.S_IFCHR, os.makedev(1, 1))))`);
  assertAll(told, 'EPERM');
});

test('/dev has nothing but the harmless devices', async () => {
  const told = await ask(`
tell(found=sorted(os.listdir('/dev')), tty=tried(lambda: open('/dev/tty')), core=tried(lambda: open('/dev/core', 'rb').read(1)))`);
  // bwrap's own, where the platform may mount nothing itself.
  const others = process.getuid?.() === 0 ? [] : ['core', 'ptmx', 'pts'];
  const devices = ['fd', 'full', 'null', 'random', 'shm', 'stderr', 'stdin', 'stdout', 'tty', 'urandom', 'zero'];
  assert.deepEqual(told['found'], [...devices, ...others].toSorted());
  assertAll({ tty: told['tty'] }, 'ENXIO');
  assertAll({ core: told['core'] }, 'EACCES', 'EPERM', 'ENOENT');
});

test('kernel modules cannot be loaded or removed, nor another kernel', async () => {
  const told = await errorsOf([
    { name: 'init_module' },
    { name: 'finit_module' },
    { name: 'delete_module', args: ["b'ext4'", 0] },
    { name: 'kexec_load' },
    { name: 'reboot' },
  ]);
  assertAll(told, 'EPERM');
});

test('the kernel’s log, memory and settings are out of reach', async () => {
  assertAll(await errorsOf([{ name: 'syslog', args: [3, 0, 0] }]), 'EPERM');
  const told = await ask(`
tell(kmsg=tried(lambda: open('/proc/kmsg')), kcore=tried(lambda: open('/proc/kcore', 'rb')), sysrq=tried(lambda: open('/proc/sysrq-trigger', 'w')),
     pattern=tried(lambda: open('/proc/sys/kernel/core_pattern', 'w')), modprobe=tried(lambda: open('/proc/sys/kernel/modprobe', 'w')),
     forward=tried(lambda: open('/proc/sys/net/ipv4/ip_forward', 'w')))`);
  assertAll(told, 'EACCES', 'EPERM', 'EROFS', 'ENOENT');
});

test('keys, BPF, io_uring, performance counters and page faults of the kernel are refused', async () => {
  const told = await errorsOf([
    { name: 'keyctl' },
    { name: 'add_key' },
    { name: 'request_key' },
    { name: 'bpf' },
    { name: 'io_uring_setup', args: [8, 0] },
    { name: 'perf_event_open' },
    { name: 'userfaultfd' },
  ]);
  assertAll(told, 'EPERM');
});

test('files cannot be opened by a handle, past the mounts', async () => {
  assertAll(await errorsOf([{ name: 'open_by_handle_at' }, { name: 'name_to_handle_at' }]), 'EPERM');
});

test('chroot, and the way out of one, are refused', async () => {
  const told = await ask(`
os.mkdir('/tmp/jail')
fd = os.open('/', os.O_RDONLY)
outcome = tried(lambda: os.chroot('/tmp/jail'))
os.fchdir(fd)
for _ in range(64): os.chdir('..')
tell(chroot=outcome, shadow=tried(lambda: open('etc/shadow')))`);
  assert.deepEqual(told, { chroot: 'EPERM', shadow: 'ENOENT' });
});

test('the host’s name and clock cannot be changed', async () => {
  const told = await ask(`
import time
tell(hostname=tried(lambda: socket.sethostname('mine')), clock=tried(lambda: time.clock_settime(time.CLOCK_REALTIME, 0)))`);
  assertAll(told, 'EPERM');
  assertAll(
    await errorsOf([{ name: 'settimeofday' }, { name: 'setdomainname', args: ["b'x'", 1] }, { name: 'adjtimex' }]),
    'EPERM',
  );
});

test(
  'calls of another architecture, which the filter cannot judge, end the process',
  { skip: process.arch !== 'x64' && 'x86-64 only' },
  async () => {
    // mov eax, 20 (getpid); int 0x80; ret
    const { end, stdout } = await runInside(isolation, [
      '/usr/bin/python3',
      '-c',
      `import ctypes, mmap
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(bytes.fromhex('b814000000cd80c3'))
print(ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))())`,
    ]);
    assert.deepEqual({ signal: end.signal, stdout }, { signal: 'SIGSYS', stdout: '' });
  },
);

test('real-time priority and higher limits are refused', async () => {
  const told = await ask(`
tell(fifo=tried(lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))), nice=tried(lambda: os.nice(-5)))
`);
  assertAll(told, 'EPERM', 'EACCES');
  const limits = await ask(`
import resource
def raised(kind):
    try:
        resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        return 'raised'
    except (ValueError, OSError):
        return 'refused'
tell(core=raised(resource.RLIMIT_CORE), files=raised(resource.RLIMIT_NOFILE))`);
  assertAll(limits, 'refused');
});

test('a crash leaves no core file', async () => {
  const told = await ask(`
import resource, subprocess
crashed = subprocess.run([sys.executable, '-c', 'import os; os.abort()'], cwd='/tmp')
tell(limit=resource.getrlimit(resource.RLIMIT_CORE), signal=crashed.returncode, left=os.listdir('/tmp'))`);
  assert.deepEqual(told, { limit: [0, 0], signal: -6, left: [] });
});

// What the platform could leak

test('only standard files, the channel and the hand-over are open', async () => {
  const told = await ask(
    `tell(open=sorted(int(fd) for fd in os.listdir('/proc/self/fd')), inside=os.environ['NODE_CHANNEL_FD'])`,
  );
  // 5 is the listing itself.
  assert.deepEqual(told, { open: [0, 1, 2, 3, 4, 5], inside: '4' });
});

test('the platform’s environment variables are absent, in every process', async () => {
  process.env['MAYFLY_TEST_SECRET'] = 'platform-only';
  try {
    const told = await ask(
      `tell(variables=sorted(os.environ), first=open('/proc/1/environ').read(), arguments=open('/proc/1/cmdline').read())`,
      { variables: { GIVEN: 'given-secret' } },
    );
    // LC_CTYPE is Python's own doing.
    assert.deepEqual(told['variables'], ['GIVEN', 'LC_CTYPE', 'NODE_CHANNEL_FD', 'PWD']);
    assert.doesNotMatch(String(told['first']), /platform-only|given-secret|PATH=/);
    assert.doesNotMatch(String(told['arguments']), /given-secret/);
  } finally {
    delete process.env['MAYFLY_TEST_SECRET'];
  }
});

// Network

test('raw and packet sockets, and sockets to the hypervisor and the kernel, are refused', async () => {
  const told = await ask(`
tell(raw=tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)), raw6=tried(lambda: socket.socket(socket.AF_INET6, socket.SOCK_RAW, 58)),
     packet=tried(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3)), packets=tried(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 3)),
     vsock=tried(lambda: socket.socket(40, socket.SOCK_STREAM)), crypto=tried(lambda: socket.socket(38, socket.SOCK_SEQPACKET)),
     firewall=tried(lambda: socket.socket(16, socket.SOCK_RAW, 12)))`);
  assertAll(told, 'EPERM');
});

const unreachable = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EACCES', 'timed out'];

for (const network of ['internet', 'none'] as const) {
  test(`services on the host’s loopback and own addresses are out of reach (network: ${network})`, async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '0.0.0.0');
    let connections = 0;
    server.on('connection', () => connections++);
    await once(server, 'listening');
    try {
      const own = Object.values(networkInterfaces())
        .flatMap((addresses) => addresses ?? [])
        .filter(({ family }) => family === 'IPv4')
        .map(({ address }) => address);
      const told = await ask(
        `
gateway = [bytes.fromhex(line.split()[2])[::-1] for line in open('/proc/net/route').read().splitlines()[1:] if line.split()[1] == '00000000']
hosts = ${JSON.stringify([...own, '127.0.0.1', '127.0.0.53'])} + [socket.inet_ntoa(address) for address in gateway]
tell(**{host: connect(host, ${portOf(server)}) for host in hosts})`,
        { network },
      );
      assertAll(told, ...unreachable);
      assert.equal(connections, 0);
    } finally {
      server.close();
    }
  });

  test(`metadata services and private addresses are out of reach (network: ${network})`, async () => {
    const told = await ask(
      `tell(**{host: connect(host, 80) for host in ('169.254.169.254', '169.254.170.2', '10.0.0.1', '172.16.0.1', '192.168.1.1', '100.64.0.1', '198.19.0.0', '0.0.0.0', '224.0.0.1', '255.255.255.255')},
            ipv6=connect(('fd00:ec2::254', 80), 0, socket.AF_INET6))`,
      { network },
    );
    assertAll(told, ...unreachable, 'EPERM');
  });

  test(`another environment’s ports are out of reach (network: ${network})`, async () => {
    const listener = `
s = socket.create_server(('0.0.0.0', 4000))
import fcntl, struct
addresses = ['127.0.0.1']
try: addresses.append(socket.inet_ntoa(fcntl.ioctl(s.fileno(), 0x8915, struct.pack('256s', b'eth0'))[20:24]))
except OSError: pass
os.write(3, json.dumps(addresses).encode())
os.read(3, 1)
s.setblocking(False)
tell(accepted=tried(lambda: s.accept()))`;
    const told = await ask(listener, {
      network,
      meanwhile: async (other) => {
        const [addresses] = await once(other.channel, 'data');
        assertAll(
          await ask(`tell(**{host: connect(host, 4000) for host in ${String(addresses)}})`, { network }),
          ...unreachable,
        );
        other.channel.write('x');
      },
    });
    assert.equal(told['accepted'], 'EAGAIN');
  });

  test(`abstract Unix sockets of the host are out of reach (network: ${network})`, async () => {
    const name = `\0mayfly-escape-${process.pid}`;
    const server = createServer((socket) => socket.destroy()).listen(name);
    await once(server, 'listening');
    try {
      assert.deepEqual(
        await ask(`tell(abstract=connect('\\0' + ${JSON.stringify(name.slice(1))}, 0, socket.AF_UNIX))`, { network }),
        { abstract: 'ECONNREFUSED' },
      );
    } finally {
      server.close();
    }
  });
}

test('Unix sockets in the host’s file system are out of reach', async () => {
  const path = join(folder, 'platform.sock');
  const server = createServer((socket) => socket.destroy()).listen(path);
  await once(server, 'listening');
  try {
    const told = await ask(
      `tell(platform=connect(${JSON.stringify(path)}, 0, socket.AF_UNIX), docker=connect('/var/run/docker.sock', 0, socket.AF_UNIX))`,
    );
    assertAll(told, 'ENOENT');
  } finally {
    server.close();
  }
});

// Taking everything

test('a fork bomb is bounded, and the platform and other environments go on', { timeout: 300_000 }, async () => {
  const processes = 512;
  const bomb = `
import signal, time
os.write(3, b'ready')
os.read(3, 1)
made = 0
try:
    while made < 5000:
        if os.fork() == 0:
            while True:
                try: os.fork()
                except OSError: time.sleep(0.01)
        made += 1
except OSError as error:
    os.write(3, errno.errorcode[error.errno].encode())
time.sleep(600)`;
  const { end } = await runInside(isolation, ['/usr/bin/python3', '-c', `import errno, os\n${bomb}`], {
    meanwhile: async (process) => {
      await once(process.channel, 'data');
      process.limit({ processes, memoryMb: 1_024 });
      process.channel.write('x');
      const [refusal] = await once(process.channel, 'data');
      assert.equal(String(refusal), 'EAGAIN');
      process.limit({ cpu: 0.05 });
      // Another environment starts meanwhile.
      assert.deepEqual(await ask('tell(alive=True)'), { alive: true });
      process.kill();
    },
  });
  // All of it has ended, however little processor it may use: none of those that it made ends by itself.
  assert.equal(end.signal, 'SIGKILL');
});

test('a memory bomb ends its environment and is reported as out of memory', { timeout: 300_000 }, async () => {
  const bomb = `os.write(3, b'ready')\nos.read(3, 1)\nhoard = []\nwhile True: hoard.append(bytearray(8 << 20))`;
  const { end, usage, stderr } = await runInside(isolation, ['/usr/bin/python3', '-c', `import os\n${bomb}`], {
    meanwhile: async (process) => {
      await once(process.channel, 'data');
      process.limit({ memoryMb: 128 });
      process.channel.write('x');
    },
  });
  if (noGroups !== undefined) {
    assert.match(stderr, /MemoryError/, noGroups);
    return;
  }
  assert.equal(end.outOfMemory, true);
  assert.ok(usage.memoryBytesMax !== undefined && usage.memoryBytesMax <= 128 * 1024 * 1024);
});

test('filling the disk ends at the environment’s own limit', async () => {
  const told = await ask(
    `
def fill(path):
    written = 0
    with open(path, 'wb', buffering=0) as file:
        try:
            while True: written += file.write(bytes(1 << 20))
        except OSError as error:
            return [errno.errorcode[error.errno], written >> 20]
tell(tmp=fill('/tmp/big'), shm=fill('/dev/shm/big'))`,
    { ephemeralMb: 8 },
  );
  assert.deepEqual(told, { tmp: ['ENOSPC', 8], shm: ['ENOSPC', 64] });
});

test('control groups are out of sight, so limits cannot be lifted from inside', async () => {
  const told = await ask(`
tell(mounted=[line for line in open('/proc/mounts') if 'cgroup' in line], procs=tried(lambda: open('/sys/fs/cgroup/memory/cgroup.procs', 'w')))`);
  assert.deepEqual(told, { mounted: [], procs: 'ENOENT' });
});

// The whole again without root

const asOrdinaryUser = 'MAYFLY_ESCAPE_AS_ORDINARY_USER';

test(
  'all of this holds when the platform is an ordinary user',
  { skip: reasonToSkipOrdinaryUser(), timeout: 300_000 },
  async () => {
    const nobody = 65534;
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', fileURLToPath(import.meta.url)], {
      uid: nobody,
      gid: nobody,
      env: { PATH: process.env['PATH'] ?? '', [asOrdinaryUser]: '1', TMPDIR: '/tmp' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    assert.equal(code, 0, output);
    assert.ok(Number(/pass (\d+)/.exec(output)?.[1]) > 40, output);
  },
);

function reasonToSkipOrdinaryUser(): string | false {
  if (process.env[asOrdinaryUser] !== undefined) return 'this is that run';
  if (process.getuid?.() !== 0) return 'this run is by an ordinary user already';
  for (let path = fileURLToPath(import.meta.url); path !== '/'; path = dirname(path)) {
    if ((statSync(path).mode & 0o005) === 0) return `${path} is not readable for other users`;
  }
  return false;
}

function readlinkOf(kind: string): string {
  return readlinkSync(`/proc/self/ns/${kind}`);
}

function portOf(server: Server): number {
  const address = server.address();
  assert(typeof address === 'object' && address !== null);
  return address.port;
}
