/** Tables as control/ asks for them (control/control-parts.ts). */
import type { ControlTables } from './control/control-parts.ts';
import { changesTo, newIndexOf } from './resources/table/table-settings.ts';
import type { Table } from './resources/table/table.ts';
import type { Tables } from './resources/table/tables.ts';
import type { AccountId } from './util/ids.ts';

export function controlTables(tables: Tables): ControlTables {
  const isEmpty = (table: Table): boolean => tables.tally(table).items === 0;
  /** A table that an API made keeps its indexes, whatever a deployment says; one of a deployment has those that it says. */
  const ownIndexes = ({ application, indexes }: Table): string[] =>
    application === undefined ? [] : indexes.filter(({ kind }) => kind === 'global').map(({ name }) => name);

  const changesOf = (account: AccountId, { name, ...settings }: Parameters<ControlTables['put']>[1]) => {
    const table = tables.get(account, name);
    return table === undefined ? undefined : changesTo(table, settings, ownIndexes(table));
  };

  return {
    list: (account) =>
      tables.list(account).map((table) => {
        const { items, bytes } = tables.tally(table);
        return { name: table.name, items, bytes, indexes: table.indexes.length };
      }),

    wouldPut(account, table) {
      const changes = changesOf(account, table);
      if (changes === undefined) return 'created';
      return changes.length === 0 ? 'unchanged' : 'updated';
    },

    async put(account, table, application, nowMs) {
      const changes = changesOf(account, table);
      const { name, key, indexes, expires, stream } = table;
      for (const change of changes ?? []) await tables.update(account, name, () => change);
      if (changes !== undefined) return;
      await tables.create({
        account,
        name,
        application,
        key,
        indexes: indexes.map(newIndexOf),
        billing: { mode: 'on demand' },
        onDemandSinceMs: nowMs,
        isProtected: false,
        tags: {},
        ...(stream !== undefined && { stream: { view: stream } }),
      });
      if (expires !== undefined) await tables.update(account, name, () => ({ expiry: { attribute: expires } }));
    },

    async remove(account, name) {
      const table = tables.get(account, name);
      if (table === undefined) return 'absent';
      if (table.isProtected || !isEmpty(table)) return 'holds_something';
      await tables.delete(account, name);
      return 'removed';
    },
  };
}
