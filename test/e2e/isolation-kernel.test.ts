/** The kernel's own doors, tried from inside: what it tells, what it lets be set, sockets of every kind, and the channel to the platform. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../harness/eventually.ts';
import { openFiles } from '../harness/open-files.ts';
import { assertAll, openProbe, type Probe } from '../harness/probe/open-probe.ts';

let probe: Probe;

before(async () => {
  probe = await openProbe();
});

after(() => probe[Symbol.asyncDispose]());

const refusals = ['EPERM', 'EACCES', 'EROFS', 'ENOENT', 'ENOSYS', 'EINVAL'];

describe('what the kernel shows and lets be set', () => {
  test('its memory, its messages and its levers are not to be had', async () => {
    const told = await probe.ask(
      'probe',
      `paths = ("/proc/kcore", "/proc/kmsg", "/proc/kpagecount", "/proc/kpageflags", "/proc/sched_debug", "/dev/mem", "/dev/kmsg", "/dev/port", "/sys/kernel/debug")
levers = ("/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/vm/drop_caches", "/proc/sys/net/ipv4/ip_forward", "/proc/sys/kernel/yama/ptrace_scope", "/proc/sys/fs/binfmt_misc/register", "/proc/sys/kernel/ns_last_pid", "/proc/irq/default_smp_affinity", "/proc/scsi/scsi", "/proc/acpi/wakeup", "/proc/mtrr")
tell(**{path: tried(lambda: os.read(os.open(path, os.O_RDONLY | os.O_NONBLOCK), 4096) or 1 / 0) for path in paths if os.path.lexists(path)},
     **{"set " + path: tried(lambda: os.write(os.open(path, os.O_WRONLY), b"1")) for path in levers if os.path.lexists(path)}, one="EPERM")`,
    );
    assertAll(told, ...refusals);
  });

  test('its addresses are not told', async () => {
    const told = await probe.ask(
      'probe',
      `try: told = sorted({line.split()[0] for line in open("/proc/kallsyms").read(200000).splitlines()})
except OSError as error: told = [errno.errorcode[error.errno]]
tell(addresses=told[:3])`,
    );
    assert.ok(
      [['0000000000000000'], ['EPERM'], ['EACCES'], ['ENOENT'], []].some(
        (one) => String(one) === String(told['addresses']),
      ),
      String(told['addresses']),
    );
  });

  test('priorities, real time, other users’ limits and its worth to the kernel cannot be raised', async () => {
    const told = await probe.ask(
      'probe',
      `import resource
def realtime(policy): return tried(lambda: os.sched_setscheduler(0, policy, os.sched_param(10)))
tell(fifo=realtime(os.SCHED_FIFO), round=realtime(os.SCHED_RR), nice=tried(lambda: os.setpriority(os.PRIO_PROCESS, 0, -20)),
     oom=tried(lambda: open("/proc/self/oom_score_adj", "w").write("-1000") and None or open("/proc/self/oom_score_adj", "w").close()),
     io=call({"x86_64": 251, "aarch64": 30}[os.uname().machine], 1, 0, (1 << 13) | 0))`,
    );
    assertAll({ ...told, oom: told['oom'] === 'ok' ? await oomScore() : told['oom'] }, ...refusals);
  });

  /** A write to it may be accepted and mean nothing: what counts is what it says afterwards. */
  async function oomScore(): Promise<string> {
    const { score } = await probe.ask('probe', `tell(score=int(open("/proc/self/oom_score_adj").read()))`);
    return Number(score) >= 0 ? 'EPERM' : `${String(score)}`;
  }

  test('the host’s name, swap, quotas, ports, accounting and file systems cannot be changed', async () => {
    const numbers =
      process.arch === 'arm64'
        ? {
            sethostname: 161,
            setdomainname: 162,
            swapon: 224,
            swapoff: 225,
            quotactl: 60,
            acct: 89,
            mount_setattr: 442,
            open_tree: 428,
            fanotify_init: 262,
          }
        : {
            sethostname: 170,
            setdomainname: 171,
            swapon: 167,
            swapoff: 168,
            quotactl: 179,
            acct: 163,
            iopl: 172,
            ioperm: 173,
            mount_setattr: 442,
            open_tree: 428,
            fanotify_init: 300,
          };
    const told = await probe.ask(
      'probe',
      `tell(**{name: call(number, 3, 1, 1, 0, 0) for name, number in event["numbers"].items()})`,
      { numbers },
    );
    assertAll(told, 'EPERM', 'ENOSYS', 'EFAULT', 'EACCES');
    const { name } = await probe.ask('neighbour', `tell(name=socket.gethostname())`);
    assert.deepEqual(await probe.ask('probe', `tell(name=socket.gethostname())`), { name });
  });

  test('it cannot map itself to another user', async () => {
    const told = await probe.ask(
      'probe',
      `tell(**{name: tried(lambda: os.write(os.open("/proc/self/" + name, os.O_WRONLY), b"0 0 1")) for name in ("uid_map", "gid_map", "setgroups", "projid_map", "loginuid") if os.path.exists("/proc/self/" + name)},
     groups=tried(lambda: os.setgroups([0])), uid=tried(lambda: os.setresuid(0, 0, 0)), chroot=tried(lambda: os.chroot("/tmp")))`,
    );
    assertAll(told, ...refusals);
  });

  test('nothing that it can write to takes set-user-id programs or devices, and what is not its own cannot be linked to or owned', async () => {
    const told = await probe.ask(
      'probe',
      `mounts = [(line.split()[1], line.split()[3].split(",")) for line in open("/proc/mounts")]
writable = [(path, options) for path, options in mounts if "rw" in options and path not in ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/pts", "/dev/ptmx")]
tell(loose=[path for path, options in writable if "nosuid" not in options or ("nodev" not in options and not path.startswith("/dev"))], writable=len(writable) > 0,
     link=tried(lambda: os.link("/var/task/probe.py", "/tmp/linked")), mode=tried(lambda: os.chmod("/var/task/probe.py", 0o777)), owner=tried(lambda: os.chown("/var/task/probe.py", os.getuid(), os.getgid())), give=tried(lambda: os.chown("/tmp", 0, 0)))`,
    );
    assert.deepEqual([told['loose'], told['writable']], [[], true]);
    assertAll(
      { link: told['link'], mode: told['mode'], owner: told['owner'], give: told['give'] },
      'EPERM',
      'EROFS',
      'EXDEV',
      'EACCES',
      'EINVAL',
    );
  });

  test('no way leads out through its own first process', async () => {
    const told = await probe.ask(
      'probe',
      `def names(path):
    try: return sorted(os.listdir(path))
    except OSError as error: return [errno.errorcode[error.errno]]
tell(root=names("/proc/1/root"), own=names("/"), cwd=tried(lambda: os.stat("/proc/1/cwd/../../../../etc/shadow")), outside=tried(lambda: os.stat("/proc/1/root/${probe.mayfly.data}")),
     descriptors=[link for link in (names("/proc/1/fd")) if link.startswith("/")])`,
    );
    assert.ok([String(told['own']), 'EACCES', 'EPERM'].includes(String(told['root'])), String(told['root']));
    assertAll({ cwd: told['cwd'], outside: told['outside'] }, 'ENOENT', 'EACCES', 'EPERM');
    assert.deepEqual(told['descriptors'], []);
  });
});

describe('sockets and addresses', () => {
  test('there are sockets of four families and of no other', async () => {
    const told = await probe.ask(
      'probe',
      `def makes(family):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
        try:
            socket.socket(family, kind).close()
            return True
        except OSError: pass
    try:
        socket.socket(family, socket.SOCK_RAW).close()
        return True
    except OSError: return False
tell(families=[family for family in range(1, 46) if makes(family)])`,
    );
    // Unix, IPv4, IPv6, and the kernel's own messages about addresses and routes.
    const allowed = [1, 2, 10, 16];
    assert.deepEqual(
      (told['families'] as number[]).filter((family) => !allowed.includes(family)),
      [],
    );
  });

  test('its addresses, routes and links cannot be changed, nor may it speak with an address that is not its own', async () => {
    const told = await probe.ask(
      'probe',
      `import fcntl, struct
def ioctl(request, data):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one: return tried(lambda: fcntl.ioctl(one.fileno(), request, data))
def option(level, name, value):
    with socket.socket() as one: return tried(lambda: one.setsockopt(level, name, value))
def foreign(host):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.setsockopt(0, 15, 1)
        def send():
            one.bind((host, 0))
            one.connect(("192.0.2.77", 9))
            one.send(b"x")
        return tried(send)
def route():
    with socket.socket(16, socket.SOCK_RAW, 0) as one:
        one.bind((0, 0))
        one.settimeout(5)
        message = struct.pack("IHHII", 36, 24, 0x605, 1, 0) + struct.pack("BBBBBBBBI", 2, 8, 0, 0, 254, 3, 0, 1, 0) + struct.pack("HH4s", 8, 1, socket.inet_aton("10.0.0.0"))
        one.send(message)
        answer = one.recv(4096)
        return errno.errorcode.get(-struct.unpack("i", answer[16:20])[0], "ok")
def route_of():
    try: return route()
    except OSError as error: return errno.errorcode[error.errno]
name = b"lo".ljust(16, b"\\0")
tell(address=ioctl(0x8916, name + struct.pack("HH4s8x", 2, 0, socket.inet_aton("10.9.9.9")) + b"\\0" * 8), flags=ioctl(0x8914, name + struct.pack("H22x", 0x43)),
     transparent=option(0, 19, 1), mark=option(1, 36, 1), route=route_of(),
     other=foreign("198.19.0.1"), host=foreign("192.0.2.2"))`,
    );
    assertAll(told, ...refusals, 'ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EPROTONOSUPPORT', 'ESRCH');
  });

  test('IPv6 leads nowhere, in whatever form an address is written', async () => {
    const told = await probe.ask(
      'probe',
      `def connect6(host, scope=0):
    with socket.socket(socket.AF_INET6) as one:
        one.settimeout(3)
        return tried(lambda: one.connect((host, 80, 0, scope)))
tell(**{host: connect6(host) for host in ("fd00::2", "fe80::1", "2001:db8::1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::ffff:192.168.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "ff02::1")}, scoped=connect6("fe80::1", 2))`,
    );
    assertAll(told, 'ENETUNREACH', 'EHOSTUNREACH', 'ECONNREFUSED', 'EADDRNOTAVAIL', 'EACCES', 'EPERM', 'EINVAL');
  });

  test('addresses of IPv4 lead in no other way when they are written in another', async () => {
    const told = await probe.ask(
      'probe',
      `tell(**{host: connect(host, 80) for host in ("0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "169.254.43518", "10.1", "0x7f.1", "127.1", "0")})`,
    );
    assertAll(told, 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EACCES', 'EPERM', '-2', '-3');
  });
});

describe('the connections to the platform', () => {
  const open = (): Promise<number> => openFiles(probe.mayfly.pid);

  test('descriptors that are sent over the channel are nobody’s', async () => {
    await probe.assertWorks('filler');
    const before = await open();
    const told = await probe.ask(
      'filler',
      `import array
channel = socket.socket(fileno=os.dup(3))
files = array.array("i", [os.open("/dev/null", os.O_RDONLY) for _ in range(100)])
# A line that was printed, in pieces: each brings a hundred.
sent = 0
for byte in (1).to_bytes(4, "big") + bytes([22]) + b"\\0":
    channel.sendmsg([bytes([byte])], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)])
    sent += 1
for file in files: os.close(file)
channel.detach()
tell(sent=sent)`,
    );
    assert.deepEqual(told, { sent: 6 });
    // Of six hundred.
    await eventually('as many open files as before', 60_000, async () => (await open()) < before + 50 || undefined);
    await probe.assertWorks('filler');
  });

  test('it cannot listen in the endpoint’s place', async () => {
    const before = await open();
    const told = await probe.ask(
      'probe',
      `one = socket.create_connection(ENDPOINT)
taken = socket.socket()
taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
def reuse():
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, 15, 1)
        other.bind(ENDPOINT)
        other.listen()
tell(bind=tried(lambda: (taken.bind(ENDPOINT), taken.listen())), reuse=tried(reuse),
     works=signed("GET", "/mine?list-type=2")["status"])`,
    );
    assert.deepEqual([told['bind'], told['reuse'], told['works']], ['EADDRINUSE', 'EADDRINUSE', 200]);
    assert.ok((await open()) < before + 50);
  });

  test('a function finds nothing of another’s in the kernel’s shared objects: queues, segments, semaphores', async () => {
    const numbers =
      process.arch === 'arm64' ? { msgget: 186, shmget: 194, semget: 190 } : { msgget: 68, shmget: 29, semget: 64 };
    const key = 0x6d666c79;
    await probe.ask(
      'neighbour',
      `numbers = event["numbers"]
made = {"msgget": call(numbers["msgget"], ${key}, 0o1666), "shmget": call(numbers["shmget"], ${key}, 4096, 0o1666), "semget": call(numbers["semget"], ${key}, 1, 0o1666)}
tell(**made)`,
      { numbers },
    );
    const told = await probe.ask(
      'probe',
      `numbers = event["numbers"]
tell(queue=call(numbers["msgget"], ${key}, 0), segment=call(numbers["shmget"], ${key}, 0, 0), semaphore=call(numbers["semget"], ${key}, 0, 0))`,
      { numbers },
    );
    assertAll(told, 'ENOENT', 'EPERM', 'ENOSYS');
  });
});
