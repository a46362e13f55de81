/** A call explained, as a picture: its phases as bars on one line of time, why it started so, and its environment's life. */
import type { AttemptView, EnvironmentView, ExplainedInvocationView } from '../../control/views.ts';
import { columns, wrapped } from './columns.ts';
import type { Paint } from './paint.ts';
import { phaseBars } from './phase-bars.ts';
import { startWords } from './start-words.ts';
import { ago, bytesText, clockTime, count, memoryText, milliseconds } from './units.ts';

export type ExplanationOptions = { paint: Paint; width: number; nowMs: number };

const labelColumns = 11;
const textColumnsMax = 100;

export function explanationLines(
  { requestId, attempts }: ExplainedInvocationView,
  options: ExplanationOptions,
): string[] {
  return attempts.flatMap((attempt, index) => [
    ...(index === 0 ? [] : ['']),
    ...attemptLines(requestId, attempt, attempts.length, options),
  ]);
}

function attemptLines(
  requestId: string,
  attempt: AttemptView,
  attempts: number,
  options: ExplanationOptions,
): string[] {
  const { paint, nowMs } = options;
  const { functionName, version, source, status, start, receivedMs, totalUs, phases, billedMs, memoryMb } = attempt;
  const outcome = status === 'ok' ? paint('green', 'ok') : paint(['red', 'bold'], status.replaceAll('_', ' '));
  const head = [
    `version ${version}`,
    ...(attempts > 1 || attempt.attempt > 1 ? [`attempt ${attempt.attempt}`] : []),
    `by ${source}`,
    `${clockTime(receivedMs)}, ${ago(receivedMs, nowMs)}`,
  ];
  const beforeUs = phases.queueUs + phases.placeUs + phases.provisionUs + phases.initUs;
  return [
    `${paint('bold', functionName)}  ${outcome}  ${startText(start, paint)}`,
    ...wrapped(`${requestId} · ${head.join(' · ')}`, options.width).map((line) => paint('dim', line)),
    '',
    ...paragraph('why', attempt.why, options),
    ...(attempt.advice === undefined ? [] : paragraph('advice', attempt.advice, options)),
    '',
    ...acceptedLines(attempt, paint),
    ...phaseBars(phases, options),
    ...wrapped(
      `${milliseconds(totalUs / 1_000)} from its first byte to its answer, ${milliseconds(beforeUs / 1_000)} before the handler; billed ${count(billedMs, 'ms', 'ms')} at ${memoryMb} MB`,
      options.width - 2,
    ).map((line) => `  ${line}`),
    ...(attempt.environment === undefined
      ? ['', paint('dim', '  Nothing more is known of its environment.')]
      : ['', ...environmentLines(attempt.environment, options)]),
  ];
}

/** What of an asynchronous call is not in its phases. */
function acceptedLines({ acceptedMs, receivedMs, attempt }: AttemptView, paint: Paint): string[] {
  if (acceptedMs === undefined) return [];
  const since = attempt > 1 ? ', with the attempts before and the pauses between' : '';
  const waited = milliseconds(Math.max(0, receivedMs - acceptedMs));
  return [`  ${'accepted'.padEnd(labelColumns)}${clockTime(acceptedMs)}${paint('dim', `, ${waited} before${since}`)}`];
}

const startText = (start: AttemptView['start'], paint: Paint): string =>
  start === 'warm' ? paint('green', 'warm') : paint('yellow', start === 'cold' ? 'cold start' : startWords[start]);

function paragraph(label: string, text: string, { paint, width }: ExplanationOptions): string[] {
  const lines = wrapped(text, Math.min(width, textColumnsMax) - labelColumns - 2);
  return lines.map((line, index) => `  ${paint('dim', (index === 0 ? label : '').padEnd(labelColumns))}${line}`);
}

function environmentLines(environment: EnvironmentView, { paint, nowMs, width }: ExplanationOptions): string[] {
  const { id, startedMs, why, placeUs, provisionUs, initUs = 0, invocations, handlerUs, memoryMb, ended } = environment;
  const costUs = placeUs + provisionUs + initUs;
  const untilMs = ended?.timeMs ?? (environment.isLost ? (environment.lastMs ?? startedMs) : nowMs);
  const lifeMs = Math.max(1, untilMs - startedMs);
  const memory =
    environment.memoryBytesMax === undefined
      ? ''
      : `, at most ${memoryText(environment.memoryBytesMax)} of ${memoryMb} MB`;
  const packageText = environment.packageBytes === undefined ? '' : `, package ${bytesText(environment.packageBytes)}`;
  const share = Math.min(1, handlerUs / 1_000 / lifeMs);
  const rows = [
    ['started', `${clockTime(startedMs)}, ${ago(startedMs, nowMs)}. ${why}`],
    ['cost', `${milliseconds(costUs / 1_000)} to start${memory}; ${environment.runtime}${packageText}`],
    [
      'ran',
      `${count(invocations, 'call')}, ${milliseconds(handlerUs / 1_000)} in the handler: ${percent(share)} of its ${span(lifeMs)}`,
    ],
    [
      'ended',
      ended === undefined
        ? environment.isLost
          ? 'with the platform, which was killed and could not say when'
          : 'not yet'
        : `${clockTime(ended.timeMs)}, ${ago(ended.timeMs, nowMs)}, because ${ended.why}`,
    ],
  ] as const;
  return [
    `  ${paint('bold', 'its environment')} ${paint('dim', id)}`,
    ...columns(
      rows.flatMap(([label, text]) =>
        wrapped(text, Math.min(width, textColumnsMax) - labelColumns - 2).map((line, index) => [
          paint('dim', `  ${(index === 0 ? label : '').padEnd(labelColumns - 2)}`),
          line,
        ]),
      ),
    ),
  ];
}

const percent = (share: number): string => (share < 0.01 ? '< 1 %' : `${Math.round(share * 100)} %`);

/** How long something was there. */
function span(ms: number): string {
  if (ms < 90_000) return milliseconds(ms);
  if (ms < 90 * 60_000) return `${Math.round(ms / 60_000)} min`;
  return ms < 48 * 3_600_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} days`;
}
