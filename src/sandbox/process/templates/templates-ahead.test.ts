import assert from 'node:assert/strict';
import { release } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../../../../test/harness/eventually.ts';
import { answerOf, openTestSandbox, type TestSandbox, type Tried } from '../../../../test/fakes/process-sandbox.ts';
import type { EnvironmentId, RequestId } from '../../../util/ids.ts';
import type { BootSpec, Environment, Template } from '../../sandbox.ts';
import { givesPages } from './used-pages.ts';
import { whyNoTemplates } from './why-no-templates.ts';

const bytesMax = 200 * 1024 * 1024;
const eventuallyMs = 60_000;

const missing = process.getuid?.() === 0 ? whyNoTemplates() : 'environments begin with templates only as root';

describe('environments with a template loaded before anybody calls', { skip: missing }, () => {
  let opened: TestSandbox;
  before(async () => (opened = await openTestSandbox()));
  after(() => opened.close());

  const nothing = (): Promise<void> => Promise.resolve();
  const spec = (id: string): BootSpec => ({
    id: id as EnvironmentId,
    runtime: 'python',
    network: 'none',
    ephemeralMb: 512,
    memoryMb: 256,
    memory: 'template',
  });

  async function templateOf(
    source: string,
    files: Record<string, string> = {},
  ): Promise<{ bundle: string; template: Template }> {
    const all = { 'index.py': source, ...files };
    const first = await opened.start({ runtime: 'python', files: all, forTemplate: { imports: [] } });
    assert.deepEqual(first.init, { status: 'ready' }, JSON.stringify(first.lines));
    const template = await first.environment.becomeTemplate(bytesMax);
    if ('refused' in template) assert.fail(template.refused);
    return { bundle: first.bundle, template };
  }

  async function ahead(
    of: { bundle: string; template: Template },
    {
      loaded = nothing,
      memory = 'template',
    }: { loaded?: (one: Environment) => Promise<void>; memory?: 'template' | 'boots' } = {},
  ): Promise<Tried> {
    const booted = memory === 'template' ? { memory } : {};
    const tried = await opened.start({ runtime: 'python', files: {}, ...of, ...booted, ahead: loaded });
    assert.deepEqual(tried.init, { status: 'ready' }, JSON.stringify(tried.lines));
    return tried;
  }

  test('nothing of them runs before they are initialised, however long they wait, and the clock is right then', async () => {
    const of = await templateOf(`
import sys, time
runtime = sys.modules["__main__"]
receive, went_on = runtime.receive, []
def received():
    went_on.append((time.time(), time.monotonic()))
    return receive()
runtime.receive = received
def handler(event, context):
    return {"wentOn": went_on[0], "now": [time.time(), time.monotonic()]}
`);
    for (const memory of ['template', 'boots'] as const) {
      let calledMs = Number.POSITIVE_INFINITY;
      const loaded = async (): Promise<void> => {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        calledMs = Date.now();
      };
      const { invoke } = await ahead(of, { loaded, memory });
      const { wentOn, now } = answerOf(await invoke({})) as { wentOn: [number, number]; now: [number, number] };
      assert.ok(wentOn[0] * 1_000 >= calledMs - 1, `${wentOn[0] * 1_000} is before ${calledMs}`);
      assert.ok(Math.abs(Date.now() - now[0] * 1_000) < 60_000);
      assert.ok(now[1] >= wentOn[1]);
    }
    of.template.release();
  });

  test('two of one template draw different random numbers, have their own variables, and see the code', async () => {
    const source = `
import os, random, secrets, ssl, uuid
drawn = [random.random(), uuid.uuid4(), ssl.RAND_bytes(8)]
def handler(event, context):
    import late
    return {
        "drawn": [random.random(), str(uuid.uuid1()), str(uuid.uuid4()), secrets.token_hex(8), ssl.RAND_bytes(16).hex()],
        "own": os.environ.get("OWN"), "late": late.value, "files": sorted(os.listdir("/var/task")),
    }
`;
    const of = await templateOf(source, { 'late.py': 'value = 7\n' });
    const start = (own: string): Promise<Tried> =>
      opened.start({
        runtime: 'python',
        files: {},
        ...of,
        memory: 'template',
        ahead: nothing,
        variables: { OWN: own },
      });
    const both = await Promise.all(['one', 'two'].map(start));
    of.template.release();
    type Told = { drawn: string[]; own: string; late: number; files: string[] };
    const [one, two] = (await Promise.all(both.map(async ({ invoke }) => answerOf(await invoke({}))))) as [Told, Told];
    one.drawn.forEach((value, index) => assert.notEqual(value, two.drawn[index]));
    assert.deepEqual([one.own, two.own], ['one', 'two']);
    assert.deepEqual([one.late, one.files], [7, ['index.py', 'late.py']]);
  });

  test('the first event may come with the initialisation, and the handler’s memory is as any', async () => {
    const of = await templateOf(
      'calls = []\ndef handler(event, context):\n    calls.append(event)\n    return calls\n',
    );
    let first: Promise<unknown> = Promise.resolve();
    const requestId = 'early' as RequestId;
    const request = { event: Buffer.from('1'), requestId, invokedFunctionArn: 'a', traceId: 't' };
    const tried = await opened.start({
      runtime: 'python',
      files: {},
      ...of,
      memory: 'template',
      ahead: nothing,
      booted: (environment) => {
        assert.equal(environment.room, 1);
        const times = { deadlineMs: Date.now() + 20_000, timeoutMs: 20_000 };
        first = environment.invoke({ ...request, ...times }).then(answerOf);
      },
    });
    of.template.release();
    assert.deepEqual(await first, [1]);
    assert.deepEqual(answerOf(await tried.invoke(2)), [1, 2]);
  });

  test('one that is given a template that has gone, or that is ended meanwhile, says so, and has ended', async () => {
    const of = await templateOf('def handler(event, context):\n    return 1\n');
    const code = { bundlePath: of.bundle, template: of.template };
    const waiting = await opened.sandbox.start(spec('waiting'));
    await waiting.loadAhead(code);
    await assert.rejects(waiting.loadAhead(code), { code: 'conflict' });
    await waiting.stop();
    const ending = await opened.sandbox.start(spec('ending'));
    const loading = ending.loadAhead(code);
    const refused = assert.rejects(loading, { code: 'unavailable' });
    await ending.stop();
    await refused;
    of.template.release();
    const late = await opened.sandbox.start(spec('late'));
    await assert.rejects(late.loadAhead(code), /the template is no longer there/);
    await late.ended;
  });

  describe(
    'with the pages that the first one has used',
    {
      skip: givesPages(release()) ? false : 'this kernel gives no pages ahead',
    },
    () => {
      const mib = 1024 * 1024;

      /** `answer`: of an event that writes to 3 MB. */
      async function shownToHavePages(of: { bundle: string; template: Template }, answer: number): Promise<void> {
        const heldBy = async (): Promise<number> => {
          let bytes = 0;
          const loaded = (environment: Environment): Promise<void> =>
            Promise.resolve().then(() => void (bytes = environment.memoryBytes() ?? 0));
          const { environment, invoke } = await ahead(of, { loaded });
          assert.equal(answerOf(await invoke({})), answer);
          await environment.stop();
          return bytes;
        };
        const before = await heldBy();
        await opened
          .start({ runtime: 'python', files: {}, ...of, memory: 'template' })
          .then(({ invoke }) => invoke({}));
        await eventually('they are there', eventuallyMs, async () => {
          const held = await heldBy();
          return held > before + 2 * mib && held < before + 6 * mib ? true : undefined;
        });
        of.template.release();
      }

      test('they are there in those that are loaded after it', async () => {
        const of = await templateOf(`
state = bytearray(3 * 1024 * 1024)
def handler(event, context):
    for at in range(0, len(state), 4096):
        state[at] = 1
    return sum(state)
`);
        await shownToHavePages(of, 768);
      });

      test('but for what an event has made readable first, which the kernel would refuse to give', async () => {
        const of = await templateOf(`
import ctypes, mmap
state = bytearray(3 * 1024 * 1024)
closed = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
closed[0] = 7
address = ctypes.addressof(ctypes.c_char.from_buffer(closed))
protect = ctypes.CDLL(None).mprotect
protect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
assert protect(address, 4096, 0) == 0
def handler(event, context):
    assert protect(address, 4096, mmap.PROT_READ) == 0
    for at in range(0, len(state), 4096):
        state[at] = 1
    return sum(state) + closed[0]
`);
        await shownToHavePages(of, 775);
      });
    },
  );
});
