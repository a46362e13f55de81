/** What narrowed environments reach, where a namespace plays hosts of the internet at addresses for documentation (RFC 5737). */
import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test, type TestContext } from 'node:test';
import { systemClock } from '../../../util/clock.ts';
import { PlatformError } from '../../../util/errors.ts';
import type { NarrowedNetwork } from '../../../util/network-access.ts';
import { openIsolation, type OpenIsolation } from './isolation.ts';
import type { LookUpName } from './look-up-name.ts';
import { Narrowed } from './narrowed.ts';
import { askInside } from './run-inside.ts';
import { findProgram } from './tools.ts';

const ports = [8000, 8001];
const tools = { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } };
/** A host of the internet, another, and one of a private network. */
const first = (process.pid % 60) * 4;
const [ownAddress, allowed, other] = [1, 2, 3].map((last) => `203.0.113.${first + last}`) as [string, string, string];
const inside = `10.77.${process.pid % 250}.1`;
const link = `mfw${process.pid}`;

let isolation: OpenIsolation;
let folder: string;
let server: ChildProcessWithoutNullStreams | undefined;
let reason: string | false = false;
const asked: string[] = [];

const lookUp: LookUpName = (name, where) => {
  asked.push(`${where} ${name}`);
  const addresses = {
    'api.example.com': [allowed],
    'www.example.org': [other],
    'turned.example.com': [allowed, inside, '169.254.169.254'],
    'db.lan': [inside],
  }[name];
  return Promise.resolve(addresses && { addresses, ttlSeconds: 5 });
};

const ip = (...args: string[]): Buffer => execFileSync(findProgram('ip') ?? 'ip', args, { ...tools, stdio: 'pipe' });

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mayfly-narrowed-'));
  isolation = await openIsolation({
    folder: join(folder, 'run'),
    clock: systemClock,
    privateServices: [
      { name: 'orders-db', host: inside, port: 8000 },
      { name: 'named-db', host: 'db.lan', port: 8001 },
    ],
    lookUp,
  });
  const network = (await isolation.capabilities()).find(({ name }) => name === 'internet access of functions');
  if (network?.status !== 'ok') {
    reason = 'needs root, ip and nft';
    return;
  }
  ip('netns', 'add', link);
  ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', link);
  ip('address', 'add', `${ownAddress}/32`, 'dev', link);
  ip('link', 'set', link, 'up');
  for (const address of [allowed, other, inside]) {
    ip('-n', link, 'address', 'add', `${address}/32`, 'dev', 'eth0');
    ip('route', 'add', address, 'dev', link, 'src', ownAddress);
  }
  ip('-n', link, 'link', 'set', 'eth0', 'up');
  ip('-n', link, 'route', 'add', ownAddress, 'dev', 'eth0');
  server = spawn(
    findProgram('ip') ?? 'ip',
    [
      'netns',
      'exec',
      link,
      '/usr/bin/python3',
      '-uc',
      `
import selectors, socket
chosen = selectors.DefaultSelector()
for port in ${JSON.stringify(ports)}: chosen.register(socket.create_server(('', port)), selectors.EVENT_READ)
print('ready')
while True:
    for key, _ in chosen.select(): key.fileobj.accept()[0].close()`,
    ],
    tools,
  );
  await once(createInterface(server.stdout), 'line');
});

after(async () => {
  server?.kill('SIGKILL');
  if (reason === false) ip('netns', 'delete', link);
  await isolation[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** By address and port: `ok`, or the error's name. By name: its addresses, or the resolver's error. */
async function reach(
  network: NarrowedNetwork | 'internet',
  { names = [], more = '' }: { names?: readonly string[]; more?: string } = {},
): Promise<{ reached: Record<string, string>; found: Record<string, unknown>; extra: unknown; refused: string[] }> {
  const refused: string[] = [];
  const { told } = await askInside(
    isolation,
    `
import struct
def ask(name, server='9.9.9.9'):
    question = struct.pack('>HHHHHH', 7, 0x100, 1, 0, 0, 0) + b''.join(bytes([len(part)]) + part.encode() for part in name.split('.')) + b'\\0\\0\\1\\0\\1'
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(60)
        try:
            s.sendto(question, (server, 53))
            answer, source = s.recvfrom(512)
        except OSError as error: return errno.errorcode.get(error.errno, 'timeout')
        if source[0] != server: return source[0]
        if answer[3] & 15: return answer[3] & 15
        records = answer[len(question):]
        return [socket.inet_ntoa(records[i + 12:i + 16]) for i in range(0, len(records), 16)]
found = {name: ask(name) for name in ${JSON.stringify(names)}}
reached = {f'{host}:{port}': connect(host, port) for host in ${JSON.stringify([allowed, other, inside])} for port in ${JSON.stringify(ports)}}
extra = None
${more}
os.write(3, b'x')
os.read(3, 1)
tell(reached=reached, found=found, extra=extra)`,
    {
      network,
      async meanwhile(process) {
        process.onRefusal((what) => refused.push(what));
        await once(process.channel, 'data');
        process.channel.write('x');
      },
    },
  );
  return { ...(told as { reached: Record<string, string>; found: Record<string, unknown>; extra: unknown }), refused };
}

/** Exactly these are reached, of all that is there. */
function assertReached(reached: Record<string, string>, ...expected: string[]): void {
  assert.equal(Object.keys(reached).length, 6);
  const open = Object.keys(reached).filter((key) => reached[key] === 'ok');
  assert.deepEqual(open.toSorted(), expected.toSorted(), JSON.stringify(reached));
}

const skip = (t: TestContext): boolean => {
  if (reason !== false) t.skip(reason);
  return reason !== false;
};

test('an environment that is not narrowed reaches every public host, and no private one', async (t) => {
  if (skip(t)) return;
  const { reached } = await reach('internet');
  assertReached(reached, `${allowed}:8000`, `${allowed}:8001`, `${other}:8000`, `${other}:8001`);
});

test('egress lets through what its names were answered with, and the port that it names, and tells of the rest', async (t) => {
  if (skip(t)) return;
  const whole = await reach({ egress: ['api.example.com'] }, { names: ['API.example.com', 'www.example.org'] });
  assertReached(whole.reached, `${allowed}:8000`, `${allowed}:8001`);
  assert.deepEqual(whole.found, { 'API.example.com': [allowed], 'www.example.org': 3 });
  assert.ok(
    whole.refused.some((line) => line.includes('the name www.example.org')),
    whole.refused.join('\n'),
  );
  const below = await reach({ egress: ['*.example.com:8001'] }, { names: ['api.example.com', 'example.com'] });
  assertReached(below.reached, `${allowed}:8001`);
  assert.deepEqual(below.found, { 'api.example.com': [allowed], 'example.com': 3 });
  const ranges = await reach({ egress: [`${other}/32:8000`, `${allowed}`] });
  assertReached(ranges.reached, `${other}:8000`, `${allowed}:8000`, `${allowed}:8001`);
});

test('an address whose name nobody asked for is refused, and so is everything with no egress', async (t) => {
  if (skip(t)) return;
  assertReached((await reach({ egress: ['api.example.com'] })).reached);
  const none = await reach({ egress: [] }, { names: ['api.example.com'] });
  assertReached(none.reached);
  assert.deepEqual(none.found, { 'api.example.com': 3 });
});

test('a public name that leads to private addresses leads nowhere, also where a range has them', async (t) => {
  if (skip(t)) return;
  const { reached, found } = await reach({ egress: ['*.example.com', '0.0.0.0/0'] }, { names: ['turned.example.com'] });
  assert.deepEqual(found, { 'turned.example.com': [allowed] });
  assertReached(reached, `${allowed}:8000`, `${allowed}:8001`, `${other}:8000`, `${other}:8001`);
});

test('no other name server is reached: every question comes to the platform, and over TCP none does', async (t) => {
  if (skip(t)) return;
  asked.length = 0;
  const { extra } = await reach(
    { egress: ['api.example.com'] },
    {
      more: `extra = [ask('api.example.com', '${other}'), ask('data-of-mine.evil.example', '${other}'), connect('${other}', 53), connect('10.255.255.53', 53)]`,
    },
  );
  assert.deepEqual(extra, [[allowed], 3, 'ECONNREFUSED', 'ECONNREFUSED']);
  assert.deepEqual(asked, ['public api.example.com']);
});

test('private services are reached by those that are attached to them, at their port, by their names', async (t) => {
  if (skip(t)) return;
  const attached = await reach({ private: ['orders-db'] }, { names: ['orders-db', 'www.example.org', 'db.lan'] });
  assert.deepEqual(attached.found, { 'orders-db': [inside], 'www.example.org': [other], 'db.lan': [] });
  assertReached(
    attached.reached,
    `${inside}:8000`,
    `${allowed}:8000`,
    `${allowed}:8001`,
    `${other}:8000`,
    `${other}:8001`,
  );
  const alone = await reach({ private: ['named-db'], egress: [] }, { names: ['named-db'] });
  assert.deepEqual(alone.found, { 'named-db': [inside] });
  assertReached(alone.reached, `${inside}:8001`);
  await assert.rejects(
    reach({ private: ['nobodys-db'] }),
    (error) => error instanceof PlatformError && error.code === 'invalid_argument' && /nobodys-db/.test(error.message),
  );
});

test('what one environment may is gone when the next has its namespace, and refused connections are told', async (t) => {
  if (skip(t)) return;
  const told: string[] = [];
  for (let n = 0; n < 12; n += 1) {
    const narrow = await reach({ egress: ['api.example.com'], private: ['orders-db'] }, { names: ['api.example.com'] });
    assertReached(narrow.reached, `${allowed}:8000`, `${allowed}:8001`, `${inside}:8000`);
    const next = await reach(n % 2 === 0 ? { egress: [] } : 'internet');
    assertReached(
      next.reached,
      ...(n % 2 === 0 ? [] : [`${allowed}:8000`, `${allowed}:8001`, `${other}:8000`, `${other}:8001`]),
    );
  }
  // It is asked for every few seconds.
  await askInside(isolation, `print(connect('${other}', 8000), file=sys.stderr); os.read(3, 1); tell()`, {
    network: { egress: [] },
    async meanwhile(process) {
      const line = new Promise<void>((resolve) =>
        process.onRefusal((what) => {
          told.push(what);
          resolve();
        }),
      );
      await line;
      process.channel.write('x');
    },
  });
  assert.deepEqual(told, [
    `Mayfly refused a connection to ${other}:8000: the function's network.egress has nothing that leads there.`,
  ]);
});

test('an answer that comes when the environment has ended opens nothing for the next', async () => {
  const applied: string[] = [];
  let found: (value: { addresses: string[]; ttlSeconds: number }) => void = () => undefined;
  const beingLookedUp = Promise.withResolvers<void>();
  const narrowed = await Narrowed.open({
    place: { instance: 0, number: 3, insideAddress: '198.19.0.7', hostAddress: '127.0.0.1' },
    access: { egress: [{ kind: 'name', name: 'api.example.com', withSubdomainsOnly: false }], services: [] },
    clock: systemClock,
    lookUp: () =>
      new Promise((resolve) => {
        found = resolve;
        beingLookedUp.resolve();
      }),
    apply: async (text) => void applied.push(text),
  });
  const port = Number(/198\.19\.0\.7 : (\d+)/.exec(applied[0] ?? '')?.[1]);
  const asking = createSocket('udp4');
  const name = Buffer.from('\x03api\x07example\x03com\0', 'latin1');
  asking.send(
    Buffer.concat([Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), name, Buffer.from([0, 1, 0, 1])]),
    port,
    '127.0.0.1',
  );
  await beingLookedUp.promise;
  await narrowed.close();
  found({ addresses: ['203.0.113.9'], ttlSeconds: 5 });
  await new Promise((resolve) => setImmediate(resolve));
  asking.close();
  assert.equal(applied.length, 2);
  assert.ok(applied.every((text) => !text.includes('203.0.113.9')));
});
