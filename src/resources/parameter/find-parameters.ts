/**
 * Which parameters a list has. Pure.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html
 */
import { latestOf, parameterError, type Parameter } from './parameter.ts';

export type ParameterFilter = { key: string; option: string | undefined; values: readonly string[] };

const options: Readonly<Record<string, readonly string[]>> = {
  Name: ['Equals', 'BeginsWith', 'Contains'],
  Path: ['Recursive', 'OneLevel'],
  Type: ['Equals', 'BeginsWith'],
  KeyId: ['Equals', 'BeginsWith'],
  Label: ['Equals', 'BeginsWith', 'Contains'],
  Tier: ['Equals'],
  DataType: ['Equals'],
};
const optionsOf = (key: string): readonly string[] | undefined => (key.startsWith('tag:') ? ['Equals'] : options[key]);

/** Errors: InvalidFilterKey, InvalidFilterOption, InvalidFilterValue. */
export function checkParameterFilters(filters: readonly ParameterFilter[], keys?: readonly string[]): void {
  for (const { key, option, values } of filters) {
    const accepted = optionsOf(key);
    if (accepted === undefined || keys?.includes(key) === false)
      throw parameterError(
        'InvalidFilterKey',
        `The following filter key is not valid here: ${key}.`,
        'ParameterFilters',
      );
    if (option !== undefined && !accepted.includes(option))
      throw parameterError(
        'InvalidFilterOption',
        `The following filter option is not valid: ${option}. Valid options include: ${accepted.join(', ')}.`,
        'ParameterFilters',
      );
    if (values.length === 0 && !key.startsWith('tag:'))
      throw parameterError('InvalidFilterValue', `The filter ${key} needs a value.`, 'ParameterFilters');
    const isPath = key === 'Path';
    const noPath = values.find((value) => isPath && !/^\/(?:[A-Za-z0-9_.-]+\/?)*$/.test(value));
    if (noPath !== undefined)
      throw parameterError(
        'InvalidFilterValue',
        `The path ${noPath} begins with "/", and has letters, numbers and . - _ between slashes.`,
        'ParameterFilters',
      );
    if (new Set(filters.map((filter) => filter.key)).size < filters.length)
      throw parameterError('InvalidFilterKey', 'A filter key may be used once.', 'ParameterFilters');
  }
}

export const passesFilters = (parameter: Parameter, filters: readonly ParameterFilter[]): boolean =>
  filters.every((filter) => passesFilter(parameter, filter));

function passesFilter(parameter: Parameter, { key, option = 'Equals', values }: ParameterFilter): boolean {
  const is = (text: string): boolean =>
    values.some((value) => {
      if (option === 'BeginsWith') return text.startsWith(value);
      return option === 'Contains' ? text.includes(value) : text === value;
    });
  const latest = latestOf(parameter);
  switch (key) {
    case 'Name':
      // With and without the slash before it, as the vendor takes it.
      return is(parameter.name) || is(parameter.name.replace(/^\//, ''));
    case 'Type':
      return is(parameter.type);
    case 'KeyId':
      return parameter.type === 'SecureString' && is(latest.keyId ?? defaultKey);
    case 'Label':
      return parameter.versions.some(({ labels }) => labels.some(is));
    case 'Tier':
      return is(latest.tier);
    case 'DataType':
      return is(latest.dataType);
    case 'Path':
      return values.some((path) => isBelow(parameter.name, path, option === 'Recursive'));
    default: {
      const value = parameter.tags[key.slice('tag:'.length)];
      return value !== undefined && (values.length === 0 || values.includes(value));
    }
  }
}

/** The key of SecureStrings that name none. */
export const defaultKey = 'alias/aws/ssm';

/** Whether a name is in a path, or with `isRecursive` anywhere below it. */
export function isBelow(name: string, path: string, isRecursive: boolean): boolean {
  const folder = path.endsWith('/') ? path : `${path}/`;
  // What has no slash is on the top level, as if it had one.
  const full = name.startsWith('/') ? name : `/${name}`;
  return full.startsWith(folder) && (isRecursive || !full.slice(folder.length).includes('/'));
}
