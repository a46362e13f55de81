import { scan, type Records } from '../store/records.ts';
import type { AccountId } from '../util/ids.ts';
import type { Binding, Bindings, BindingSource } from './binding.ts';

const prefix = 'binding/';
const keyOf = (account: AccountId, id: string): string => `${prefix}${account}/${id}`;

type OfKind<Kind extends BindingSource['kind']> = Binding & { source: Extract<BindingSource, { kind: Kind }> };

/** Loads every binding; afterwards memory answers, and is changed only once the store has. */
export async function openBindings({ records }: { records: Records }): Promise<Bindings> {
  const held = new Map<string, Binding>();
  const watchers = new Set<() => void>();
  const changed = (): void => {
    for (const watcher of watchers) watcher();
  };

  for await (const { key, value } of scan(records, prefix)) held.set(key, Object.freeze(value as Binding));

  return {
    list: (account) => [...held.values()].filter((binding) => binding.account === account),

    ofKind: <Kind extends BindingSource['kind']>(kind: Kind) =>
      [...held.values()].filter((binding): binding is OfKind<Kind> => binding.source.kind === kind),

    async put(binding) {
      const key = keyOf(binding.account, binding.id);
      await records.transact([{ kind: 'put', key, value: binding }]);
      held.set(key, Object.freeze({ ...binding }));
      changed();
    },

    async delete(account, id) {
      const key = keyOf(account, id);
      if (!held.has(key)) return false;
      await records.transact([{ kind: 'delete', key }]);
      held.delete(key);
      changed();
      return true;
    },

    watch(watcher) {
      watchers.add(watcher);
      return { stop: () => watchers.delete(watcher) };
    },
  };
}
