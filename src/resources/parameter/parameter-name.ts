/** What a parameter may be called. https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html */
import { PlatformError } from '../../util/errors.ts';
import { invalidParameterInput, parameterError, parameterLimits } from './parameter.ts';

/** A name without a slash in it, or a whole path. */
export const parameterNamePattern = /(?:\/[A-Za-z0-9_.-]+)+|[A-Za-z0-9_.-]+/;
const whole = new RegExp(`^(?:${parameterNamePattern.source})$`);

/** Errors: ValidationException, AccessDeniedException, HierarchyLevelLimitExceededException. */
export function checkParameterName(name: string): void {
  const { nameCharactersMax, levelsMax } = parameterLimits;
  const isPath = name.startsWith('/');
  if (/^\/?aws/i.test(name) && isPath && name.indexOf('/', 1) > 0)
    throw new PlatformError('permission_denied', `No access to reserved parameter name: ${name}.`, {
      reason: 'AccessDeniedException',
      field: 'Name',
    });
  if (/^\/?(?:aws|ssm)/i.test(name))
    throw invalidParameterInput(
      `Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive).${pathRule}`,
      'Name',
    );
  if (!isPath && name.includes('/'))
    throw invalidParameterInput('Parameter name must be a fully qualified name.', 'Name');
  if (!whole.test(name))
    throw invalidParameterInput(`Parameter name: ${name.slice(0, 100)} is not valid.${pathRule}`, 'Name');
  if (name.length > nameCharactersMax)
    throw invalidParameterInput(`Parameter name: at most ${nameCharactersMax} characters are accepted.`, 'Name');
  if (name.split('/').length - 1 > levelsMax)
    throw parameterError(
      'HierarchyLevelLimitExceededException',
      `A hierarchy can have a maximum of ${levelsMax} levels.`,
      'Name',
    );
}

const pathRule =
  ' If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_';
