import type { DeliveryView } from '../../control/deliveries.ts';
import { never } from '../../util/assert.ts';
import { columns } from './columns.ts';
import type { Paint } from './paint.ts';
import { ago, clockTime, count, milliseconds } from './units.ts';

/** Of a batch's messages, or of receivers that nothing more is known of. */
const linksShown = 10;

function outcomeText(outcome: string, paint: Paint): string {
  if (outcome === 'succeeded') return paint('green', outcome);
  return outcome === 'handed on' || outcome === 'under way' ? paint('dim', outcome) : paint('red', outcome);
}

export function deliveriesText(deliveries: readonly DeliveryView[], paint: Paint, nowMs: number): string {
  if (deliveries.length === 0) return 'Nothing was delivered, as far as is known.';
  return columns(
    deliveries.map(({ id, place, source = '', firstMs, outcome, steps }) => {
      const attempts = steps.filter(({ kind }) => kind === 'attempt').length;
      return [
        id,
        ago(firstMs, nowMs),
        source === '' || place.startsWith(source) ? place : `${source} → ${place}`,
        attempts > 1 ? count(attempts, 'attempt') : '',
        outcomeText(outcome, paint),
      ];
    }),
  ).join('\n');
}

/** A tree: what something was handed on as stands below it. `asked` is marked. */
export function storyLines(deliveries: readonly DeliveryView[], asked: string, paint: Paint): string[] {
  const known = new Map(deliveries.map((node) => [node.id, node]));
  const parentsOf = (node: DeliveryView): DeliveryView[] =>
    deliveries.filter(
      (other) =>
        other !== node &&
        (node.from.includes(other.id) || other.to.some(({ id }) => id === node.id || node.from.includes(id))),
    );
  const shown = new Set<DeliveryView>();

  function lines(node: DeliveryView, depth: number): string[] {
    if (shown.has(node)) return [];
    shown.add(node);
    const indent = '   '.repeat(depth);
    const mark = node.id === asked ? paint('bold', node.id) : paint('dim', node.id);
    const below = deliveries.filter((other) => !shown.has(other) && parentsOf(other).includes(node));
    const unknown = node.to.filter(({ id }) => !known.has(id) && !below.some((other) => other.from.includes(id)));
    const batch = node.from.filter((id) => !known.has(id));
    return [
      `${indent}${depth === 0 ? '' : '└─ '}${paint('bold', node.place)}  ${mark}  ${outcomeText(node.outcome, paint)}`,
      ...(batch.length === 0 ? [] : [`${indent}   ${paint('dim', `of ${listed(batch)}`)}`]),
      ...node.steps
        .filter(({ kind }) => kind !== 'handed_on')
        .map((step) => `${indent}   ${paint('dim', clockTime(step.timeMs))}  ${stepText(step, paint)}`),
      ...(node.stepsLeftOut === undefined ? [] : [`${indent}   ${count(node.stepsLeftOut, 'step')} left out`]),
      ...unknown.slice(0, linksShown).map(({ place, id }) => `${indent}   → ${place}  ${paint('dim', id)}`),
      ...(unknown.length > linksShown ? [`${indent}   → and ${unknown.length - linksShown} more`] : []),
      ...below.flatMap((other) => lines(other, depth + 1)),
    ];
  }

  const roots = deliveries.filter((node) => parentsOf(node).length === 0);
  return [...roots, ...deliveries].flatMap((node) => lines(node, 0));
}

function stepText(step: DeliveryView['steps'][number], paint: Paint): string {
  switch (step.kind) {
    case 'accepted':
      return 'accepted';
    case 'handed_on':
      return `handed on to ${count(step.to.length, 'receiver')}`;
    case 'attempt': {
      const how = step.isOk ? paint('green', 'ok') : paint('red', 'failed');
      const detail = step.detail === undefined ? '' : paint('dim', ` (${step.detail})`);
      return `${step.number === 0 ? 'no attempt' : `attempt ${step.number}`} ${how}, ${milliseconds(step.tookMs)}${detail}`;
    }
    case 'waits':
      return `refused: ${step.why}${step.times === undefined ? '' : `, ${step.times} times in a row`}; it waits`;
    case 'retry':
      return `tried again in ${milliseconds(step.delayMs)}`;
    case 'ended':
      return `${outcomeText(step.outcome, paint)}${step.detail === undefined ? '' : `: ${step.detail}`}`;
    default:
      return never(step);
  }
}

const listed = (ids: readonly string[]): string =>
  ids.length > linksShown
    ? `${ids.slice(0, linksShown).join(', ')} and ${ids.length - linksShown} more`
    : ids.join(', ');
