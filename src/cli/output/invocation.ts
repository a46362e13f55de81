/** How a call went: its error as its author would see it, and where its time went. */
import { stackLines, type FunctionError } from '../../sandbox/sandbox.ts';
import type { InvocationView } from '../../control/views.ts';
import type { Paint } from './paint.ts';
import { phaseBars } from './phase-bars.ts';
import { memoryText } from './units.ts';

/** The stack without the lines that are ours, which say nothing to the function's author. */
export function errorLines(functionName: string, error: FunctionError, paint: Paint): string[] {
  const stack = stackLines(error)
    .map((line) => String(line).replace(/\n$/, ''))
    .filter((line) => !line.includes('/var/runtime/'));
  // Node's stacks begin with the message, Python's do not.
  const repeats = stack[0]?.startsWith(`${error.errorType}: ${error.errorMessage}`) ?? false;
  return [
    `${paint(['red', 'bold'], `${functionName} failed:`)} ${paint('bold', error.errorType)}: ${error.errorMessage}`,
    ...stack
      .slice(repeats ? 1 : 0)
      .flatMap((entry) => entry.split('\n'))
      .map((line) => paint('dim', line)),
  ];
}

/** Of a call that did not come to run. */
export function failureText(functionName: string, { status, message }: InvocationView): string {
  return `${functionName} was not run (${status.replaceAll('_', ' ')})${message === undefined ? '.' : `: ${message}`}`;
}

export function traceLines(result: InvocationView, options: { paint: Paint; width: number }): string[] {
  const { phases, start, why, billedMs, memoryBytesMax, version, requestId, log = [] } = result;
  const { paint } = options;
  const facts = [
    `request ${requestId}`,
    ...(version === undefined ? [] : [`version ${version}`]),
    ...(start === undefined ? [] : [`${start} start`]),
    ...(billedMs === undefined ? [] : [`billed ${billedMs} ms`]),
    ...(memoryBytesMax === undefined ? [] : [`at most ${memoryText(memoryBytesMax)}`]),
  ];
  return [
    paint('dim', facts.join(' · ')),
    ...(why === undefined || start === 'warm' ? [] : [paint('yellow', why)]),
    ...(phases === undefined ? [] : phaseBars(phases, options)),
    ...log.map((line) => `${paint('dim', '  │')} ${line.replace(/\n$/, '')}`),
  ];
}
