/** Cold starts as tables: by function, by runtime and package size, by reason, and over time. */
import type { ColdStartsView } from '../../control/views.ts';
import type { GroupView } from '../../starts/start-group.ts';
import { isWaitedFor, startKinds } from '../../telemetry/telemetry.ts';
import { columns, widthOf } from './columns.ts';
import type { Paint } from './paint.ts';
import { phaseNames, reasonWords, type PhaseName } from './start-words.ts';
import { bytesText, clockTime, count } from './units.ts';

const barColumns = 40;
const sparkColumnsMax = 72;

/** `width`: of the terminal; undefined where there is none, and everything is shown. */
export function coldStartLines(view: ColdStartsView, paint: Paint, width?: number): string[] {
  const { total, functions, packages, sinceMs, functionsLeftOut, timeline } = view;
  const head = `since ${dateText(sinceMs)}`;
  if (total.invocations === 0) return [`Nothing has run ${head}.`];
  const lines = [
    `${paint('bold', `${number(total.coldStarts)} of ${count(total.invocations, 'call')}`)} waited for an environment ${head}: ${paint('bold', shareText(total))}`,
  ];
  if (total.coldStarts === 0) return lines;
  const shown = functions.filter(({ coldStarts }) => coldStarts > 0);
  const without = functions.length - shown.length + functionsLeftOut;
  return [
    ...lines,
    ...(timeline === undefined ? [] : sparkLines(timeline, paint)),
    '',
    paint(['bold', 'underline'], 'by function') + paint('dim', '  milliseconds: p50 / p99 of the calls that waited'),
    ...table(
      ['', 'runtime', 'package'],
      shown.map((group) => ({
        cells: [
          paint('bold', group.functionName),
          paint('dim', group.runtime),
          group.packageBytes === undefined ? '' : paint('dim', bytesText(group.packageBytes)),
        ],
        group,
      })),
      paint,
      width,
    ),
    ...(without > 0 ? [paint('dim', `  and ${count(without, 'function')} that never waited or waited less`)] : []),
    '',
    paint(['bold', 'underline'], 'by runtime and package size'),
    ...table(
      ['', 'package', ''],
      packages
        .filter(({ coldStarts }) => coldStarts > 0)
        .map((group) => ({ cells: [paint('bold', group.runtime || 'gone'), group.size, ''], group })),
      paint,
      width,
    ),
    '',
    paint(['bold', 'underline'], 'why'),
    ...reasonLines(total, paint),
  ];
}

/** What is told of phases, as there is room for it. */
const phaseChoices: readonly (readonly PhaseName[])[] = [phaseNames, ['queue', 'provision', 'init'], []];

type Row = { cells: readonly string[]; group: GroupView };

/** With as many of the phases as fit into the width. */
function table(heads: readonly string[], rows: readonly Row[], paint: Paint, width = Infinity): string[] {
  const tables = phaseChoices.map((phases) => tableWith(phases, heads, rows, paint));
  const fits = (lines: readonly string[]): boolean => lines.every((line) => widthOf(line) <= width);
  return tables.find(fits) ?? tables.at(-1) ?? [];
}

function tableWith(
  phases: readonly PhaseName[],
  heads: readonly string[],
  rows: readonly Row[],
  paint: Paint,
): string[] {
  const all = [...heads, 'calls', 'cold', 'share', 'wait', ...phases];
  return columns(
    [
      all.map((head, index) => paint('dim', index === 0 ? `  ${head}` : head)),
      ...rows.map(({ cells: [name = '', ...cells], group }) => [
        `  ${name}`,
        ...cells,
        number(group.invocations),
        number(group.coldStarts),
        shareText(group),
        paint('yellow', pair(group.phases.cold)),
        ...phases.map((phase) => pair(group.phases[phase])),
      ]),
    ],
    all.map((_, index) => index).slice(heads.length - 1),
  );
}

function reasonLines({ reasons, coldStarts }: GroupView, paint: Paint): string[] {
  const known = Object.entries(reasons) as [keyof typeof reasonWords, number][];
  const sorted = known.toSorted(([, a], [, b]) => b - a);
  return columns(
    sorted.map(([kind, times]) => [
      `  ${reasonWords[kind]}`,
      number(times),
      paint('yellow', '█'.repeat(Math.max(1, Math.round((times / coldStarts) * barColumns)))),
    ]),
    [1],
  );
}

/** Cold starts over time, and how many there were where there were most. */
function sparkLines({ slots, slotMs }: NonNullable<ColdStartsView['timeline']>, paint: Paint): string[] {
  const coldOf = (starts: (typeof slots)[number]['starts']): number =>
    startKinds.filter(isWaitedFor).reduce((sum, kind) => sum + (starts[kind] ?? 0), 0);
  const together = Math.ceil(slots.length / sparkColumnsMax);
  const sums: number[] = [];
  slots.forEach(({ starts }, index) => {
    const at = Math.floor(index / together);
    sums[at] = (sums[at] ?? 0) + coldOf(starts);
  });
  const most = Math.max(...sums);
  const [first] = slots;
  if (sums.length < 2 || first === undefined || most === 0) return [];
  const marks = sums.map((sum) => (sum === 0 ? '·' : (sparks[Math.ceil((sum / most) * sparks.length) - 1] ?? '')));
  const each = (slotMs * together) / 60_000;
  const step = each < 60 ? `${each} min` : `${each / 60} h`;
  return [
    '',
    `  ${paint('yellow', marks.join(''))}`,
    paint('dim', `  from ${clockTime(first.timeMs).slice(0, 5)} on, ${step} each; at most ${number(most)}`),
  ];
}

const sparks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

const number = (value: number): string => value.toLocaleString('en-US');

function shareText({ share }: GroupView): string {
  if (share === 0) return '0 %';
  return share < 0.001 ? '< 0.1 %' : `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

/** `0.4 / 12`: milliseconds. */
const pair = ({ p50Us, p99Us }: { p50Us: number; p99Us: number }): string =>
  p99Us < 1 ? '–' : `${msText(p50Us)} / ${msText(p99Us)}`;

function msText(us: number): string {
  if (us < 50) return '0';
  return us < 10_000 ? (us / 1_000).toFixed(1) : Math.round(us / 1_000).toLocaleString('en-US');
}

/** `21 Nov 18:00`, in the reader's time zone. */
const dateText = (ms: number): string =>
  `${new Date(ms).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${clockTime(ms).slice(0, 5)}`;
