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
/** Errors: not that. */
function wholeNumber(name: 'seed' | 'functions' | 'days', min: number): number {
  const value = Number(values[name]);
  if (/^[0-9]{1,9}$/.test(values[name]) && value >= min) return value;
  throw new Error(`--${name} is '${values[name]}'; accepted: a whole number from ${min} on`);
}

async function chosenTrace(): Promise<{ trace: Trace; what: string }> {
  const [folder, ...more] = positionals;
  if (more.length > 0) throw new Error(`one folder is accepted, not also ${more.join(', ')}`);
  if (folder === undefined) {
    const [seed, functions, days] = [wholeNumber('seed', 0), wholeNumber('functions', 1), wholeNumber('days', 1)];
    return { trace: generateTrace({ seed, functions, days, callsPerDayMax }), what: `generated with seed ${seed}` };
  }
  const trace = await readAzureTrace(folder, azureFunctionsMax);
  const { functionsLeftOut: left } = trace;
  return { trace, what: `Azure 2019${left === 0 ? '' : `, the first of its functions without ${left} others`}` };
}

const chosen = await chosenTrace().catch((error: unknown) => {
  console.error(`replay: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
const { trace, what } = chosen;
const price = coldStartWorthMbMs;
const ten = simulate(trace, { policy: fixed(10), price });
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
