import { validationException } from './validation-exception.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const expressionBytesMax = 4_096;

/** `name`: of the parameter. Errors: ValidationException. */
export function requireExpression(name: string, source: string): void {
  if (source.trim() === '') throw validationException(`Invalid ${name}: The expression can not be empty;`);
  const bytes = Buffer.byteLength(source);
  if (bytes > expressionBytesMax)
    throw validationException(
      `Invalid ${name}: Expression size has exceeded the maximum allowed size; expression size: ${bytes}`,
    );
}
