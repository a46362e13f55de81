/**
 * Claim: at the same idle memory, our plans leave at most half of the cold starts that keeping everything for ten
 * minutes leaves. The same trace through each policy, in simulated time.
 *
 *   npm run bench -- replay                 the generated trace
 *   bin/node bench/replay.ts FOLDER         Azure's public trace, unpacked in FOLDER
 */
import { readAzureTrace } from './replay/azure-csv.ts';
import { clairvoyant, fixed, ours, simulate, type Outcome } from './replay/simulate.ts';
import { generateTrace, type Trace } from './replay/trace.ts';

const minuteMs = 60_000;
const generated = { seed: 1, functions: 300, days: 7, callsPerDayMax: 20_000 };
const azureFunctionsMax = 2_000;
/** Prices between which the one of equal memory is looked for, as powers of ten, and in how many steps. */
const priceRange = [6, 10] as const;
const steps = 8;

function line(name: string, { calls, cold, idleGbHours, coldShareThirdQuartile }: Outcome, base: Outcome): string {
  const cells = [
    name,
    `${((cold / calls) * 100).toFixed(3)} %`,
    (cold / base.cold).toFixed(2),
    idleGbHours.toFixed(0),
    (idleGbHours / base.idleGbHours).toFixed(2),
    Number.isNaN(coldShareThirdQuartile) ? '' : `${(coldShareThirdQuartile * 100).toFixed(0)} %`,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Ours with at most so much idle memory: the price is what decides. */
function oursWithin(trace: Trace, idleGbHours: number): Outcome {
  let [low, high] = priceRange as readonly [number, number];
  let best: Outcome | undefined;
  for (let step = 0; step < steps; step += 1) {
    const middle = (low + high) / 2;
    const outcome = simulate(trace, ours(10 ** middle));
    if (outcome.idleGbHours > idleGbHours) high = middle;
    else [low, best] = [middle, outcome];
  }
  return best ?? simulate(trace, ours(10 ** low));
}

const folder = process.argv[2];
const trace = folder === undefined ? generateTrace(generated) : await readAzureTrace(folder, azureFunctionsMax);
const ten = simulate(trace, fixed(10 * minuteMs));
const what = folder === undefined ? `generated with seed ${generated.seed}` : 'Azure 2019';
console.log(
  `replay: ${what}, ${trace.functions.length} functions, ${trace.lengthMs / 24 / 60 / minuteMs} days, ${ten.calls} calls`,
);
console.log('| | cold starts | × ten minutes | idle GB·h | × ten minutes | cold, third quartile of functions |');
console.log('| --- | --: | --: | --: | --: | --: |');
for (const minutes of [1, 10, 20])
  console.log(line(`kept ${minutes} min`, minutes === 10 ? ten : simulate(trace, fixed(minutes * minuteMs)), ten));
console.log(line('ours, the same memory', oursWithin(trace, ten.idleGbHours), ten));
console.log(line('ours, half the memory', oursWithin(trace, ten.idleGbHours / 2), ten));
console.log(line('clairvoyant, keeping only', clairvoyant(trace, ten.idleGbHours), ten));
