/** One line of a function's log, for a terminal. */
import type { LogView } from '../control-api.ts';
import type { Paint, Style } from './paint.ts';
import { clockTime } from './units.ts';

/** Told apart at a glance; red is left for errors. */
const functionStyles: readonly Style[] = ['cyan', 'magenta', 'blue', 'green', 'yellow'];

/** The same name has the same colour, always. */
export function functionStyle(name: string): Style {
  const sum = Buffer.from(name).reduce((hash, byte) => (hash * 31 + byte) % 1_000_003, 7);
  return functionStyles[sum % functionStyles.length] ?? 'cyan';
}

export function logLine(line: LogView, options: { paint: Paint; showFunction: boolean; nameWidth?: number }): string {
  const { paint, showFunction, nameWidth = 0 } = options;
  const time = paint('dim', clockTime(line.timeMs));
  const name = line.functionName ?? '';
  const who = showFunction ? ` ${paint(functionStyle(name), name.padEnd(nameWidth))}` : '';
  const request = line.requestId === undefined ? '' : ` ${paint('dim', line.requestId.slice(0, 8))}`;
  return `${time}${who}${request} ${line.origin === 'platform' ? paint('dim', line.text) : coloured(line.text, paint)}`;
}

/** What a function calls an error should be seen. */
function coloured(text: string, paint: Paint): string {
  if (
    /^\s*(?:\[?(?:ERROR|FATAL|CRITICAL)\b|Traceback \(most recent call last\)|(?:\w+)?(?:Error|Exception)\b:)/.test(
      text,
    )
  )
    return paint('red', text);
  if (/^\s*\[?(?:WARN|WARNING)\b/.test(text)) return paint('yellow', text);
  return text;
}
