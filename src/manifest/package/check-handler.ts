/** Whether a file seems to have the function that the handler names: asked before anything runs, so that the answer has a place. */
import { nearest } from '../nearest.ts';

/** A sentence of complaint; undefined when it is there, or when only running it would tell. */
export function missingExport(file: string, functionName: string, exported: readonly string[]): string | undefined {
  // `service.handle` is a method of an export; a default export may hold it, or be a `fetch` handler.
  const name = functionName.split('.')[0] ?? functionName;
  if (exported.includes(name) || exported.includes('default')) return undefined;
  const advice =
    name === 'default'
      ? 'write export default { async fetch(request) { … } }'
      : `write export const ${name} = async (event, context) => { … }`;
  return missing(file, 'exports', name, exported, advice);
}

export function missingDefinition(file: string, functionName: string, pythonSource: string): string | undefined {
  if (/^\s*from\s+\S+\s+import\s+\*/m.test(pythonSource)) return undefined;
  // At the start of a line, or inside a block such as `try:` or `if`: defined, assigned, or imported by that name.
  const name = functionName.replaceAll(/[^\w]/gu, '');
  if (
    new RegExp(
      `^\\s*(?:async\\s+def|def|class)\\s+${name}\\b|^\\s*${name}\\s*(?::[^=\\n]+)?=|\\bimport\\b[^\\n#]*\\b${name}\\b|^\\s*${name}\\s*,?\\s*$`,
      'mu',
    ).test(pythonSource)
  ) {
    return undefined;
  }
  const defined = [...pythonSource.matchAll(/^(?:async\s+)?def\s+(\w+)/gmu)].map(([, found]) => found ?? '');
  return missing(file, 'defines', functionName, defined, `write def ${functionName}(event, context):`);
}

function missing(file: string, verb: string, functionName: string, there: readonly string[], advice: string): string {
  const near = nearest(functionName, there);
  const found = there.length === 0 ? 'nothing' : there.slice(0, 8).join(', ');
  return `${file} ${verb} no '${functionName}' but ${found}; ${near === undefined ? advice : `did you mean ${near}?`}`;
}
