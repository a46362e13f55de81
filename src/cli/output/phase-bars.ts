/** Where a call's time went, as bars on one line of time: each phase begins where the one before it ends. */
import type { Phases } from '../../telemetry/telemetry.ts';
import type { Paint } from './paint.ts';
import { phaseNames, phaseOf, phaseWords } from './start-words.ts';
import { milliseconds } from './units.ts';

const nameColumns = 11;
const barColumnsMin = 20;
const barColumnsMax = 72;

/** A line for each phase. */
export function phaseBars(phases: Phases, { paint, width }: { paint: Paint; width: number }): string[] {
  const totalUs = phaseNames.reduce((sum, name) => sum + phaseOf(phases, name), 0);
  const texts = phaseNames.map((name) => phaseText(phaseOf(phases, name)));
  const textColumns = Math.max(...texts.map((text) => text.length));
  const wordsColumns = Math.max(...phaseNames.map((name) => phaseWords[name].words.length));
  const room = width - nameColumns - textColumns - wordsColumns - 10;
  const barColumns = Math.max(barColumnsMin, Math.min(barColumnsMax, room));
  const scale = barColumns / Math.max(1, totalUs);
  let fromUs = 0;
  return phaseNames.map((name, index) => {
    const us = phaseOf(phases, name);
    const { words, style } = phaseWords[name];
    // The last column is for what ends there.
    const from = Math.min(barColumns - 1, Math.floor(fromUs * scale));
    fromUs += us;
    const bar = us < 1 ? '' : `${' '.repeat(from)}${paint(style, blocks(us * scale))}`;
    const label = `  ${name.padEnd(nameColumns)}${paint('dim', words.padEnd(wordsColumns))}`;
    return `${label}  ${(texts[index] ?? '').padStart(textColumns)}  ${paint('dim', '│')}${bar}`;
  });
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar so many columns long, and never nothing. */
function blocks(length: number): string {
  const whole = Math.floor(length);
  const text = '█'.repeat(whole) + (eighths[Math.floor((length - whole) * 8)] ?? '');
  return text === '' ? '▏' : text;
}

/** Microseconds below one millisecond. */
function phaseText(us: number): string {
  if (us < 1) return '–';
  return us < 1_000 ? `${Math.round(us)} µs` : milliseconds(us / 1_000);
}
