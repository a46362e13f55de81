import { noTable } from '../../resources/table/table-errors.ts';
import type { Tables } from '../../resources/table/tables.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';
import type { TableKeys } from './table-keys.ts';
import { tableReference } from './table-reference.ts';

export const createTableOpener =
  (tables: Tables, keys: TableKeys): DynamoDbParts['openTable'] =>
  async (context, nameOrArn) => {
    const { account, name } = tableReference(context, nameOrArn);
    const table = tables.get(account, name);
    if (table === undefined) throw noTable();
    await keys.unlock(context, table);
    return table;
  };
