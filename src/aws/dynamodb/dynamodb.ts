/**
 * Amazon DynamoDB: tables and their items (resources/table/). docs/reference/dynamodb.md says what differs.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Introduction.html
 */
import { constrained } from '../constraints.ts';
import { dynamodbModel, type DynamodbOperationName } from '../model/dynamodb.ts';
import type { AwsService, OperationTable } from '../service.ts';
import {
  describeContinuousBackups,
  describeEndpoints,
  describeLimits,
  updateContinuousBackups,
} from './account-operations.ts';
import { batchExecuteStatement } from './batch-execute-statement.ts';
import { batchGetItem } from './batch-get-item.ts';
import { batchWriteItem } from './batch-write-item.ts';
import { memberShapes, shapeConstraints } from './constraint-table.ts';
import { deleteItem } from './delete-item.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';
import { executeStatement } from './execute-statement.ts';
import { executeTransaction } from './execute-transaction.ts';
import { getItem } from './get-item.ts';
import { deleteResourcePolicy, getResourcePolicy, putResourcePolicy } from './policy-operations.ts';
import { putItem } from './put-item.ts';
import { query } from './query.ts';
import { requestLimit } from './request-limits.ts';
import { scan } from './scan.ts';
import { createTable, deleteTable, describeTable, listTables } from './table-operations.ts';
import { listTagsOfResource, tagResource, untagResource } from './tag-operations.ts';
import { describeTimeToLive, updateTimeToLive } from './time-to-live.ts';
import { transactGetItems } from './transact-get-items.ts';
import { transactWriteItems } from './transact-write-items.ts';
import { updateItem } from './update-item.ts';
import { updateTable } from './update-table.ts';

export function createDynamoDbService(parts: DynamoDbParts): AwsService {
  const operations: OperationTable<DynamodbOperationName> = {
    BatchExecuteStatement: batchExecuteStatement(parts),
    BatchGetItem: batchGetItem(parts),
    BatchWriteItem: batchWriteItem(parts),
    CancelBulkOperation: 'not built',
    CreateBackup: 'not built',
    CreateGlobalTable: 'not built',
    CreateTable: createTable(parts),
    DeleteBackup: 'not built',
    DeleteItem: deleteItem(parts),
    DeleteResourcePolicy: deleteResourcePolicy(parts),
    DeleteTable: deleteTable(parts),
    DescribeBackup: 'not built',
    DescribeBulkOperation: 'not built',
    DescribeContinuousBackups: describeContinuousBackups(parts),
    DescribeContributorInsights: 'not built',
    DescribeEndpoints: describeEndpoints(),
    DescribeExport: 'not built',
    DescribeGlobalTable: 'not built',
    DescribeGlobalTableSettings: 'not built',
    DescribeImport: 'not built',
    DescribeKinesisStreamingDestination: 'not built',
    DescribeLimits: describeLimits(),
    DescribeTable: describeTable(parts),
    DescribeTableReplicaAutoScaling: 'not built',
    DescribeTimeToLive: describeTimeToLive(parts),
    DisableKinesisStreamingDestination: 'not built',
    EnableKinesisStreamingDestination: 'not built',
    ExecuteStatement: executeStatement(parts),
    ExecuteTransaction: executeTransaction(parts),
    ExportTableToPointInTime: 'not built',
    GetItem: getItem(parts),
    GetResourcePolicy: getResourcePolicy(parts),
    ImportTable: 'not built',
    ListBackups: 'not built',
    ListBulkOperations: 'not built',
    ListContributorInsights: 'not built',
    ListExports: 'not built',
    ListGlobalTables: 'not built',
    ListImports: 'not built',
    ListTables: listTables(parts),
    ListTagsOfResource: listTagsOfResource(parts),
    PutItem: putItem(parts),
    PutResourcePolicy: putResourcePolicy(parts),
    Query: query(parts),
    RestoreTableFromBackup: 'not built',
    RestoreTableToPointInTime: 'not built',
    Scan: scan(parts),
    SearchVectors: 'not built',
    StartBulkPutItems: 'not built',
    TagResource: tagResource(parts),
    TransactGetItems: transactGetItems(parts),
    TransactWriteItems: transactWriteItems(parts),
    UntagResource: untagResource(parts),
    UpdateContinuousBackups: updateContinuousBackups(parts),
    UpdateContributorInsights: 'not built',
    UpdateGlobalTable: 'not built',
    UpdateGlobalTableSettings: 'not built',
    UpdateItem: updateItem(parts),
    UpdateKinesisStreamingDestination: 'not built',
    UpdateTable: updateTable(parts),
    UpdateTableReplicaAutoScaling: 'not built',
    UpdateTimeToLive: updateTimeToLive(parts),
  };
  return {
    name: 'dynamodb',
    signingNames: ['dynamodb'],
    protocols: ['json-1.0'],
    model: dynamodbModel,
    operations: constrained(operations, dynamodbModel, { shapes: shapeConstraints, members: memberShapes }),
    documentLimit: requestLimit,
  };
}
