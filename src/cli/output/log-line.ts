/** One line of a function's log, for a terminal: what is said twice is left out, what is wrong is red. */
import type { LogView } from '../../control/views.ts';
import { functionRecordText, platformRecordText, recordOf } from './log-record.ts';
import type { Paint, Style } from './paint.ts';
import { clockTime } from './units.ts';

/** Told apart at a glance; red is left for errors. */
const functionStyles: readonly Style[] = ['cyan', 'magenta', 'blue', 'green', 'yellow'];

/** The same name has the same colour, always. */
export function functionStyle(name: string): Style {
  const sum = Buffer.from(name).reduce((hash, byte) => (hash * 31 + byte) % 1_000_003, 7);
  return functionStyles[sum % functionStyles.length] ?? 'cyan';
}

export type LogLineOptions = { paint: Paint; showFunction: boolean; nameWidth?: number };

export function logLine(line: LogView, options: LogLineOptions): string {
  const { paint, showFunction, nameWidth = 0 } = options;
  const time = paint('dim', clockTime(line.timeMs));
  const name = line.functionName ?? '';
  const who = showFunction ? ` ${paint(functionStyle(name), name.padEnd(nameWidth))}` : '';
  // Ids begin with the time: their ends tell them apart.
  const request = line.requestId === undefined ? '' : ` ${paint('dim', line.requestId.slice(-8))}`;
  return `${time}${who}${request} ${textOf(line, paint)}`;
}

function textOf(line: LogView, paint: Paint): string {
  const record = recordOf(line.text);
  if (line.origin === 'platform')
    return paint('dim', record === undefined ? platformText(line.text) : platformRecordText(record));
  const text = record === undefined ? functionText(line, paint) : functionRecordText(record, paint);
  return line.origin === 'extension' ? `${paint('dim', 'extension')} ${text}` : text;
}

/** The request's id stands in front of the line already. */
function platformText(text: string): string {
  return text
    .replace(/^(START|END|REPORT) RequestId: \S+/, '$1')
    .replaceAll('\t', '  ')
    .trimEnd();
}

function functionText({ text, requestId }: LogView, paint: Paint): string {
  const [time = '', id, level = '', ...rest] = text.split('\t');
  // Node.js writes time, request and level before each line, as on Lambda.
  if (id !== undefined && (id === requestId || id === 'undefined') && /^\d{4}-\d\d-\d\dT/.test(time)) {
    const message = rest.join('\t');
    if (level === 'ERROR') return paint('red', thrown(message) ?? `ERROR ${message}`);
    if (level === 'WARN') return paint('yellow', `WARN ${message}`);
    return level === 'INFO' ? message : `${paint('dim', level)} ${message}`;
  }
  if (
    /^\s*(?:\[?(?:ERROR|FATAL|CRITICAL)\b|Traceback \(most recent call last\)|\w*(?:Error|Exception)\b:)/.test(text)
  ) {
    return paint('red', text);
  }
  return /^\s*\[?(?:WARN|WARNING)\b/.test(text) ? paint('yellow', text) : text;
}

/** `Invoke Error\t{"errorType": …, "stack": […]}`: the stack as it would stand in a terminal. */
function thrown(message: string): string | undefined {
  const json = /^(?:Invoke|Uncaught Exception|Unhandled Promise Rejection|Init)\s*(?:Error)?\s*\t(\{.*\})\s*$/.exec(
    message,
  )?.[1];
  if (json === undefined) return undefined;
  try {
    const { stack } = JSON.parse(json) as { stack?: unknown };
    return Array.isArray(stack) && stack.length > 0 ? stack.map(String).join('\n') : undefined;
  } catch {
    // Not as expected: the line as it is says no less.
    return undefined;
  }
}
