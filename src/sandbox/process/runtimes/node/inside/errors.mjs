/** Errors in the form, and with the names, that Lambda's Node.js runtime gives them. */
import { types } from 'node:util';

/** An error's message and stack are shortened to these, so that both fit in one frame. */
const messageLengthMax = 20_000;
const stackLinesMax = 50;
const stackLineLengthMax = 500;

export class RuntimeError extends Error {
  /** `name`: without `Runtime.`; `cause`: the error whose stack is worth showing. */
  constructor(name, message, cause) {
    super(message);
    this.name = `Runtime.${name}`;
    const frames =
      typeof cause?.stack === 'string' ? cause.stack.split('\n').filter((line) => /^\s+at /.test(line)) : [];
    this.stack = [`${this.name}: ${message}`, ...frames].join('\n');
  }
}

/** An error's stack as lines, without the frames of this runtime and what called it. */
export function stackOf(error) {
  if (typeof error.stack !== 'string') return [];
  const lines = error.stack.split('\n');
  const ours = lines.findIndex((line) => line.includes('/var/runtime/') && /^\s+at /.test(line));
  return lines
    .slice(0, Math.min(ours < 0 ? lines.length : ours, stackLinesMax))
    .map((line) => line.slice(0, stackLineLengthMax));
}

/** What the caller gets: `trace` is Lambda's name for the stack in Node.js, where other runtimes have `stackTrace`. */
export function describeError(error) {
  try {
    if (types.isNativeError(error) || (error?.name && error?.message && error?.stack)) {
      return {
        errorType: String(error.name).slice(0, stackLineLengthMax),
        errorMessage: String(error.message).slice(0, messageLengthMax),
        trace: stackOf(error),
      };
    }
    return {
      errorType: typeof error,
      errorMessage: String(error).slice(0, messageLengthMax),
      trace: [],
    };
  } catch {
    return {
      errorType: 'handled',
      errorMessage: 'the handler failed with a value whose name, message or stack cannot be read',
    };
  }
}

/** What the log gets: the error's own further properties (`code`, …) and those of its cause too. */
export function logError(error) {
  try {
    return JSON.stringify(error, (_key, value) => {
      if (!(value instanceof Error)) return value;
      const { name: _name, ...own } = value;
      return {
        errorType: value.name,
        errorMessage: value.message,
        code: value.code,
        ...own,
        cause: value.cause,
        stack: stackOf(value),
      };
    });
  } catch {
    return JSON.stringify(describeError(error));
  }
}
