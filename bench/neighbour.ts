/**
 * Claim: whatever a function does to itself, its neighbours hardly notice. One is called at a steady rate, by itself and then
 * beside another that burns processors, memory, processes, the disk, the network or the log, several invocations at once;
 * its p99 stays under twice what it is alone.
 *
 *   npm run bench -- neighbour
 *   bin/node bench/neighbour.ts --seconds 5 --rounds 1 --only cpu,disk --json
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startMayfly, type StartedMayfly } from '../test/harness/start-mayfly.ts';
import { openClient, openLoop, percentile, type Client } from './harness/client.ts';
import { machine } from './harness/machine.ts';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    only: { type: 'string' },
    trial: { type: 'boolean' },
    json: { type: 'boolean' },
  },
});
/** Of one measurement. */
const seconds = Number(options.seconds ?? (options.trial ? 4 : 20));
/** Each neighbour is measured so often, each time beside a measurement without one: the machine changes, too. */
const rounds = Number(options.rounds ?? (options.trial ? 1 : 3));
/** Few enough that the callee is idle most of the time, many enough that the p99 means something. */
const perSecond = 100;
/** Invocations of the neighbour at the same time: two for each processor of a small machine. */
const neighbours = 4;
const timeoutMs = 120_000;

const neighbourKinds = {
  cpu: `    while time.time() < end:
        pass`,
  memory: `    while time.time() < end:
        kept = []
        while time.time() < end and len(kept) < 60:
            kept.append(bytearray(os.urandom(1)) * 10_000_000)`,
  processes: `    while time.time() < end:
        children = []
        try:
            for _ in range(200):
                children.append(subprocess.Popen(["/bin/true"]))
        except OSError:
            pass
        for child in children:
            child.wait()`,
  disk: `    block = os.urandom(1_000_000)
    while time.time() < end:
        with open("/tmp/filler", "wb") as file:
            for _ in range(200):
                file.write(block)
            os.fsync(file.fileno())`,
  storage: `    body = os.urandom(4_000_000)
    s3 = boto3.client("s3")
    while time.time() < end:
        s3.put_object(Bucket="neighbour", Key=context.aws_request_id, Body=body)`,
  network: `    connection = http.client.HTTPConnection("127.0.0.1", 4566)
    while time.time() < end:
        connection.request("GET", "/_mayfly/health")
        connection.getresponse().read()`,
  output: `    line = "x" * 200
    while time.time() < end:
        for _ in range(1_000):
            print(line)`,
} as const;
type Kind = keyof typeof neighbourKinds;
const kinds = (Object.keys(neighbourKinds) as Kind[]).filter((kind) => options.only?.split(',').includes(kind) ?? true);

const callee = `export const handler = async () => ({ statusCode: 200, body: 'hello' });\n`;

async function writeProject(folder: string): Promise<void> {
  await writeFile(join(folder, 'callee.mjs'), callee);
  const entries = kinds.map((kind) => {
    return `  ${kind}:
    runtime: python
    handler: ${kind}.handler
    code: ${kind}.py
    memory: 1769
    timeout: ${Math.ceil(seconds) + 60}s
    permissions: [{ allow: ['s3:PutObject'], on: ['arn:aws:s3:::neighbour/*'] }]
    events: [{ http: GET /${kind} }]
`;
  });
  for (const kind of kinds)
    await writeFile(
      join(folder, `${kind}.py`),
      `import http.client, os, subprocess, time\n${kind === 'storage' ? 'import boto3\n' : ''}` +
        `def handler(event, context):\n    end = time.time() + float(event["queryStringParameters"]["seconds"])\n${neighbourKinds[kind]}\n    return "done"\n`,
    );
  await writeFile(
    join(folder, 'mayfly.yaml'),
    `application: neighbours
resources:
  buckets: [neighbour]
functions:
  callee:
    runtime: nodejs26.x
    handler: callee.handler
    code: callee.mjs
    memory: 256
    events: [{ http: GET /callee }]
${entries.join('')}`,
  );
}

type Measured = { p50Ms: number; p99Ms: number; failed: number };

async function measure(client: Client, mayfly: StartedMayfly): Promise<Measured> {
  const calls = await openLoop(() => client.call(`${mayfly.http}/callee`), perSecond, seconds);
  const took = calls.filter(({ status }) => status === 200).map(({ tookMs }) => tookMs);
  return { p50Ms: percentile(took, 0.5), p99Ms: percentile(took, 0.99), failed: calls.length - took.length };
}

/** The neighbour is at it before the first call and after the last. */
async function measureBeside(client: Client, mayfly: StartedMayfly, kind: Kind): Promise<Measured & { ended: string }> {
  const leadMs = 2_000;
  const busySeconds = seconds + leadMs / 1_000 + 1;
  const busy = Array.from({ length: neighbours }, () => client.call(`${mayfly.http}/${kind}?seconds=${busySeconds}`));
  await new Promise((resolve) => setTimeout(resolve, leadMs));
  const measured = await measure(client, mayfly);
  const statuses = (await Promise.all(busy)).map(({ status, error }) => String(status ?? error));
  return { ...measured, ended: [...new Set(statuses)].join(', ') };
}

type Pair = { alone: Measured; beside: Measured & { ended: string } };
type Row = { kind: Kind; ratio: number; middle: Pair; pairs: readonly Pair[] };

const folder = await mkdtemp(join(tmpdir(), 'mayfly-bench-neighbour-'));
const rows: Row[] = [];
const mayfly = await startMayfly();
try {
  await writeProject(folder);
  await mayfly.json('deploy', folder);
  using client = openClient({ timeoutMs });
  for (const kind of kinds) await client.call(`${mayfly.http}/${kind}?seconds=0.01`);
  await measure(client, mayfly);
  for (const kind of kinds) {
    const pairs: Pair[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const alone = await measure(client, mayfly);
      pairs.push({ alone, beside: await measureBeside(client, mayfly, kind) });
      // What is still being tidied up is not part of the next.
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
    const ratioOf = ({ alone, beside }: Pair): number => beside.p99Ms / alone.p99Ms;
    const middle = pairs.toSorted((a, b) => ratioOf(a) - ratioOf(b))[Math.floor(pairs.length / 2)];
    if (middle !== undefined) rows.push({ kind, ratio: ratioOf(middle), middle, pairs });
  }
} finally {
  await mayfly[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}

if (options.json) console.log(JSON.stringify({ machine: machine(), perSecond, seconds, rounds, neighbours, rows }));
else {
  const ms = (value: number): string => `${value.toFixed(2)} ms`;
  console.log(
    `neighbour: ${perSecond} calls a second for ${seconds} s, the middle one of ${rounds} rounds, beside ${neighbours} invocations of a neighbour. ${machine()}`,
  );
  console.log('| neighbour | alone: p50 | p99 | beside it: p50 | p99 | × p99 | failed | how the neighbour ended |');
  console.log('| --- | --: | --: | --: | --: | --: | --: | --- |');
  for (const {
    kind,
    ratio,
    middle: { alone, beside },
  } of rows)
    console.log(
      `| ${kind} | ${ms(alone.p50Ms)} | ${ms(alone.p99Ms)} | ${ms(beside.p50Ms)} | ${ms(beside.p99Ms)} | ${ratio.toFixed(2)} | ${alone.failed + beside.failed} | ${beside.ended} |`,
    );
}
