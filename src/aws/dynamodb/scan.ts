import type { ScanInput } from '@aws-sdk/client-dynamodb';
import type { ItemPage, ScanRequest } from '../../resources/table/item-page.ts';
import type { Table } from '../../resources/table/table.ts';
import { PlatformError } from '../../util/errors.ts';
import type { OperationEntry } from '../service.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';
import { createExpressionNames } from './expression/expression-names.ts';
import { validationException } from './expression/validation-exception.ts';
import { itemOperation } from './item-operation.ts';
import { readFilter } from './legacy/expected.ts';
import {
  attributesOfCondition,
  nestedAttributes,
  nestedIn,
  pathsOfCondition,
  requireScalarKeys,
} from './named-attributes.ts';
import { answerPage, indexOf, needsWhole, type ReadPage, readPage, requireStart, selectOf } from './page-of-items.ts';
import { requireNoMix } from './parameter-mix.ts';
import { onItems } from './table-reference.ts';

type ReadScan = ReadPage & { segment: ScanRequest['segment'] };

export function scan(parts: DynamoDbParts): OperationEntry {
  return itemOperation({
    read: readScan,
    access: (context, input, { filter, projection }) => [
      onItems(
        context,
        'Scan',
        input.TableName,
        {
          attributes: [...attributesOfCondition(filter), ...(projection?.keys() ?? [])],
          select: selectOf(input, projection),
          returnConsumedCapacity: input.ReturnConsumedCapacity,
        },
        input.IndexName,
      ),
    ],
    async run(context, input, read) {
      const table = await parts.openTable(context, input.TableName);
      const index = indexOf(table, input);
      if (read.after !== undefined) requireStart(table, index, read.after);
      requireScalarKeys(table, [...nestedAttributes(read.projection), ...nestedIn(pathsOfCondition(read.filter))]);
      const page = await readSegment(parts, table, {
        ...(index !== undefined && { index: index.name }),
        ...(input.Limit !== undefined && { limit: input.Limit }),
        ...(read.after !== undefined && { after: read.after }),
        ...(needsWhole(table, index, input, read) && { isWhole: true }),
        ...(read.segment !== undefined && { segment: read.segment }),
      });
      return answerPage(parts, input, read, table, index, page);
    },
  });
}

async function readSegment({ tables }: DynamoDbParts, table: Table, request: ScanRequest): Promise<ItemPage> {
  try {
    return await tables.items.scan(table, request);
  } catch (error) {
    if (!(error instanceof PlatformError) || error.field !== 'ExclusiveStartKey') throw error;
    const { segment = { number: 0, of: 1 } } = request;
    throw validationException(
      `The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: ${segment.of} Segment: ${segment.number}`,
    );
  }
}

/** Errors: ValidationException. */
function readScan(input: ScanInput): ReadScan {
  requireNoMix(input, {
    expressions: ['ProjectionExpression', 'FilterExpression'],
    legacy: ['AttributesToGet', 'ScanFilter', 'ConditionalOperator'],
  });
  const legacyFilter =
    input.ScanFilter === undefined ? undefined : readFilter(input.ScanFilter, input.ConditionalOperator);
  const segment = readSegmentOf(input);
  const names = createExpressionNames(input.ExpressionAttributeNames, input.ExpressionAttributeValues);
  const page = readPage(input, names, legacyFilter);
  names.requireAllUsed();
  return { ...page, segment };
}

function readSegmentOf({ Segment, TotalSegments }: ScanInput): ScanRequest['segment'] {
  if (Segment === undefined && TotalSegments === undefined) return undefined;
  if (TotalSegments === undefined)
    throw validationException(
      'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    );
  if (Segment === undefined)
    throw validationException(
      'The Segment parameter is required but was not present in the request when parameter TotalSegments is present',
    );
  if (Segment >= TotalSegments)
    throw validationException(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${Segment} is not less than TotalSegments: ${TotalSegments}`,
    );
  return { number: Segment, of: TotalSegments };
}
