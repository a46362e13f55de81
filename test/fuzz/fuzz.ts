/**
 * A seeded fuzzer. What comes in is mutated from a corpus that grows by whatever was answered in a new way; what comes out
 * must be an answer, or an error that is the caller's. Anything else is a finding, printed with the bytes that show it.
 *
 *   MAYFLY_FUZZ_SECONDS=300 MAYFLY_FUZZ_SEED=7 bin/node --test test/fuzz/*.test.ts
 *
 * MAYFLY_FUZZ_OUTCOMES=1 prints what became of the inputs.
 */
import assert from 'node:assert/strict';
import { PlatformError } from '../../src/util/errors.ts';

export type FuzzTarget = {
  corpus: readonly (string | Uint8Array)[];
  /** What a parser knows: put in as it is. */
  words?: readonly string[];
  /** Of what is tried; longer ones are cut. */
  bytesMax?: number;
  /** Tried whatever the time, so that a machine that stands still has tried something. */
  runsMin?: number;
  /**
   * Tries it, and checks what must hold of it. Its answer says in a word what became of it: a new word is worth more of its
   * kind. A PlatformError is one, unless it says that the platform failed.
   */
  run(input: Buffer, random: Random): unknown;
};

/** 0 ≤ and < `below`, a whole number. */
export type Random = (below: number) => number;

/** Enough to meet what a change breaks, in a run of all tests. */
const secondsDefault = 1;
const runsMinDefault = 100;
/** Processor time for one input; the slowest take a few ms. */
const inputCpuMsMax = 3_000;
/** What the process may have grown by at the end, garbage included. */
const grownBytesMax = 768 * 1024 * 1024;
const corpusMax = 4_000;
/** Kinds of outcomes that are told apart: messages that repeat what they were given have no end, and each is kept. */
const outcomesMax = 10_000;
const bytesMaxDefault = 4_096;

export async function fuzz(target: FuzzTarget): Promise<{ runs: number; outcomes: number }> {
  const seconds = Number(process.env['MAYFLY_FUZZ_SECONDS'] ?? secondsDefault);
  const seed = Number(process.env['MAYFLY_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
  const random = randomOf(seed);
  const { bytesMax = bytesMaxDefault, runsMin = runsMinDefault } = target;
  const corpus: Buffer[] = shuffled(target.corpus, random).map((one) => Buffer.from(one));
  const words = (target.words ?? []).map((word) => Buffer.from(word));
  const outcomes = new Map<string, number>();
  const rssBefore = process.memoryUsage.rss();
  const endMs = performance.now() + seconds * 1000;
  let runs = 0;
  for (; runs < runsMin || performance.now() < endMs; runs += 1) {
    const fresh = corpus[runs];
    const input = runs < target.corpus.length && fresh !== undefined ? fresh : mutated(corpus, words, random, bytesMax);
    const outcome = await attempt(target, input, random, `seed ${seed}, run ${runs}`);
    const seen = outcomes.get(outcome) ?? 0;
    if (seen > 0 || outcomes.size < outcomesMax) outcomes.set(ofItsOwn(outcome), seen + 1);
    if (seen === 0 && corpus.length < corpusMax) corpus.push(input);
    // Targets that never wait would keep everything else from happening.
    if (runs % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const grownBytes = process.memoryUsage.rss() - rssBefore;
  assert.ok(grownBytes < grownBytesMax, `the process grew by ${grownBytes} bytes (seed ${seed})`);
  if (process.env['MAYFLY_FUZZ_OUTCOMES'] !== undefined)
    console.log(runs, Object.fromEntries([...outcomes].sort(([, a], [, b]) => b - a).slice(0, 40)));
  return { runs, outcomes: outcomes.size };
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  return items
    .map((item) => ({ item, at: random(2 ** 32) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

async function attempt(target: FuzzTarget, input: Buffer, random: Random, where: string): Promise<string> {
  const before = process.cpuUsage();
  let outcome: string;
  try {
    outcome = `ok ${String(await target.run(Buffer.from(input), random))}`;
  } catch (error) {
    const isAnswer = error instanceof PlatformError && (error.fault === 'caller' || error.code === 'not_implemented');
    if (!isAnswer)
      throw new Error(`fuzzing (${where}) found, with ${shown(input)}: ${describe(error)}`, { cause: error });
    outcome = `${error.code} ${error.reason ?? ''} ${wordsOf(error.message)}`;
  }
  const { user, system } = process.cpuUsage(before);
  const cpuMs = (user + system) / 1000;
  assert.ok(cpuMs < inputCpuMsMax, `fuzzing (${where}): ${shown(input)} took ${Math.round(cpuMs)} ms of a processor`);
  return outcome;
}

const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

/** A piece of a longer text keeps all of that in memory. */
const ofItsOwn = (text: string): string => Buffer.from(text).toString();

/** What is the same of two messages that say the same of two values. */
const wordsOf = (message: string): string =>
  message
    .replaceAll(/'[^']*'|"[^"]*"/gu, '')
    .replaceAll(/[0-9]+/gu, '0')
    .slice(0, 120);

const shown = (input: Buffer): string =>
  /^[\n\r\t -~]*$/.test(input.toString('latin1'))
    ? JSON.stringify(input.toString('latin1'))
    : `base64 ${input.toString('base64')}`;

/** The numbers that lengths are wrong about. */
const edges = [0, 1, 2, 23, 24, 127, 128, 255, 256, 32_767, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

function mutated(corpus: readonly Buffer[], words: readonly Buffer[], random: Random, bytesMax: number): Buffer {
  const pick = <Item>(items: readonly Item[]): Item | undefined => items[random(items.length)];
  let input: Buffer = Buffer.from(pick(corpus) ?? Buffer.alloc(0));
  for (let times = 1 + random(4) * random(4); times > 0; times -= 1) {
    const at = random(input.length + 1);
    const end = Math.min(input.length, at + 1 + random(random(2) === 0 ? 4 : 64));
    const [before, between, after] = [input.subarray(0, at), input.subarray(at, end), input.subarray(end)];
    switch (random(10)) {
      case 0:
        input = Buffer.concat([before, after]);
        break;
      case 1:
        input = Buffer.concat([before, between, between, after]);
        break;
      case 2:
        if (at < input.length) input[at] = (input[at] ?? 0) ^ (1 << random(8));
        break;
      case 3:
        if (at < input.length) input[at] = random(256);
        break;
      case 4:
        input = Buffer.concat([before, Buffer.from(Array.from({ length: 1 + random(8) }, () => random(256))), after]);
        break;
      case 5:
      case 6:
        input = Buffer.concat([before, pick(words) ?? Buffer.alloc(0), random(2) === 0 ? after : input.subarray(at)]);
        break;
      case 7: {
        const other = pick(corpus) ?? input;
        const from = random(other.length + 1);
        input = Buffer.concat([before, other.subarray(from, from + random(256)), after]);
        break;
      }
      case 8: {
        const number = Buffer.alloc(4);
        number.writeUInt32BE(pick(edges) ?? 0);
        input = Buffer.concat([before, number.subarray(random(4)), after]);
        break;
      }
      default:
        // Of a text, a number in it.
        input = Buffer.from(
          input.toString('latin1').replace(/[0-9]+/, () => String(pick(edges) ?? 0)),
          'latin1',
        );
    }
  }
  return input.subarray(0, bytesMax);
}

/** Splits it anywhere, as a network does. */
export function inPieces(input: Buffer, random: Random): Buffer[] {
  const pieces: Buffer[] = [];
  const piecesMax = random(3) === 0 ? 1 : 1 + random(random(4) === 0 ? 256 : 8);
  for (let at = 0; at < input.length;) {
    const bytes = 1 + random(Math.ceil((2 * input.length) / piecesMax));
    pieces.push(Buffer.from(input.subarray(at, at + bytes)));
    at += bytes;
  }
  return pieces;
}

export async function* streamed(pieces: readonly Buffer[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    await Promise.resolve();
    yield piece;
  }
}

/** mulberry32: the same numbers for the same seed, everywhere. */
function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
