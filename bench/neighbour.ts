/**
 * Claim: whatever a function does to itself, its neighbours hardly notice. One is called at a steady rate, by itself and then
 * beside another that burns processors, memory, processes, the disk, the network or the log, several invocations at once;
 * its p99 stays under twice what it is alone.
 *
 * Alone and beside take turns, a few seconds each, and the calls of all rounds are one sample: the machine changes from minute to
 * minute by more than what is asked. How sure the ratio is, is told by drawing the rounds again and again (bootstrap).
 *
 *   npm run bench -- neighbour                                              (under five minutes)
 *   bin/node bench/neighbour.ts --seconds 2 --rounds 3 --only cpu,disk --json
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
/** Of one stretch of calls. */
const seconds = Number(options.seconds ?? 2);
/** So many stretches alone, and as many beside each neighbour, in turns. */
const rounds = Number(options.rounds ?? (options.trial ? 2 : 7));
/** Few enough that the callee is idle most of the time, many enough that the p99 means something: 2,800 calls of each. */
const perSecond = 200;
/** Invocations of the neighbour at the same time: two for each processor of a small machine. */
const neighbours = 4;
const timeoutMs = 120_000;
/** How long the neighbour is at it before it is measured beside, and what is left of it has to end in afterwards. */
const leadMs = 500;
const restMs = 700;
/** Long enough for all its environments to be started at once. */
const startSeconds = 0.5;
/** Of the bootstrap: how often the rounds are drawn, and what share of the ratios lies outside of the range that is told. */
const draws = 1_000;
const outside = 0.1;

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
    timeout: 60s
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

type Stretch = { tookMs: readonly number[]; failed: number };
type Round = { alone: Stretch; beside: Stretch; ended: readonly string[] };

async function measure(client: Client, mayfly: StartedMayfly): Promise<Stretch> {
  const calls = await openLoop(() => client.call(`${mayfly.http}/callee`), perSecond, seconds);
  const tookMs = calls.filter(({ status }) => status === 200).map((call) => call.tookMs);
  return { tookMs, failed: calls.length - tookMs.length };
}

/** All invocations of the neighbour, for so long, and something else meanwhile; and how they ended. */
async function besideWhile<Result>(
  client: Client,
  mayfly: StartedMayfly,
  kind: Kind,
  busySeconds: number,
  meanwhile: () => Promise<Result>,
): Promise<{ result: Result; ended: readonly string[] }> {
  const busy = Array.from({ length: neighbours }, () => client.call(`${mayfly.http}/${kind}?seconds=${busySeconds}`));
  const result = await meanwhile();
  return { result, ended: (await Promise.all(busy)).map(({ status, error }) => String(status ?? error)) };
}

/** The neighbour is at it before the first call and after the last. */
async function measureBeside(client: Client, mayfly: StartedMayfly, kind: Kind): Promise<Omit<Round, 'alone'>> {
  const busySeconds = seconds + leadMs / 1_000 + 0.3;
  const { result, ended } = await besideWhile(client, mayfly, kind, busySeconds, async () => {
    await rest(leadMs);
    return measure(client, mayfly);
  });
  return { beside: result, ended };
}

const rest = (forMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, forMs));

type Which = 'alone' | 'beside';
const tookMs = (of: readonly Round[], which: Which): number[] => of.flatMap((round) => round[which].tookMs);
const p99Ratio = (of: readonly Round[]): number =>
  percentile(tookMs(of, 'beside'), 0.99) / percentile(tookMs(of, 'alone'), 0.99);

/** Whole rounds are drawn, not calls: what makes one call slow makes those after it slow, too. */
function ratioRange(of: readonly Round[]): { least: number; most: number } {
  const ratios = Array.from({ length: draws }, () =>
    p99Ratio(of.flatMap(() => of[Math.floor(Math.random() * of.length)] ?? [])),
  );
  return { least: percentile(ratios, outside / 2), most: percentile(ratios, 1 - outside / 2) };
}

function summary(kind: Kind, of: readonly Round[]) {
  const figures = (which: Which) => {
    const all = tookMs(of, which);
    return {
      calls: all.length,
      p50Ms: percentile(all, 0.5),
      p99Ms: percentile(all, 0.99),
      p99MsOfEachRound: of.map((round) => percentile(round[which].tookMs, 0.99)),
    };
  };
  return {
    kind,
    alone: figures('alone'),
    beside: figures('beside'),
    ratio: p99Ratio(of),
    range: ratioRange(of),
    failed: of.reduce((sum, { alone, beside }) => sum + alone.failed + beside.failed, 0),
    ended: [...new Set(of.flatMap(({ ended }) => ended))].join(', '),
  };
}

const folder = await mkdtemp(join(tmpdir(), 'mayfly-bench-neighbour-'));
const rows: ReturnType<typeof summary>[] = [];
const mayfly = await startMayfly();
try {
  await writeProject(folder);
  await mayfly.json('deploy', folder);
  using client = openClient({ timeoutMs });
  // Starting environments is another matter (burst.ts): all that a kind needs are there before it is measured.
  for (const kind of kinds) await besideWhile(client, mayfly, kind, startSeconds, () => rest(0));
  await measure(client, mayfly);
  for (const kind of kinds) {
    const of: Round[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const alone = await measure(client, mayfly);
      of.push({ alone, ...(await measureBeside(client, mayfly, kind)) });
      await rest(restMs);
    }
    rows.push(summary(kind, of));
  }
} finally {
  await mayfly[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}

if (options.json) console.log(JSON.stringify({ machine: machine(), perSecond, seconds, rounds, neighbours, rows }));
else {
  const ms = (value: number): string => `${value.toFixed(2)} ms`;
  console.log(
    `neighbour: ${perSecond} calls a second, ${rounds} times ${seconds} s alone and beside ${neighbours} invocations of a neighbour in turns. ${machine()}`,
  );
  console.log(
    `| neighbour | calls of each | alone: p50 | p99 | beside it: p50 | p99 | × p99 | ${(1 - outside) * 100} % of draws | failed | how the neighbour ended |`,
  );
  console.log('| --- | --: | --: | --: | --: | --: | --: | --: | --: | --- |');
  for (const { kind, alone, beside, ratio, range, failed, ended } of rows)
    console.log(
      `| ${kind} | ${beside.calls} | ${ms(alone.p50Ms)} | ${ms(alone.p99Ms)} | ${ms(beside.p50Ms)} | ${ms(beside.p99Ms)} | ${ratio.toFixed(2)} | ` +
        `${range.least.toFixed(2)} to ${range.most.toFixed(2)} | ${failed} | ${ended} |`,
    );
}
