/**
 * Values that stand somewhere else: `${secret:shop/db}`, `${secret:shop/db#password}` (a member of its JSON object) and
 * `${ssm:/shop/hours}` in a function's variables, in the place of which the value is put when an environment starts. Pure.
 */
import { parameterNamePattern } from '../resources/parameter/parameter-name.ts';
import { secretNamePattern } from '../resources/secret/secret.ts';

/** `selector`: of a parameter, its version or label, with the colon; of a secret, the member of its object; empty: none. */
export type VariableReference = { kind: 'secret' | 'parameter'; name: string; selector: string };

const unclosed = /\$\{(?:secret|ssm):[^}]*$/;
const anything = /\$\{(secret|ssm):([^}]*)\}/g;
const secretReference = new RegExp(`^(${secretNamePattern.source})(?:#([^#]{1,256}))?$`, 'u');
const parameterReference = new RegExp(`^(${parameterNamePattern.source})(:[A-Za-z0-9_.-]{1,100})?$`);

/** Undefined: what stands there is no reference, though it begins like one. */
function parse(kind: string, inner: string): VariableReference | undefined {
  const [, name, selector = ''] = (kind === 'secret' ? secretReference : parameterReference).exec(inner) ?? [];
  return name === undefined ? undefined : { kind: kind === 'secret' ? 'secret' : 'parameter', name, selector };
}

/** `wrong`: the first that begins like a reference and is none, as it stands. */
export function variableReferences(text: string): { references: VariableReference[]; wrong: string | undefined } {
  const found = [...text.matchAll(anything)].map(([whole, kind = '', inner = '']) => ({
    whole,
    is: parse(kind, inner),
  }));
  return {
    references: found.flatMap(({ is }) => is ?? []),
    wrong: found.find(({ is }) => is === undefined)?.whole ?? unclosed.exec(text)?.[0],
  };
}

/** With what `read` gives in the place of each; what it gives is not looked at again. */
export async function withReferences(
  text: string,
  read: (reference: VariableReference) => Promise<string>,
): Promise<string> {
  const parts: string[] = [];
  let at = 0;
  for (const match of text.matchAll(anything)) {
    const [whole, kind = '', inner = ''] = match;
    const reference = parse(kind, inner);
    if (reference === undefined) continue;
    parts.push(text.slice(at, match.index), await read(reference));
    at = match.index + whole.length;
  }
  return [...parts, text.slice(at)].join('');
}
