import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Item } from '../../resources/table/attribute-value.ts';
import type { Condition } from './expression/condition.ts';
import { holds } from './expression/condition-holds.ts';

/** Milliseconds of one turn: a page has ten thousand items, and a condition asks 300 things of each. */
const turnMsMax = 10;

/** Those of which the condition holds. */
export async function filterItems(items: readonly Item[], condition: Condition | undefined): Promise<readonly Item[]> {
  if (condition === undefined) return items;
  const kept: Item[] = [];
  let sinceMs = performance.now();
  for (const item of items) {
    if (holds(condition, item)) kept.push(item);
    if (performance.now() - sinceMs < turnMsMax) continue;
    await nextTurn();
    sinceMs = performance.now();
  }
  return kept;
}
