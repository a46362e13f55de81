import type { ExecuteTransactionInput } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../resources/table/attribute-value.ts';
import { readUnits } from '../../resources/table/capacity.ts';
import { itemSizeBytes } from '../../resources/table/item-size.ts';
import type { Table } from '../../resources/table/table.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { selectedItem, selectedKey, tableOf } from './batch-execute-statement.ts';
import { addConsumed, type Consumed, consumedCapacity, nothingConsumed, unitsOf } from './consumed-capacity.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';
import { readStatement } from './execute-statement.ts';
import { validationException } from './expression/validation-exception.ts';
import { itemOperation } from './item-operation.ts';
import type { Statement } from './partiql/statement.ts';
import { accessOfStatement } from './partiql/statement-access.ts';
import { changeOfStatement, type WriteStatement } from './partiql/statement-change.ts';
import { digestOf, requireDistinctItems, writeTogether } from './transact-write-items.ts';
import { requireCount } from './transact-get-items.ts';
import { attempted, transactionCanceled } from './transaction-canceled.ts';

/** All reads, or all writes and checks. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteTransaction.html */
export function executeTransaction(parts: DynamoDbParts): OperationEntry {
  return itemOperation({
    read: readTransaction,
    access: (context, _input, statements) =>
      statements.map((statement) => accessOfStatement(parts, context, statement, 'ExecuteTransaction')),
    async run(context, input, statements) {
      const tables: Table[] = [];
      for (const statement of statements) tables.push(await parts.openTable(context, tableOf(statement)));
      const { items, consumed, kind } = await execute(parts, context, input, statements, tables);
      const byTable = new Map<string, { table: Table; units: Consumed }>();
      for (const [index, statement] of statements.entries()) {
        const [table, units] = [tables[index], consumed[index]];
        if (table === undefined || units === undefined)
          throw new Error('invariant broken: a statement without a table');
        const name = tableOf(statement);
        const before = byTable.get(name)?.units ?? nothingConsumed;
        byTable.set(name, { table, units: addConsumed(before, units) });
      }
      const capacity = [...byTable].flatMap(([name, { table, units }]) => {
        const answer = consumedCapacity(input.ReturnConsumedCapacity, name, table, units, kind);
        return answer === undefined ? [] : [answer];
      });
      return {
        Responses: items.map((item) => (item === undefined ? {} : { Item: item })),
        ConsumedCapacity: capacity.length === 0 ? undefined : capacity,
      };
    },
  });
}

type Executed = { items: readonly (Item | undefined)[]; consumed: readonly Consumed[]; kind: 'read' | 'write' };

async function execute(
  parts: DynamoDbParts,
  context: AwsContext,
  input: ExecuteTransactionInput,
  statements: readonly Statement[],
  tables: readonly Table[],
): Promise<Executed> {
  const tableAt = (index: number): Table => {
    const table = tables[index];
    if (table === undefined) throw new Error('invariant broken: a statement without a table');
    return table;
  };
  const selects = statements.flatMap((statement) => (statement.kind === 'select' ? [statement] : []));
  if (selects.length > 0) {
    const asked = allOrCanceled(
      selects.map((statement, index) => () => {
        const table = tableAt(index);
        const message = 'Select statements within ExecuteTransaction must specify the primary key in the where clause.';
        return { table, key: selectedKey(table, statement, message) };
      }),
    );
    requireDistinctItems(asked);
    const items = await parts.tables.items.readTogether(asked);
    const consumed = items.map((item, index): Consumed => {
      const units = { table: readUnits(item === undefined ? 0 : itemSizeBytes(item), 'transactional'), indexes: {} };
      parts.used(tableAt(index), { readUnits: unitsOf(units) });
      return units;
    });
    return {
      items: selects.map((statement, index) => selectedItem(statement, items[index])),
      consumed,
      kind: 'read',
    };
  }
  const writes = statements.flatMap((statement): WriteStatement[] => (statement.kind === 'select' ? [] : [statement]));
  const changes = allOrCanceled(
    writes.map((statement, index) => () => {
      const isItemWanted = input.TransactStatements?.[index]?.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
      return changeOfStatement(tableAt(index), statement, isItemWanted);
    }),
  );
  requireDistinctItems(changes);
  const { ClientRequestToken: token, TransactStatements } = input;
  const claimed =
    token === undefined || token === ''
      ? undefined
      : { account: context.account, token, digest: digestOf({ TransactStatements }) };
  const { consumed } = await writeTogether(parts, context, changes, claimed);
  return { items: statements.map(() => undefined), consumed, kind: 'write' };
}

/** What each comes to. Errors: TransactionCanceledException, where one is refused. */
function allOrCanceled<Result>(works: readonly (() => Result)[]): Result[] {
  const tried = works.map(attempted);
  if (tried.some((one) => 'why' in one))
    throw transactionCanceled(tried.map((one) => ('why' in one ? one.why : undefined)));
  return tried.flatMap((one) => ('result' in one ? [one.result] : []));
}

/** Errors: ValidationException. */
function readTransaction(input: ExecuteTransactionInput): readonly Statement[] {
  const asked = input.TransactStatements ?? [];
  requireCount(asked.length);
  const statements = asked.map((one, index) => {
    const tried = attempted(() => readStatement(one));
    if ('why' in tried) throw inStatement(index, tried.why.message);
    const statement = tried.result;
    if ((statement.kind === 'update' || statement.kind === 'delete') && statement.returning !== undefined)
      throw inStatement(index, 'RETURNING clause is not supported in ExecuteTransaction.');
    const select = statement.kind === 'select' ? statement : statement.kind === 'exists' ? statement.select : undefined;
    if (select?.index !== undefined)
      throw inStatement(index, 'Reads on indices are not supported within transactions.');
    return statement;
  });
  const reads = statements.filter(({ kind }) => kind === 'select').length;
  if (reads > 0 && reads < statements.length)
    throw validationException('Transactions must be all reads or all writes, EXISTS among the writes');
  return statements;
}

const inStatement = (index: number, message: string): Error =>
  validationException(`Validation failed in TransactStatements[${index}]: ${message}`);
