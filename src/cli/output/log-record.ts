/** Lines of a log in JSON, for a terminal: what a person looks for first, the rest behind it. */
import type { Paint } from './paint.ts';

export type LogRecord = Readonly<Record<string, unknown>>;

/** What a line in JSON says; undefined: it is none. */
export function recordOf(text: string): LogRecord | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** `platform.report  status success  durationMs 1.5 …`: the request's id stands in front of the line already. */
export function platformRecordText({ type, record }: LogRecord): string {
  const { metrics, requestId: _said, tracing: _trace, ...rest } = objectOf(record) ?? {};
  const said = Object.entries({ ...rest, ...objectOf(metrics) });
  return [plain(type), ...said.map(([name, value]) => `${name} ${plain(value)}`)].join('  ');
}

/** A line of a logger as a log of text has it; what is not one stays as it was printed. */
export function functionRecordText(record: LogRecord, paint: Paint): string {
  const { timestamp: _time, requestId: _request, level, log_level: otherLevel, message, ...rest } = record;
  const gravity = level ?? otherLevel;
  if (typeof gravity !== 'string') return JSON.stringify(record);
  // An error that was logged alone is the message itself.
  const alone = objectOf(message);
  const error = rest['errorType'] === undefined && alone?.['errorType'] !== undefined ? alone : rest;
  const { errorType: _type, errorMessage: _message, stackTrace: _stack, ...others } = rest;
  const { location: _location, logger: _logger, ...further } = others;
  const shown = message === undefined || error === alone ? '' : plain(message);
  const first = [
    gravity === 'INFO' ? '' : gravity,
    shown,
    Object.keys(further).length === 0 ? '' : paint('dim', JSON.stringify(further)),
  ];
  const text = [
    first.filter((part) => part !== '').join(' '),
    // A message that goes over several lines has the stack in it already.
    ...(shown.includes('\n') ? [] : stackOf(error)),
  ].join('\n');
  if (/^(ERROR|FATAL|CRITICAL)$/.test(gravity)) return paint('red', text);
  return /^WARN(ING)?$/.test(gravity) ? paint('yellow', text) : text;
}

/** Node.js begins a stack with the error itself, Python has the frames alone. */
function stackOf({ errorType, errorMessage, stackTrace }: LogRecord): string[] {
  if (errorType === undefined) return [];
  const thrown = `${plain(errorType)}: ${plain(errorMessage)}`;
  const stack = Array.isArray(stackTrace) ? stackTrace.map((line) => plain(line).trimEnd()) : [];
  return stack[0] === thrown ? stack : [thrown, ...stack];
}

function objectOf(value: unknown): LogRecord | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

const plain = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
