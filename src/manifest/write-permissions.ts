/** A function's `permissions:` put into a manifest's text: everything else in it, comments included, stays as it is. Pure. */
import { isMap, isScalar, isSeq, parseDocument, stringify, type Pair, type YAMLMap } from 'yaml';
import type { PolicyStatement } from '../registry/function.ts';
import { PlatformError } from '../util/errors.ts';

/** Errors: `precondition_failed`, where the text has the function in a form that cannot be changed in place. */
export function writePermissions(text: string, functionName: string, permissions: readonly PolicyStatement[]): string {
  const document = parseDocument(text);
  const fn = document.getIn(['functions', functionName], true);
  if (!isMap(fn) || fn.range === undefined || fn.range === null)
    throw new PlatformError(
      'precondition_failed',
      `functions.${functionName} is not written out in the manifest; add its permissions by hand`,
    );
  if (fn.flow === true) {
    document.setIn(['functions', functionName, 'permissions'], document.createNode(permissionLines(permissions)));
    return document.toString({ lineWidth: 0 });
  }
  const present = fn.items.find(({ key }) => isScalar(key) && key.value === 'permissions');
  const indent = columnOf(text, startOf(present ?? fn.items[0]));
  const lines = yamlOf(permissions).replace(/\n(?=.)/g, `\n${' '.repeat(indent)}`);
  if (present === undefined) {
    const end = lineEnd(text, endOf(text, fn));
    return `${text.slice(0, end)}\n${' '.repeat(indent)}${lines}${text.slice(end)}`;
  }
  const [start, end] = [startOf(present), endOf(text, present.value ?? present.key)];
  return text.slice(0, start) + lines + text.slice(end);
}

/** As `permissions:` of a manifest has them. */
const permissionLines = (
  permissions: readonly PolicyStatement[],
): ({ allow: readonly string[]; on: readonly string[] } | { deny: readonly string[]; on: readonly string[] })[] =>
  permissions.map(({ effect, actions, resources }) =>
    effect === 'allow' ? { allow: actions, on: resources } : { deny: actions, on: resources },
  );

/** Without the line's end. */
export const yamlOf = (permissions: readonly PolicyStatement[]): string =>
  stringify({ permissions: permissionLines(permissions) }, { lineWidth: 0 }).trimEnd();

function startOf(pair: Pair | undefined): number {
  const key = pair?.key;
  return isScalar(key) ? (key.range?.[0] ?? 0) : 0;
}

/** Where what is written of it ends: blank lines and comments behind it are not its own. */
function endOf(text: string, node: unknown): number {
  if (isMap(node) && node.flow !== true) return endOfLast(text, node);
  if (isSeq(node) && node.flow !== true && node.items.length > 0) return endOf(text, node.items.at(-1));
  const range = isScalar(node) || isMap(node) || isSeq(node) ? node.range : undefined;
  return text.slice(0, range?.[1] ?? 0).trimEnd().length;
}

function endOfLast(text: string, { items }: YAMLMap): number {
  const last = items.at(-1);
  return endOf(text, last?.value ?? last?.key);
}

const columnOf = (text: string, at: number): number => at - (text.lastIndexOf('\n', at - 1) + 1);

const lineEnd = (text: string, at: number): number => {
  const found = text.indexOf('\n', at);
  return found < 0 ? text.length : found;
};
