import type { ExecuteStatementInput } from '@aws-sdk/client-dynamodb';
import type { OperationEntry } from '../service.ts';
import { readValue } from './attribute-input.ts';
import { consumedCapacity, unitsOf } from './consumed-capacity.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';
import { validationException } from './expression/validation-exception.ts';
import { itemOperation } from './item-operation.ts';
import { selectItems } from './partiql/select-items.ts';
import { parseStatement, type Statement } from './partiql/statement.ts';
import { accessOfStatement } from './partiql/statement-access.ts';
import { changeOfStatement, returnedBy } from './partiql/statement-change.ts';
import { writeOne } from './write-one.ts';

export function executeStatement(parts: DynamoDbParts): OperationEntry {
  return itemOperation({
    read(input: ExecuteStatementInput): Statement {
      const statement = readStatement(input);
      if (statement.kind === 'exists') throw validationException('EXISTS is not supported outside of a transaction');
      return statement;
    },
    access: (context, _input, statement) => [accessOfStatement(parts, context, statement)],
    async run(context, input, statement) {
      if (statement.kind === 'select') {
        const table = await parts.openTable(context, statement.table);
        const { items, token, last, consumed } = await selectItems(parts, table, statement, {
          isConsistent: input.ConsistentRead === true,
          ...(input.Limit !== undefined && { limit: input.Limit }),
          ...(input.NextToken !== undefined && { token: input.NextToken }),
        });
        parts.used(table, { readUnits: unitsOf(consumed) });
        return {
          Items: items,
          NextToken: token,
          LastEvaluatedKey: last,
          ConsumedCapacity: consumedCapacity(input.ReturnConsumedCapacity, statement.table, table, consumed),
        };
      }
      const name = statement.kind === 'exists' ? statement.select.table : statement.table;
      const table = await parts.openTable(context, name);
      const isItemWanted = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
      const written = await writeOne(parts, context, changeOfStatement(table, statement, isItemWanted));
      const returned = returnedBy(statement, written);
      return {
        Items: returned === undefined ? [] : [returned],
        ConsumedCapacity: consumedCapacity(input.ReturnConsumedCapacity, name, table, written.units),
      };
    },
  });
}

type StatementInput = Pick<ExecuteStatementInput, 'Statement' | 'Parameters'>;

/** Errors: ValidationException. */
export const readStatement = ({ Statement: source, Parameters }: StatementInput): Statement =>
  parseStatement(source ?? '', (Parameters ?? []).map(readValue));
