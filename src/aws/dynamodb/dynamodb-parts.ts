import type { Table } from '../../resources/table/table.ts';
import type { Tables } from '../../resources/table/tables.ts';
import type { TransactionTokens } from '../../resources/table/transaction-tokens.ts';
import type { Clock } from '../../util/clock.ts';
import type { Ids } from '../../util/ids.ts';
import type { AwsContext } from '../service.ts';
import type { TableKeys } from './table-keys.ts';

export type DynamoDbParts = {
  tables: Tables;
  tokens: TransactionTokens;
  /** The table of that name, or ARN, with its items to be read and written by who asks. Errors: ResourceNotFoundException, and what is wrong with its key. */
  openTable: (context: AwsContext, nameOrArn: string | undefined) => Promise<Table>;
  keys: TableKeys;
  /** Told of what reading and writing of items came to. */
  used: (table: Table, units: { readUnits?: number; writeUnits?: number }) => void;
  region: string;
  clock: Clock;
  ids: Ids;
};
