/** What a function may by the words of its manifest, as a document like any other. */
import type { PolicyStatement } from '../registry/function.ts';
import { readPattern, type Pattern } from './pattern.ts';
import type { PolicyDocument, Statement } from './policy-document.ts';

const patterns = (texts: readonly string[], folds: boolean): Pattern[] =>
  texts.map((text) => readPattern(text, { hasWildcards: true, hasVariables: false, folds }));

export const permissionsDocument = (permissions: readonly PolicyStatement[]): PolicyDocument => ({
  statements: permissions.map(({ effect, actions, resources }): Statement => ({
    id: undefined,
    effect,
    principal: undefined,
    actions: { patterns: patterns(actions, true), isExcept: false },
    resources: { patterns: patterns(resources, false), isExcept: false },
    conditions: [],
    extent: undefined,
  })),
});
