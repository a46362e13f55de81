import type { Letter, DeadLetterPlace, Redriven } from '../../events/dead-letters.ts';
import { columns } from './columns.ts';
import type { Paint } from './paint.ts';
import { ago, count } from './units.ts';

const payloadColumns = 60;
const refusedShown = 20;

export function placesText(places: readonly DeadLetterPlace[], paint: Paint, nowMs: number): string {
  if (places.length === 0) return 'No dead letters, and no queues for any.';
  return columns(
    places.map(({ kind, name, count: letters, oldestMs, of }) => [
      paint('bold', `${kind}:${name}`),
      letters === 0 ? paint('dim', 'empty') : paint('red', count(letters, 'letter')),
      oldestMs === undefined ? '' : `oldest ${ago(oldestMs, nowMs)}`,
      paint('dim', `of ${of.join(', ')}`),
    ]),
  ).join('\n');
}

export function lettersText(letters: readonly Letter[], paint: Paint, nowMs: number): string {
  if (letters.length === 0) return 'It is empty.';
  return columns(
    letters.map(({ id, timeMs, from = '', why = '', payload }) => {
      const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
      const cut = text.length > payloadColumns ? `${text.slice(0, payloadColumns - 1)}…` : text;
      return [id, ago(timeMs, nowMs), from, paint('red', why), paint('dim', cut.replaceAll(/\s+/g, ' '))];
    }),
  ).join('\n');
}

export function letterLines(letter: Letter, paint: Paint, nowMs: number): string[] {
  const { id, timeMs, from, why, attempts, payload, to } = letter;
  const label = (text: string): string => paint('dim', text.padEnd(10));
  return [
    paint('bold', id),
    `${label('given up')}${ago(timeMs, nowMs)}${from === undefined ? '' : `, by ${from}`}${attempts === undefined ? '' : `, after ${count(attempts, 'attempt')}`}`,
    ...(why === undefined ? [] : [`${label('why')}${paint('red', why)}`]),
    `${label('again')}${to === undefined ? 'it does not say where it came from' : `to ${to}`}`,
    '',
    typeof payload === 'string' ? payload : JSON.stringify(payload, undefined, 2),
  ];
}

export function redrivenText({ sent, refused, left }: Redriven): string {
  const places = [...Map.groupBy(sent, ({ to }) => to)].map(([to, those]) => `${those.length} to ${to}`).join(', ');
  const [only, ...others] = sent;
  const as = only !== undefined && others.length === 0 ? `, as ${only.as}` : '';
  return [
    sent.length === 0 ? 'Nothing was sent again.' : `${count(sent.length, 'letter')} sent again: ${places}${as}.`,
    ...refused.slice(0, refusedShown).map(({ id, why }) => `  ${id} stays: ${why}`),
    ...(refused.length > refusedShown ? [`  and ${refused.length - refusedShown} more stay`] : []),
    ...(left > 0 ? [`${count(left, 'letter')} still there.`] : []),
  ].join('\n');
}
