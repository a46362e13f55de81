import { createHash } from 'node:crypto';
import type { TransactWriteItem, TransactWriteItemsInput } from '@aws-sdk/client-dynamodb';
import type { ItemChange } from '../../resources/table/item-change.ts';
import { itemSizeBytes } from '../../resources/table/item-size.ts';
import type { Table } from '../../resources/table/table.ts';
import type { TransactionToken } from '../../resources/table/transaction-tokens.ts';
import type { Access, AwsContext, OperationEntry } from '../service.ts';
import {
  addConsumed,
  type Consumed,
  type ConsumedCapacityAnswer,
  consumedCapacity,
  doubled,
  nothingConsumed,
  unitsOf,
} from './consumed-capacity.ts';
import { deleteChange, type ReadDelete, readDelete } from './delete-item.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';
import { validationException } from './expression/validation-exception.ts';
import { type ItemCollectionMetrics, itemCollectionMetrics } from './item-collection-metrics.ts';
import { keyTextOf, leadingKeysOf, requireKey } from './item-keys.ts';
import { itemOperation } from './item-operation.ts';
import { attributesOfCondition, attributesOfUpdate } from './named-attributes.ts';
import { putChange, type ReadPut, readPut } from './put-item.ts';
import { onItems } from './table-reference.ts';
import { requireCount, requireTransactionSize } from './transact-get-items.ts';
import { attempted, transactionCanceled } from './transaction-canceled.ts';
import { type ReadUpdate, readUpdate, updateChange } from './update-item.ts';

type ReadAction =
  | { kind: 'check'; name: string; read: ReadDelete }
  | { kind: 'put'; name: string; read: ReadPut }
  | { kind: 'update'; name: string; read: ReadUpdate }
  | { kind: 'delete'; name: string; read: ReadDelete };

const actions = { check: 'ConditionCheckItem', put: 'PutItem', update: 'UpdateItem', delete: 'DeleteItem' } as const;

export function transactWriteItems(parts: DynamoDbParts): OperationEntry {
  return itemOperation({
    read: readTransaction,
    access: (context, input, all) => all.map((one) => accessOf(parts, context, input, one)),
    async run(context, input, all) {
      const tables: Table[] = [];
      for (const { name } of all) tables.push(await parts.openTable(context, name));
      const changes = changesOf(tables, all);
      const written = await writeTogether(parts, context, changes, tokenOf(context, input));
      return answer(parts, input, all, changes, written);
    },
  });
}

/** Of each change what it consumed; of a transaction that had been made before, nothing. */
type WrittenTogether = { consumed: readonly Consumed[] };

/** Errors: TransactionCanceledException, and those of a token that was used before. */
export async function writeTogether(
  { tables, tokens, used }: Pick<DynamoDbParts, 'tables' | 'tokens' | 'used'>,
  { cause }: Pick<AwsContext, 'cause'>,
  changes: readonly ItemChange[],
  token: TransactionToken | undefined,
): Promise<WrittenTogether> {
  const nothing = { consumed: changes.map(() => nothingConsumed) };
  using claim = token === undefined ? undefined : tokens.claim(token);
  if (claim?.status === 'done') return nothing;
  const written = await tables.items.write(changes, {
    cause,
    ...(claim?.status === 'new' && { alongside: claim.operations }),
  });
  if (written.status === 'refused') {
    for (const { table } of changes) used(table, { writeUnits: 2 });
    throw transactionCanceled(written.refusals.map((refusal) => refusal?.why));
  }
  if (claim?.status === 'new') claim.written();
  const consumed = written.changes.map(({ units }) => doubled(units));
  for (const [index, { table }] of changes.entries())
    used(table, { writeUnits: unitsOf(consumed[index] ?? nothingConsumed) });
  return { consumed };
}

function tokenOf({ account }: AwsContext, input: TransactWriteItemsInput): TransactionToken | undefined {
  const { ClientRequestToken, ReturnConsumedCapacity: _, ...rest } = input;
  if (ClientRequestToken === undefined || ClientRequestToken === '') return undefined;
  return { account, token: ClientRequestToken, digest: digestOf(rest) };
}

export const digestOf = (input: object): string =>
  createHash('sha256')
    .update(
      JSON.stringify(input, (_name, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
      ),
    )
    .digest('base64');

/** Errors: ValidationException. */
function readTransaction(input: TransactWriteItemsInput): readonly ReadAction[] {
  const items = input.TransactItems ?? [];
  requireCount(items.length);
  return items.map(readAction);
}

function readAction({ ConditionCheck, Put, Update, Delete }: TransactWriteItem): ReadAction {
  const given = [ConditionCheck, Put, Update, Delete].filter((one) => one !== undefined);
  if (given.length === 1) {
    const name = given[0]?.TableName ?? '';
    if (ConditionCheck !== undefined)
      return { kind: 'check', name, read: readDelete({ ...ConditionCheck, Key: ConditionCheck.Key ?? {} }) };
    if (Put !== undefined) return { kind: 'put', name, read: readPut({ ...Put, Item: Put.Item ?? {} }) };
    if (Update !== undefined) return { kind: 'update', name, read: readUpdate({ ...Update, Key: Update.Key ?? {} }) };
    if (Delete !== undefined) return { kind: 'delete', name, read: readDelete({ ...Delete, Key: Delete.Key ?? {} }) };
  }
  throw validationException('TransactItems can only contain one of Check, Put, Update or Delete');
}

function accessOf(parts: DynamoDbParts, context: AwsContext, input: TransactWriteItemsInput, one: ReadAction): Access {
  const item = one.kind === 'put' ? one.read.item : one.read.key;
  return onItems(context, actions[one.kind], one.name, {
    leadingKeys: leadingKeysOf(parts, context, one.name, [item]),
    attributes: [
      ...Object.keys(item),
      ...(one.kind === 'update' ? attributesOfUpdate(one.read.update) : []),
      ...attributesOfCondition(one.read.condition.condition),
    ],
    returnConsumedCapacity: input.ReturnConsumedCapacity,
    enclosing: 'TransactWriteItems',
  });
}

/** Errors: ValidationException, TransactionCanceledException. */
function changesOf(tables: readonly Table[], all: readonly ReadAction[]): ItemChange[] {
  const tried = all.map((one, index) => {
    const table = tables[index];
    if (table === undefined) throw new Error('invariant broken: an action without a table');
    return attempted(() => changeOf(table, one));
  });
  if (tried.some((one) => 'why' in one))
    throw transactionCanceled(tried.map((one) => ('why' in one ? one.why : undefined)));
  const changes = tried.flatMap((one) => ('result' in one ? [one.result] : []));
  requireDistinctItems(changes);
  requireTransactionSize(all.map((one) => (one.kind === 'put' ? itemSizeBytes(one.read.item) : 0)));
  return changes;
}

/** Errors: ValidationException. */
export function requireDistinctItems(changes: readonly Pick<ItemChange, 'table' | 'key'>[]): void {
  const places = new Set(changes.map(({ table, key }) => `${table.id} ${keyTextOf(table, key)}`));
  if (places.size < changes.length)
    throw validationException('Transaction request cannot include multiple operations on one item');
}

function changeOf(table: Table, one: ReadAction): ItemChange {
  switch (one.kind) {
    case 'check':
      return checkChange(table, one.read);
    case 'put':
      return putChange(table, one.read);
    case 'update':
      return updateChange(table, one.read);
    case 'delete':
      return deleteChange(table, one.read);
  }
}

/** Errors: ValidationException, where it is not the table's key. */
function checkChange(table: Table, { key, condition }: ReadDelete): ItemChange {
  requireKey(table, key);
  return {
    table,
    key,
    decide(before) {
      condition.require(before);
      return { kind: 'keep' };
    },
  };
}

function answer(
  parts: DynamoDbParts,
  input: TransactWriteItemsInput,
  all: readonly ReadAction[],
  changes: readonly ItemChange[],
  { consumed }: WrittenTogether,
): object {
  const byTable = new Map<string, { table: Table; units: Consumed }>();
  const metrics: Record<string, ItemCollectionMetrics[]> = Object.create(null);
  for (const [index, { table, key }] of changes.entries()) {
    const name = all[index]?.name ?? table.name;
    const units = addConsumed(byTable.get(name)?.units ?? nothingConsumed, consumed[index] ?? nothingConsumed);
    byTable.set(name, { table, units });
    const metric = itemCollectionMetrics(parts, input.ReturnItemCollectionMetrics, table, key);
    if (metric !== undefined) metrics[name] = [...(metrics[name] ?? []), metric];
  }
  const capacity = [...byTable].flatMap(([name, { table, units }]): ConsumedCapacityAnswer[] => {
    const one = consumedCapacity(input.ReturnConsumedCapacity, name, table, units, 'write');
    return one === undefined ? [] : [one];
  });
  return {
    ConsumedCapacity: capacity.length === 0 ? undefined : capacity,
    ItemCollectionMetrics: Object.keys(metrics).length === 0 ? undefined : metrics,
  };
}
