/**
 * Claim: at the same idle memory, our plans leave at most half of the cold starts that keeping everything for ten
 * minutes leaves. The same trace through each policy, in simulated time, by the code that the platform runs.
 *
 *   npm run bench -- replay                 the generated trace
 *   bin/node bench/replay.ts --write        the same, and puts the table into docs/reference/keeping-warm.md
 *   bin/node bench/replay.ts FOLDER         Azure's public trace, unpacked in FOLDER
 *   … --seed 7 --functions 100 --days 7     another trace, or a smaller one
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { coldStartWorthMbMs } from '../src/runners/predict/cold-start-worth.ts';
import type { KeepPolicy } from '../src/runners/predict/keeper.ts';
import { readAzureTrace } from './replay/azure-csv.ts';
import { clairvoyant, simulate, type Outcome } from './replay/simulate.ts';
import { generateTrace, type Trace } from './replay/trace.ts';

const minuteMs = 60_000;
/** What is called more often is never cold, and only takes time. */
const callsPerDayMax = 20_000;
const azureFunctionsMax = 2_000;
/** Prices between which the one of equal memory is looked for, as powers of ten, and in how many steps. */
const priceRange = [6.5, 10] as const;
const steps = 8;
const page = new URL('../docs/reference/keeping-warm.md', import.meta.url);

const fixed = (minutes: number): KeepPolicy => ({ kind: 'fixed', idleMs: minutes * minuteMs });
const predicted = (season: boolean): KeepPolicy => ({ kind: 'predicted', season });

function line(name: string, outcome: Outcome, base: Outcome): string {
  const { calls, cold, startedAhead, idleGbHours, coldShareThirdQuartile } = outcome;
  const cells = [
    name,
    `${((cold / calls) * 100).toFixed(3)} %`,
    (cold / base.cold).toFixed(2),
    idleGbHours.toFixed(0),
    (idleGbHours / base.idleGbHours).toFixed(2),
    startedAhead === 0 ? '' : (startedAhead / base.cold).toFixed(2),
    Number.isNaN(coldShareThirdQuartile) ? '' : `${(coldShareThirdQuartile * 100).toFixed(0)} %`,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** With at most so much idle memory: the price is what decides. */
function within(trace: Trace, policy: KeepPolicy, idleGbHours: number): Outcome {
  let [low, high] = priceRange as readonly [number, number];
  let best: Outcome | undefined;
  for (let step = 0; step < steps; step += 1) {
    const middle = (low + high) / 2;
    const outcome = simulate(trace, { policy, price: 10 ** middle });
    if (outcome.idleGbHours > idleGbHours) high = middle;
    else [low, best] = [middle, outcome];
  }
  return best ?? simulate(trace, { policy, price: 10 ** low });
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: 'boolean' },
    seed: { type: 'string', default: '1' },
    functions: { type: 'string', default: '300' },
    days: { type: 'string', default: '14' },
  },
});
const [folder] = positionals;
const generated = {
  seed: Number(values.seed),
  functions: Number(values.functions),
  days: Number(values.days),
  callsPerDayMax,
};
const trace = folder === undefined ? generateTrace(generated) : await readAzureTrace(folder, azureFunctionsMax);
const price = coldStartWorthMbMs;
const ten = simulate(trace, { policy: fixed(10), price });
const what = folder === undefined ? `generated with seed ${generated.seed}` : 'Azure 2019';
const days = trace.lengthMs / 24 / 60 / minuteMs;
const table = [
  `Trace: ${what}, ${trace.functions.length} functions, ${days} days, ${ten.calls} calls.`,
  '',
  '| | cold starts | × ten minutes | idle GB·h | × ten minutes | started ahead, × cold starts of ten minutes | cold, third quartile of functions |',
  '| --- | --: | --: | --: | --: | --: | --: |',
  ...[1, 10, 20].map((minutes) =>
    line(`kept ${minutes} min`, minutes === 10 ? ten : simulate(trace, { policy: fixed(minutes), price }), ten),
  ),
  line('**predicted, at the same memory**', within(trace, predicted(true), ten.idleGbHours), ten),
  line('predicted without season, at the same memory', within(trace, predicted(false), ten.idleGbHours), ten),
  line('predicted, at half the memory', within(trace, predicted(true), ten.idleGbHours / 2), ten),
  line('predicted, as the platform does', simulate(trace, { policy: predicted(true), price }), ten),
  line('clairvoyant, keeping only, at the same memory', clairvoyant(trace, ten.idleGbHours), ten),
].join('\n');
console.log(table);
if (values.write === true) {
  const text = await readFile(page, 'utf8');
  const put = text.replace(
    /<!-- replay -->[^]*<!-- end of replay -->/u,
    () => `<!-- replay -->\n${table}\n<!-- end of replay -->`,
  );
  await writeFile(page, put);
}
