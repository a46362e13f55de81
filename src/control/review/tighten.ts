/** The least that somebody needs to go on as before, from what he used. Pure. */
import { matchesPattern, readPattern } from '../../identity/pattern.ts';
import { policyLimits, type PolicyStatement } from '../../registry/function.ts';
import type { UsedPermission } from '../../resources/used-permissions.ts';

type Used = Pick<UsedPermission, 'action' | 'resource'>;

/**
 * A statement for each set of resources. What was counted as a pattern (`arn:aws:s3:::pics/in/*`) is never wider than what
 * is allowed now: where that is narrower, it stays. Denials stay, too.
 */
export function tighten(used: readonly Used[], present: readonly PolicyStatement[]): PolicyStatement[] {
  const allowed = present.filter(({ effect }) => effect === 'allow');
  const byAction = new Map<string, Set<string>>();
  for (const { action, resource } of used) {
    const resources = byAction.get(action) ?? new Set<string>();
    for (const one of narrowed(action, resource, allowed)) resources.add(one);
    byAction.set(action, resources);
  }
  const bySet = new Map<string, { actions: string[]; resources: string[] }>();
  for (const [action, resources] of byAction) {
    const needed = [...resources].filter((one) => ![...resources].some((other) => one !== other && covers(other, one)));
    const key = needed.toSorted().join(' ');
    const statement = bySet.get(key) ?? { actions: [], resources: needed.toSorted() };
    statement.actions.push(action);
    bySet.set(key, statement);
  }
  const { patternsMax } = policyLimits;
  const needed = [...bySet.values()].flatMap(({ actions, resources }) =>
    chunks(resources, patternsMax).flatMap((some) =>
      chunks(actions.toSorted(), patternsMax).map((few): PolicyStatement => {
        return { effect: 'allow', actions: few, resources: some };
      }),
    ),
  );
  return [...needed, ...present.filter(({ effect }) => effect === 'deny')];
}

/** Without what others allow already. */
export function beyond(statements: readonly PolicyStatement[], others: readonly PolicyStatement[]): PolicyStatement[] {
  const isGiven = (action: string, resource: string): boolean =>
    others.some(
      ({ effect, actions, resources }) =>
        effect === 'allow' &&
        actions.some((one) => covers(one, action)) &&
        resources.some((one) => covers(one, resource)),
    );
  return statements.flatMap((statement) => {
    if (statement.effect === 'deny') return [statement];
    const actions = statement.actions.filter((action) => statement.resources.some((one) => !isGiven(action, one)));
    const resources = statement.resources.filter((one) => actions.some((action) => !isGiven(action, one)));
    return actions.length === 0 ? [] : [{ ...statement, actions, resources }];
  });
}

/** What is allowed now within a pattern that was counted; the pattern itself where that is as much. */
function narrowed(action: string, resource: string, allowed: readonly PolicyStatement[]): readonly string[] {
  if (!resource.includes('*') || resource === '*') return [resource];
  const patterns = allowed
    .filter(({ actions }) => actions.some((one) => covers(one.toLowerCase(), action.toLowerCase())))
    .flatMap(({ resources }) => resources);
  if (patterns.some((pattern) => covers(pattern, resource))) return [resource];
  const within = patterns.filter((pattern) => covers(resource, pattern));
  return within.length === 0 ? [resource] : within;
}

/** Whether whatever the second matches is matched by the first: wildcards of the second stand for themselves. */
export function covers(pattern: string, other: string): boolean {
  if (pattern.includes('?') && /[*?]/.test(other)) return pattern === other;
  return matchesPattern(
    readPattern(pattern, { hasWildcards: true, hasVariables: false, folds: false }),
    other,
    () => undefined,
  );
}

const chunks = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
