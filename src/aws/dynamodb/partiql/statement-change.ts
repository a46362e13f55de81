/** A statement that writes, as a change of an item. */
import type { Item } from '../../../resources/table/attribute-value.ts';
import type { ItemChange, ItemWritten } from '../../../resources/table/item-change.ts';
import { keyOf } from '../../../resources/table/item-places.ts';
import type { Table } from '../../../resources/table/table.ts';
import { PlatformError } from '../../../util/errors.ts';
import type { Condition } from '../expression/condition.ts';
import { holds } from '../expression/condition-holds.ts';
import { validationException } from '../expression/validation-exception.ts';
import { conditionFailed } from '../item-condition.ts';
import { requireItemKeys, requireKey } from '../item-keys.ts';
import { requireItemSize } from '../put-item.ts';
import { someOf, updateChange } from '../update-item.ts';
import type { Statement } from './statement.ts';
import { keyIn } from './statement-keys.ts';

export type WriteStatement = Exclude<Statement, { kind: 'select' }>;

/** `isItemWanted`: with what is refused. Errors: ValidationException. */
export function changeOfStatement(table: Table, statement: WriteStatement, isItemWanted: boolean): ItemChange {
  switch (statement.kind) {
    case 'insert': {
      const { item } = statement;
      requireItemSize(item);
      requireItemKeys(table, item);
      return {
        table,
        key: keyOf(item, table.key),
        decide(before) {
          if (before !== undefined) throw duplicate(isItemWanted ? before : undefined);
          return { kind: 'put', item };
        },
      };
    }
    case 'update': {
      const { actions, paths, where } = statement;
      const key = wholeKey(table, where);
      const require = (before: Item | undefined): void => {
        if (before === undefined || (where !== undefined && !holds(where, before)))
          throw conditionFailed(isItemWanted ? before : undefined);
      };
      return updateChange(table, {
        key,
        update: { actions, paths, setTypes: new Map() },
        condition: { condition: where, require },
      });
    }
    case 'delete': {
      const { where } = statement;
      const key = wholeKey(table, where);
      return {
        table,
        key,
        decide(before) {
          // What is not there is deleted already, whatever else was asked of it.
          if (before === undefined) return { kind: 'keep' };
          if (where !== undefined && !holds(where, before)) throw conditionFailed(isItemWanted ? before : undefined);
          return { kind: 'delete' };
        },
      };
    }
    case 'exists': {
      const { where } = statement.select;
      const key = wholeKey(table, where);
      return {
        table,
        key,
        decide(before) {
          if (before === undefined || (where !== undefined && !holds(where, before)))
            throw conditionFailed(isItemWanted ? before : undefined);
          return { kind: 'keep' };
        },
      };
    }
  }
}

/** What RETURNING answers. */
export function returnedBy(statement: WriteStatement, { before, after }: ItemWritten): Item | undefined {
  if (statement.kind === 'delete') return statement.returning === undefined ? undefined : before;
  if (statement.kind !== 'update') return undefined;
  switch (statement.returning) {
    case undefined:
      return undefined;
    case 'ALL OLD':
      return before;
    case 'ALL NEW':
      return after;
    case 'MODIFIED OLD':
      return someOf(before, statement.paths);
    case 'MODIFIED NEW':
      return someOf(after, statement.paths);
  }
}

/** Errors: ValidationException, where the condition does not say each attribute of the key. */
function wholeKey(table: Table, where: Condition | undefined): Item {
  const key = keyIn(where, table.key);
  if (key === undefined)
    throw validationException('Where clause does not contain a mandatory equality on all key attributes');
  requireKey(table, key);
  return key;
}

const duplicate = (item: Item | undefined): PlatformError =>
  new PlatformError('conflict', 'Duplicate primary key exists in table', {
    reason: 'DuplicateItemException',
    ...(item !== undefined && { members: { Item: item } }),
  });
