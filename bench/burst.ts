/**
 * Claim: from nothing to a hundred at once. So many calls of a function that sleeps for a second, at the same time, to one that
 * has no environment yet: when the last of them has its answer, and whether any has none.
 *
 *   npm run bench -- burst                     Python and Node.js, 100 each
 *   npm run bench -- burst --count 500 --language python --json
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startMayfly } from '../test/harness/start-mayfly.ts';
import { openClient, percentile, type Call } from './harness/client.ts';
import { machine } from './harness/machine.ts';

const languages = {
  python: {
    runtime: 'python',
    file: 'app.py',
    code: 'import time\n\ndef handler(event, context):\n    time.sleep(1)\n    return {"statusCode": 200, "body": "ok"}\n',
    boundMs: 2_000,
  },
  node: {
    runtime: 'nodejs26.x',
    file: 'app.mjs',
    code: "export const handler = async () => {\n  await new Promise((resolve) => setTimeout(resolve, 1000));\n  return { statusCode: 200, body: 'ok' };\n};\n",
    boundMs: 4_000,
  },
} as const;
type Language = keyof typeof languages;

/** What is kept ready is there after this long. */
const settleMs = 3_000;
const clientTimeoutMs = 60_000;

type Burst = { language: Language; count: number; lastMs: number; p50Ms: number; lost: number; statuses: string };

async function burst(language: Language, count: number): Promise<Burst> {
  const { runtime, file, code } = languages[language];
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-bench-burst-'));
  try {
    await mkdir(join(folder, 'code'));
    await writeFile(join(folder, 'code', file), code);
    const settings = `runtime: ${runtime}, handler: app.handler, code: code, memory: 128, timeout: 30`;
    const manifest = `application: burst\nfunctions:\n  sleeps: { ${settings}, events: [{ http: GET /sleeps }] }\n`;
    await writeFile(join(folder, 'mayfly.yaml'), manifest);
    await using mayfly = await startMayfly();
    await mayfly.json('deploy', folder);
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    using client = openClient({ timeoutMs: clientTimeoutMs });
    const calls = await Promise.all(Array.from({ length: count }, () => client.call(`${mayfly.http}/sleeps`)));
    const times = calls.map(({ tookMs }) => tookMs);
    return {
      language,
      count,
      lastMs: Math.round(Math.max(...times)),
      p50Ms: Math.round(percentile(times, 0.5)),
      lost: calls.filter(({ status }) => status !== 200).length,
      statuses: tally(calls),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function tally(calls: readonly Call[]): string {
  const counts = Map.groupBy(calls, ({ status, error }) => status ?? error ?? 'none');
  return [...counts].map(([status, those]) => `${status}: ${those.length}`).join(', ');
}

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100' },
    language: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const wanted = (Object.keys(languages) as Language[]).filter(
  (language) => values.language === undefined || values.language === language,
);
const rows: Burst[] = [];
for (const language of wanted) rows.push(await burst(language, Number(values.count)));
if (values.json) console.log(JSON.stringify({ bench: 'burst', machine: machine(), rows }));
else {
  console.log(`burst: calls of one second each, all at once, from no environment. ${machine()}`);
  console.log('| | calls | the last is answered after | half of them after | claim for 100 | lost | answers |');
  console.log('| --- | --: | --: | --: | --: | --: | --- |');
  for (const { language, count, lastMs, p50Ms, lost, statuses } of rows)
    console.log(
      `| ${language} | ${count} | ${lastMs} ms | ${p50Ms} ms | ≤ ${languages[language].boundMs} ms | ${lost} | ${statuses} |`,
    );
}
