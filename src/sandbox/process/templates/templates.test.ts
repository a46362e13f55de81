import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import {
  answerOf,
  errorOf,
  openTestSandbox,
  type TestSandbox,
  type Tried,
} from '../../../../test/fakes/process-sandbox.ts';
import { resolvedFunction } from '../../../../test/fakes/resolved.ts';
import type { EnvironmentId } from '../../../util/ids.ts';
import type { Template } from '../../sandbox.ts';
import { TemplateNotLoaded } from '../../template-not-loaded.ts';
import { whyNoTemplates } from './why-no-templates.ts';

/** Of one template: ample for what is tried here. */
const bytesMax = 200 * 1024 * 1024;

const missing = process.getuid?.() === 0 ? whyNoTemplates() : 'environments begin with templates only as root';

describe('environments that begin with a template', { skip: missing }, () => {
  let opened: TestSandbox;
  before(async () => (opened = await openTestSandbox()));
  after(() => opened.close());

  type Options = { files?: Record<string, string>; variables?: Record<string, string>; memoryMb?: number };

  async function templateOf(
    source: string,
    { files = {}, ...options }: Options = {},
  ): Promise<{ first: Tried; made: Template | { refused: string } }> {
    const all = { 'index.py': source, ...files };
    const first = await opened.start({ runtime: 'python', files: all, ...options, forTemplate: { imports: [] } });
    assert.deepEqual(first.init, { status: 'ready' }, JSON.stringify(first.lines));
    return { first, made: await first.environment.becomeTemplate(bytesMax) };
  }

  /** Two environments from one template: one where a runtime has booted before, and one where nothing but that is waited for. */
  async function twoOf(source: string, options: Options = {}): Promise<[Tried, Tried]> {
    const { first, made } = await templateOf(source, options);
    if ('refused' in made) assert.fail(made.refused);
    const from = { runtime: 'python', files: {}, bundle: first.bundle, template: made, ...options } as const;
    const pair: [Tried, Tried] = [await opened.start(from), await opened.start({ ...from, memory: 'template' })];
    for (const { init, lines } of pair) assert.deepEqual(init, { status: 'ready' }, JSON.stringify(lines));
    made.release();
    return pair;
  }

  test('go on with what the initialisation has made, each with its own', async () => {
    const [one, two] = await twoOf(`
import json, decimal, urllib.parse
state = {"count": 41, "words": [str(n) for n in range(50000)]}
def handler(event, context):
    state["count"] += 1
    return [state["count"], len(state["words"]), state["words"][-1]]
`);
    assert.deepEqual(answerOf(await one.invoke({})), [42, 50000, '49999']);
    assert.deepEqual(answerOf(await one.invoke({})), [43, 50000, '49999']);
    assert.deepEqual(answerOf(await two.invoke({})), [42, 50000, '49999']);
  });

  test('two of them draw different random numbers, whatever they are drawn with', async () => {
    const [one, two] = await twoOf(`
import os, random, secrets, ssl, tempfile, uuid, time
before = [random.random(), uuid.uuid1(), ssl.RAND_bytes(8), next(tempfile._get_candidate_names())]
own = random.Random()
def handler(event, context):
    return {
        "random": random.random(), "uuid1": str(uuid.uuid1()), "uuid4": str(uuid.uuid4()), "secrets": secrets.token_hex(8),
        "ssl": ssl.RAND_bytes(16).hex(), "temporary": next(tempfile._get_candidate_names()),
        "node": uuid.getnode(), "late": abs(time.time() * 1000 - event["nowMs"]) > 60000,
    }
`);
    const drawn = [
      answerOf(await one.invoke({ nowMs: Date.now() })),
      answerOf(await two.invoke({ nowMs: Date.now() })),
    ];
    const [first = {}, second = {}] = drawn as Record<string, unknown>[];
    assert.deepEqual([first['late'], second['late']], [false, false]);
    for (const what of ['random', 'uuid1', 'uuid4', 'secrets', 'ssl', 'temporary', 'node'])
      assert.notEqual(first[what], second[what], what);
    const clockSequence = (uuid: unknown): string => String(uuid).split('-')[3] ?? '';
    assert.notEqual(
      clockSequence(first['uuid1']) + String(first['node']),
      clockSequence(second['uuid1']) + String(second['node']),
    );
  });

  test('is isolated as any other: namespaces, no rights, a filter, and nothing that a sibling has', async () => {
    const source = `
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    ctypes.set_errno(0)
    outcome = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    return "ok" if outcome >= 0 else errno.errorcode[ctypes.get_errno()]
def tried(action):
    try:
        action()
        return "ok"
    except OSError as error:
        return errno.errorcode.get(error.errno)
def handler(event, context):
    status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines())
    left = os.path.exists("/tmp/left") or os.path.exists("/dev/shm/left")
    for folder in ("/tmp", "/dev/shm"):
        open(folder + "/left", "w").close()
    return {
        "namespaces": {name: os.readlink("/proc/self/ns/" + name) for name in ("pid", "mnt", "net", "ipc", "uts", "user")},
        "capabilities": [status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")],
        "noNewPrivileges": status["NoNewPrivs"], "seccomp": status["Seccomp"], "traced": status["TracerPid"],
        "user": [os.getuid(), os.getgid(), os.getgroups()], "pid": os.getpid(), "hostname": os.uname().nodename,
        "refused": {
            "unshare": call(272, 0x10000000), "mount": call(165, b"none", b"/tmp", b"tmpfs", 0, None),
            "setns": call(308, 0, 0), "ptrace": call(101, 16, 1, 0, 0), "clone": call(56, 0x10000000 | 17, 0, 0, 0, 0),
            "keyctl": call(250, 0, -3, 0), "bpf": call(321, 0, None, 0), "io_uring": call(425, 8, None),
        },
        "writes": {path: tried(lambda: open(path, "w")) for path in ("/usr/bin/x", "/var/task/x", "/etc/passwd", "/x")},
        "memory": tried(lambda: open("/proc/1/mem", "rb").read(1)),
        "root": tried(lambda: os.listdir("/proc/1/root/root")),
        "processes": sorted(int(name) for name in os.listdir("/proc") if name.isdigit()),
        "descriptors": sorted(int(name) for name in os.listdir("/proc/self/fd"))[:4],
        "sharedMaps": [line.split()[-1] for line in open("/proc/self/maps") if line.split()[1].endswith("s")],
        "executableAndWritable": [line for line in open("/proc/self/maps") if "wx" in line.split()[1]],
        "left": left,
    }
`;
    const [one, two] = await twoOf(source);
    const ordinary = await opened.start({ runtime: 'python', files: { 'index.py': source } });
    const told = await Promise.all(
      [one, two, ordinary].map(async ({ invoke }) => answerOf(await invoke({})) as Record<string, unknown>),
    );
    const [first = {}, second = {}, usual = {}] = told;
    const namespaces = told.map((each) => each['namespaces'] as Record<string, string>);
    for (const name of ['pid', 'mnt', 'net', 'ipc', 'uts', 'user']) {
      const all = [...namespaces.map((each) => each[name]), readlinkSync(`/proc/self/ns/${name}`)];
      assert.equal(new Set(all).size, 4, `${name}: ${all.join(', ')}`);
    }
    // What is not an id is as in an environment that was started the ordinary way, to the letter.
    for (const each of told) delete each['namespaces'];
    assert.deepEqual(first, usual);
    assert.deepEqual(second, usual);
    assert.deepEqual(
      usual['capabilities'],
      Array.from({ length: 5 }, () => '0000000000000000'),
    );
    assert.deepEqual([usual['seccomp'], usual['noNewPrivileges'], usual['left']], ['2', '1', false]);
    for (const outcome of Object.values(usual['refused'] as object)) assert.notEqual(outcome, 'ok');
  });

  test('its limits are its own: out of memory ends one, and not the other', async () => {
    const [one, two] = await twoOf(
      `
kept = [0] * 1000000
def handler(event, context):
    return len(bytearray(event["bytes"])) + len(kept)
`,
      { memoryMb: 128 },
    );
    assert.deepEqual(await one.invoke({ bytes: 400_000_000 }), { status: 'out_of_memory' });
    await one.environment.ended;
    assert.equal(answerOf(await two.invoke({ bytes: 10_000_000 })), 11_000_000);
    const { memoryBytesMax = 0, cpuMs = 0 } = await two.environment.usage();
    assert.ok(memoryBytesMax > 10_000_000 && memoryBytesMax < 128 * 1024 * 1024, String(memoryBytesMax));
    assert.ok(cpuMs > 0);
  });

  test('goes on as a process of its own: memory grows, threads, children, signals and exits work', async () => {
    const [one, two] = await twoOf(`
import ctypes, faulthandler, os, signal, subprocess, sys, threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
faulthandler.enable(file=open("/dev/null"))
caught = []
signal.signal(signal.SIGUSR1, lambda number, frame: caught.append(number))
sys.setrecursionlimit(20000)
def deep(n):
    return 0 if n == 0 else 1 + deep(n - 1)
def double(n):
    return 2 * n
def handler(event, context):
    if "exit" in event:
        os._exit(event["exit"])
    os.kill(os.getpid(), signal.SIGUSR1)
    with ThreadPoolExecutor(4) as pool, get_context("fork").Pool(2) as processes:
        return {
            "grown": len(bytearray(30_000_000)) + sum(len([n] * 1000) for n in range(2000)),
            "threads": list(pool.map(double, [1, 2, 3])), "processes": processes.map(double, [4, 5]),
            "children": subprocess.run(["/bin/echo", "hi"], capture_output=True, text=True).stdout,
            "deep": deep(5000), "caught": caught, "thread": threading.main_thread().native_id == os.getpid(),
            "native": ctypes.CDLL(None).abs(-5), "error": str(ZeroDivisionError("x")),
        }
`);
    const answer = answerOf(await one.invoke({}));
    assert.deepEqual(answer, {
      grown: 32_000_000,
      threads: [2, 4, 6],
      processes: [8, 10],
      children: 'hi\n',
      deep: 5000,
      caught: [10],
      thread: true,
      native: 5,
      error: 'x',
    });
    assert.deepEqual(await two.invoke({ exit: 7 }), { status: 'exit', code: 7, signal: undefined });
  });

  test('what it prints, and what it raises, arrives as from any other', async () => {
    const [one] = await twoOf(`
import logging
print("initialised")
logging.getLogger().setLevel("INFO")
def handler(event, context):
    logging.info("%s of %s", event["n"], context.aws_request_id)
    print("printed")
    raise ValueError("no")
`);
    const outcome = await one.invoke({ n: 1 }, { requestId: 'r-1' as never });
    assert.equal(errorOf(outcome).errorType, 'ValueError');
    const texts = one.lines.map(({ text }) => text.replace(/\d{4}-\S+Z/, 'TIME'));
    assert.deepEqual(texts.slice(0, 2), ['[INFO]\tTIME\tr-1\t1 of r-1', 'printed']);
  });

  test('variables are those of its own environment, and what the function has set itself stays', async () => {
    const source = `
import os
os.environ["SET_BY_CODE"] = "yes"
atFirst = dict(os.environ)
def handler(event, context):
    names = ("MINE", "GONE", "SET_BY_CODE", "AWS_LAMBDA_LOG_STREAM_NAME")
    return [[values.get(name) for name in names] for values in (atFirst, os.environ)] + [context.log_stream_name]
`;
    const { first, made } = await templateOf(source, {
      variables: { MINE: 'template', GONE: 'x', AWS_LAMBDA_LOG_STREAM_NAME: 'of the template' },
    });
    assert.ok(!('refused' in made));
    const variables = { MINE: 'own', AWS_LAMBDA_LOG_STREAM_NAME: 'of its own' };
    const next = await opened.start({ runtime: 'python', files: {}, bundle: first.bundle, template: made, variables });
    assert.deepEqual(answerOf(await next.invoke({})), [
      ['template', 'x', 'yes', 'of the template'],
      ['own', null, 'yes', 'of its own'],
      'of its own',
    ]);
    made.release();
  });

  test('SnapStart’s hooks run: before in reverse order, after in order, in each environment', async () => {
    const [one, two] = await twoOf(`
import os
from snapshot_restore_py import register_before_snapshot, register_after_restore
told = []
register_before_snapshot(told.append, "before 1")
@register_before_snapshot
def second():
    told.append("before 2")
register_after_restore(told.append, "after 1")
register_after_restore(lambda value: told.append(value), value="after 2")
os.register_at_fork(before=lambda: told.append("fork"), after_in_child=lambda: told.append("child"))
def handler(event, context):
    return told
`);
    const expected = ['before 2', 'before 1', 'fork', 'child', 'after 1', 'after 2'];
    for (const { invoke } of [one, two]) assert.deepEqual(answerOf(await invoke({})), expected);
  });

  test('a hook that fails before is a failed initialisation, and one that fails after is one, too', async () => {
    const hooked = (when: string): string =>
      `from snapshot_restore_py import *\nregister_${when}(lambda: 1 / 0)\nhandler = print\n`;
    const before = await opened.start({
      runtime: 'python',
      files: {
        'index.py': `import snapshot_restore_py\nsnapshot_restore_py.register_before_snapshot(lambda: 1 / 0)\ndef handler(event, context): pass\n`,
      },
      forTemplate: { imports: [] },
    });
    assert.equal(errorOf(before.init).errorType, 'ZeroDivisionError');
    const { first, made } = await templateOf(
      hooked('after_restore').replace('import *', 'import register_after_restore'),
    );
    assert.ok(!('refused' in made));
    const after = await opened.start({ runtime: 'python', files: {}, bundle: first.bundle, template: made });
    assert.equal(errorOf(after.init).errorType, 'ZeroDivisionError');
    made.release();
  });

  const refused: readonly [what: string, source: string, reason: RegExp][] = [
    [
      'a thread',
      'import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()',
      /^has 2 threads$/,
    ],
    ['a child', 'import subprocess\nchild = subprocess.Popen(["/bin/sleep", "60"])', /^has child processes$/],
    ['a process that has left', 'import os\nos.system("setsid sleep 60 &")', /^has left other processes behind$/],
    ['a file in /tmp', 'open("/tmp/x", "w").close()', /^has files in \/tmp$/],
    [
      'a socket',
      'import socket\none, two = socket.socketpair()',
      /^has a connection open that is not to the platform$/,
    ],
    [
      'an event loop',
      'import asyncio\nloop = asyncio.new_event_loop()',
      /^has (anon_inode:\[eventpoll\]|a connection) open/,
    ],
    ['shared memory', 'import mmap\nshared = mmap.mmap(-1, 4096)', /^shares memory/],
    ['a timer', 'import signal\nsignal.setitimer(signal.ITIMER_REAL, 60)', /^has set a timer$/],
  ];
  for (const [what, source, reason] of refused) {
    test(`with ${what} there is no template, and it is said why`, async () => {
      const { made } = await templateOf(`${source}\ndef handler(event, context):\n    pass\n`);
      assert.match('refused' in made ? made.refused : 'made', reason);
    });
  }

  test('files that are only read are open again, where they were', async () => {
    const [one, two] = await twoOf(
      `
import os
opened = open("/var/task/words.txt")
first = opened.readline()
device = open("/dev/urandom", "rb", buffering=0)
def handler(event, context):
    return [first, opened.readline(), opened.read(), len(device.read(4)), device.read(8).hex()]
`,
      { files: { 'words.txt': 'one\ntwo\nthree\n' } },
    );
    const [a, b] = [answerOf(await one.invoke({})), answerOf(await two.invoke({}))] as [string[], string[]];
    assert.deepEqual(a.slice(0, 4), ['one\n', 'two\n', 'three\n', 4]);
    assert.notEqual(a[4], b[4]);
  });

  test('what a first invocation has imported is imported before a template is made of another', async () => {
    const source = `
import sys
def handler(event, context):
    was = "fractions" in sys.modules
    import fractions
    return was
`;
    const first = await opened.start({ runtime: 'python', files: { 'index.py': source } });
    assert.equal(answerOf(await first.invoke({})), false);
    assert.equal(answerOf(await first.invoke({})), true);
    const imports = first.environment.lateImports ?? [];
    assert.ok(imports.includes('fractions') && !imports.includes('sys'), imports.join(' '));
    const bundle = { runtime: 'python', files: {}, bundle: first.bundle } as const;
    const next = await opened.start({ ...bundle, forTemplate: { imports: ['nowhere', ...imports] } });
    const template = await next.environment.becomeTemplate(bytesMax);
    if ('refused' in template) assert.fail(template.refused);
    const { invoke } = await opened.start({ ...bundle, template });
    assert.equal(answerOf(await invoke({})), true);
    template.release();
  });

  test('many at the same time, some of which end while they begin', async () => {
    const { first, made } = await templateOf('n = 1\ndef handler(event, context):\n    return n\n');
    if ('refused' in made) assert.fail(made.refused);
    const from = { runtime: 'python', files: {}, bundle: first.bundle, template: made } as const;
    const begun = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const one = opened.start({ ...from, booted: (environment) => void (index % 3 === 0 && environment.stop()) });
        return { index, ...(await one) };
      }),
    );
    for (const { index, init, environment, invoke } of begun) {
      if (index % 3 === 0) await environment.ended;
      else {
        assert.deepEqual(init, { status: 'ready' });
        assert.equal(answerOf(await invoke({})), 1);
      }
    }
    made.release();
  });

  test('one that takes more memory than it may is refused', async () => {
    const files = {
      'index.py': 'kept = [bytearray(4096) for n in range(5000)]\ndef handler(event, context):\n    pass\n',
    };
    const { environment } = await opened.start({ runtime: 'python', files, forTemplate: { imports: [] } });
    assert.deepEqual(await environment.becomeTemplate(20 * 1024 * 1024), {
      refused: 'has more than 20 MB of memory of its own',
    });
    await environment.ended;
  });

  test('one that has a little in each of many large mappings is refused', async () => {
    const source = `
import mmap
kept = []
for n in range(6):
    # The kernel would make one mapping of neighbours that are alike.
    protection = mmap.PROT_READ | mmap.PROT_WRITE | (mmap.PROT_EXEC if n % 2 else 0)
    # MAP_PRIVATE, MAP_ANONYMOUS, MAP_NORESERVE
    kept.append(mmap.mmap(-1, 3 << 30, 0x2 | 0x20 | 0x4000, protection))
    kept[-1][0] = 1
def handler(event, context):
    pass
`;
    const { made } = await templateOf(source);
    assert.deepEqual(made, { refused: 'has more than 16 GB of addresses in use' });
  });

  async function runtimeTemplate(): Promise<Template> {
    const boot = { runtime: 'python', network: 'none', ephemeralMb: 512 } as const;
    const environment = await opened.sandbox.start({ ...boot, id: 'to-become-a-template' as EnvironmentId });
    const made = await environment.becomeTemplate(bytesMax);
    await environment.ended;
    return 'refused' in made ? assert.fail(made.refused) : made;
  }

  test('a runtime that has not booted goes on from one that has, with code, variables and chance of its own', async () => {
    const memory = await runtimeTemplate();
    const source = (word: string): string => `
import os, sys, threading, uuid
print("loaded")
def handler(event, context):
    print("called")
    return {
        "word": "${word}", "own": os.environ.get("OWN"), "pid": os.getpid(), "thread": threading.get_native_id(),
        "mainThread": threading.main_thread().native_id, "parents": os.getppid(), "name": open("/proc/self/comm").read(), "uuid1": str(uuid.uuid1()),
        "uuid4": str(uuid.uuid4()), "channel": os.environ.get("NODE_CHANNEL_FD"), "argv": sys.argv,
    }
`;
    const start = (word: string): Promise<Tried> =>
      opened.start({ runtime: 'python', files: { 'index.py': source(word) }, variables: { OWN: word }, memory });
    const [one, two] = await Promise.all([start('one'), start('two')]);
    memory.release();
    const answers: Record<string, unknown>[] = [];
    for (const { init, invoke, lines } of [one, two]) {
      assert.deepEqual(init, { status: 'ready' }, JSON.stringify(lines));
      answers.push(answerOf(await invoke({})) as Record<string, unknown>);
      assert.deepEqual(
        lines.map(({ text }) => text),
        ['loaded', 'called'],
      );
    }
    const [first = {}, second = {}] = answers;
    for (const [word, answer] of [
      ['one', first],
      ['two', second],
    ] as const) {
      assert.deepEqual(
        [answer['word'], answer['own'], answer['channel']],
        [word, word, undefined].map((one) => one ?? null),
      );
      assert.deepEqual([answer['thread'], answer['mainThread']], [answer['pid'], answer['pid']]);
      assert.equal(answer['name'], 'python3\n');
    }
    for (const what of ['uuid1', 'uuid4']) assert.notEqual(first[what], second[what], what);
  });

  test('a template of a runtime is gone on from once it is released by those that did so before, and by nobody else', async () => {
    const memory = await runtimeTemplate();
    const from = {
      runtime: 'python',
      files: { 'index.py': 'def handler(event, context):\n    return event\n' },
      memory,
    } as const;
    const before = await opened.start(from);
    memory.release();
    await assert.rejects(
      opened.start(from),
      (error: unknown) =>
        error instanceof TemplateNotLoaded && error.message.startsWith('the runtime python ended before it was up'),
    );
    assert.deepEqual(answerOf(await before.invoke({ goes: 'on' })), { goes: 'on' });
  });

  test('what is initialised after going on from a runtime’s template becomes a template itself', async () => {
    const memory = await runtimeTemplate();
    const files = {
      'index.py':
        'import random\nwords = ["a", "b"]\ndef handler(event, context):\n    return [words, random.random()]\n',
    };
    const first = await opened.start({ runtime: 'python', files, memory, forTemplate: { imports: [] } });
    assert.deepEqual(first.init, { status: 'ready' }, JSON.stringify(first.lines));
    const made = await first.environment.becomeTemplate(bytesMax);
    if ('refused' in made) assert.fail(made.refused);
    const from = { runtime: 'python', files: {}, bundle: first.bundle, template: made, memory: 'template' } as const;
    const [one, two] = [await opened.start(from), await opened.start(from)].map(({ invoke }) => invoke({}));
    const drawn = [answerOf((await one) ?? assert.fail()), answerOf((await two) ?? assert.fail())] as [
      unknown,
      number,
    ][];
    assert.deepEqual(
      drawn.map(([words]) => words),
      [
        ['a', 'b'],
        ['a', 'b'],
      ],
    );
    assert.notEqual(drawn[0]?.[1], drawn[1]?.[1]);
  });

  test('what waits for a template ends when its platform closes the channel, and begins with nothing else', async () => {
    const boot = { runtime: 'python', network: 'none', ephemeralMb: 512, memory: 'template' } as const;
    const environment = await opened.sandbox.start({ ...boot, id: 'waits' as EnvironmentId });
    const { version } = resolvedFunction('tried', { runtime: 'python', handler: 'index.handler' });
    const init = { version, bundlePath: '/nowhere', variables: {}, timeoutMs: 10_000 };
    assert.throws(() => environment.init(init), /a template is given/);
    await environment.stop();
    await environment.ended;
  });

  test('only runtimes that make images of themselves have templates', () => {
    assert.equal(opened.sandbox.bootsFromTemplates('python'), true);
    assert.equal(opened.sandbox.bootsFromTemplates('nodejs26.x'), false);
  });
});
