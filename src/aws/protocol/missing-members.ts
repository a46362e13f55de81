import { PlatformError } from '../../util/errors.ts';

/** `paths`: of the members, as the model names them: `Target.RoleArn`, `Entries[0].Source`. In the words of AWS's validation, which prints `target.roleArn`, `entries.1.member.source`. */
export function missingMembers(paths: readonly string[]): PlatformError {
  const violations = paths.map(
    (path) => `Value null at '${asPrinted(path)}' failed to satisfy constraint: Member must not be null`,
  );
  const count = paths.length === 1 ? '1 validation error' : `${paths.length} validation errors`;
  const [field] = paths;
  return new PlatformError('invalid_argument', `${count} detected: ${violations.join('; ')}`, {
    reason: 'ValidationException',
    ...(field !== undefined && { field }),
  });
}

const asPrinted = (path: string): string =>
  path
    .replaceAll(/\[(\d+)\]/g, (_whole, index: string) => `.${Number(index) + 1}.member`)
    .split('.')
    .map((name) => name.slice(0, 1).toLowerCase() + name.slice(1))
    .join('.');
