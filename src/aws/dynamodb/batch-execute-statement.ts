import type { BatchExecuteStatementInput, BatchStatementRequest } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../resources/table/attribute-value.ts';
import { readUnits } from '../../resources/table/capacity.ts';
import { itemSizeBytes } from '../../resources/table/item-size.ts';
import type { Table } from '../../resources/table/table.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { addConsumed, type Consumed, consumedCapacity, nothingConsumed } from './consumed-capacity.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';
import { readStatement } from './execute-statement.ts';
import { holds } from './expression/condition-holds.ts';
import { validationException } from './expression/validation-exception.ts';
import { itemOperation } from './item-operation.ts';
import type { SelectStatement, Statement } from './partiql/statement.ts';
import { accessOfStatement } from './partiql/statement-access.ts';
import { changeOfStatement, returnedBy } from './partiql/statement-change.ts';
import { pickPaths } from './partiql/select-items.ts';
import { keyIn } from './partiql/statement-keys.ts';
import { attempted } from './transaction-canceled.ts';
import { requireKey } from './item-keys.ts';
import { writeOne } from './write-one.ts';

type ReadOne = { asked: BatchStatementRequest } & ({ result: Statement } | { why: PlatformError });
type Answer = { TableName?: string; Item?: Item; Error?: { Code: string; Message: string; Item?: Item } };

/** Each statement by itself: what is wrong with one is said in its place. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html */
export function batchExecuteStatement(parts: DynamoDbParts): OperationEntry {
  return itemOperation({
    read(input: BatchExecuteStatementInput): readonly ReadOne[] {
      const all = (input.Statements ?? []).map((asked): ReadOne => ({ asked, ...attempted(() => readBatched(asked)) }));
      const reads = all.filter((one) => 'result' in one && one.result.kind === 'select').length;
      const writes = all.filter((one) => 'result' in one && one.result.kind !== 'select').length;
      if (reads > 0 && writes > 0) throw validationException('Batch statements must be all reads or all writes');
      return all;
    },
    access: (context, _input, all) =>
      all.flatMap((one) => ('result' in one ? [accessOfStatement(parts, context, one.result)] : [])),
    async run(context, input, all) {
      const consumed = new Map<string, { table: Table; units: Consumed }>();
      const responses = await Promise.all(
        all.map(async (one): Promise<Answer> => {
          if ('why' in one) return failed(one.why, undefined);
          const { asked, result: statement } = one;
          const name = tableOf(statement);
          try {
            const { table, item, units } = await execute(parts, context, asked, statement);
            const before = consumed.get(name)?.units ?? nothingConsumed;
            consumed.set(name, { table, units: addConsumed(before, units) });
            return { TableName: name, ...(item !== undefined && { Item: item }) };
          } catch (error) {
            if (!(error instanceof PlatformError) || error.fault === 'platform') throw error;
            return failed(error, name);
          }
        }),
      );
      const capacity = [...consumed].flatMap(([name, { table, units }]) => {
        const answer = consumedCapacity(input.ReturnConsumedCapacity, name, table, units);
        return answer === undefined ? [] : [answer];
      });
      return { Responses: responses, ConsumedCapacity: capacity.length === 0 ? undefined : capacity };
    },
  });
}

function readBatched(asked: BatchStatementRequest): Statement {
  const statement = readStatement(asked);
  if (statement.kind === 'exists') throw validationException('EXISTS is not supported outside of a transaction');
  return statement;
}

export const tableOf = (statement: Statement): string =>
  statement.kind === 'exists' ? statement.select.table : statement.table;

async function execute(
  parts: DynamoDbParts,
  context: AwsContext,
  asked: BatchStatementRequest,
  statement: Statement,
): Promise<{ table: Table; item: Item | undefined; units: Consumed }> {
  const table = await parts.openTable(context, tableOf(statement));
  if (statement.kind !== 'select') {
    const isItemWanted = asked.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
    const written = await writeOne(parts, context, changeOfStatement(table, statement, isItemWanted));
    return { table, item: returnedBy(statement, written), units: written.units };
  }
  const key = selectedKey(
    table,
    statement,
    'Select statements within BatchExecuteStatement must specify the primary key in the where clause.',
  );
  const item = await parts.tables.items.read(table, key);
  const units = readUnits(
    item === undefined ? 0 : itemSizeBytes(item),
    asked.ConsistentRead === true ? 'strong' : 'eventual',
  );
  parts.used(table, { readUnits: units });
  return { table, item: selectedItem(statement, item), units: { table: units, indexes: {} } };
}

/** The one item that a statement asks for. Errors: ValidationException, with `message` where it asks for others. */
export function selectedKey(table: Table, { where, index }: SelectStatement, message: string): Item {
  const key = index === undefined ? keyIn(where, table.key) : undefined;
  if (key === undefined) throw validationException(message);
  requireKey(table, key);
  return key;
}

/** What is wanted of the item, if the condition holds of it. */
export function selectedItem({ where, paths }: SelectStatement, item: Item | undefined): Item | undefined {
  if (item === undefined || (where !== undefined && !holds(where, item))) return undefined;
  return pickPaths(item, paths);
}

const codes: Readonly<Record<string, string>> = {
  ConditionalCheckFailedException: 'ConditionalCheckFailed',
  DuplicateItemException: 'DuplicateItem',
  ResourceNotFoundException: 'ResourceNotFound',
  TransactionConflictException: 'TransactionConflict',
  AccessDeniedException: 'AccessDenied',
  ThrottlingException: 'ThrottlingError',
};

function failed(error: PlatformError, name: string | undefined): Answer {
  const item = error.members['Item'];
  return {
    ...(name !== undefined && { TableName: name }),
    Error: {
      Code: codes[error.reason ?? ''] ?? 'ValidationError',
      Message: error.message,
      ...(item !== undefined && { Item: item as Item }),
    },
  };
}
