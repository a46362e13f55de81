/** Which keys policies ask for: what costs something to find out is found out only where one may ask. */
import { keysAsked, type PolicyDocument } from './policy-document.ts';
import type { Standing } from './standing.ts';

/** Whether one of the documents names a key that begins so. `prefix`: in lower case. */
export type AskFor = (documents: readonly PolicyDocument[], prefix: string) => boolean;

/** Each document is looked through once. */
export function createAskedKeys(): AskFor {
  const known = new WeakMap<PolicyDocument, readonly string[]>();
  const keysOf = (document: PolicyDocument): readonly string[] => {
    const keys = known.get(document) ?? [...keysAsked(document)].map((key) => key.toLowerCase());
    known.set(document, keys);
    return keys;
  };
  return (documents, prefix) => documents.some((document) => keysOf(document).some((key) => key.startsWith(prefix)));
}

/** All that bear on whatever somebody does. */
export const documentsOf = ({ policies }: Pick<Standing, 'policies'>): readonly PolicyDocument[] => [
  ...policies.identity,
  ...(policies.boundary === undefined ? [] : [policies.boundary]),
  ...(policies.session ?? []),
  ...(policies.organisation ?? []).flat(),
];
