/**
 * Whether a value is as a parameter's pattern asks. The pattern is somebody's own, and may take for ever where it is held
 * against a text that was made for it: it is given up after a moment.
 */
import { runInNewContext } from 'node:vm';
import { parameterError } from './parameter.ts';

/** A pattern of 1,024 characters on a text of 8 KB takes microseconds, unless it backtracks without end; on a busy machine it may not get a processor at once. */
const matchMsMax = 250;

/** Errors: InvalidAllowedPatternException, ParameterPatternMismatchException. */
export function checkAllowedPattern(pattern: string, value: string): void {
  let isMatch: unknown;
  try {
    // A part of the value is enough, as with AWS: `^` and `$` are the pattern's own.
    const expression = new RegExp(pattern, 's');
    isMatch = runInNewContext('expression.test(value)', { expression, value }, { timeout: matchMsMax });
  } catch (error) {
    throw parameterError(
      'InvalidAllowedPatternException',
      error instanceof SyntaxError
        ? `The request is not valid: the AllowedPattern is no regular expression (${error.message}).`
        : 'The request is not valid: the AllowedPattern takes too long on this value.',
      'AllowedPattern',
    );
  }
  if (isMatch !== true)
    throw parameterError(
      'ParameterPatternMismatchException',
      `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
      'Value',
    );
}
