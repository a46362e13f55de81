/** What is asked of the account, and of what is not built, but asked for by everybody who describes a table. */
import type {
  DescribeContinuousBackupsCommandInput,
  DescribeContinuousBackupsCommandOutput,
  DescribeEndpointsCommandOutput,
  DescribeLimitsCommandOutput,
  UpdateContinuousBackupsCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { AwsContext, OperationEntry } from '../service.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';
import { named, notBuiltYet } from './table-operations.ts';
import { onTable } from './table-reference.ts';

type Answer<Output> = Promise<Omit<Output, '$metadata'>>;

/** AWS's defaults in us-east-1; nobody is held to them here. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html */
const capacityUnits = { account: 80_000, table: 40_000 };

export const describeLimits = (): OperationEntry => ({
  access: () => [{ action: 'dynamodb:DescribeLimits', resource: '*' }],
  run: (): Answer<DescribeLimitsCommandOutput> =>
    Promise.resolve({
      AccountMaxReadCapacityUnits: capacityUnits.account,
      AccountMaxWriteCapacityUnits: capacityUnits.account,
      TableMaxReadCapacityUnits: capacityUnits.table,
      TableMaxWriteCapacityUnits: capacityUnits.table,
    }),
});

/** A day, as AWS says. */
const endpointMinutes = 1_440;

export const describeEndpoints = (): OperationEntry => ({
  access: () => [{ action: 'dynamodb:DescribeEndpoints', resource: '*' }],
  run: ({ endpoint }: AwsContext): Answer<DescribeEndpointsCommandOutput> =>
    Promise.resolve({ Endpoints: [{ Address: new URL(endpoint).host, CachePeriodInMinutes: endpointMinutes }] }),
});

const noBackups: Pick<DescribeContinuousBackupsCommandOutput, 'ContinuousBackupsDescription'> = {
  ContinuousBackupsDescription: {
    ContinuousBackupsStatus: 'DISABLED',
    PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
  },
};

export const describeContinuousBackups = ({ tables }: DynamoDbParts): OperationEntry => ({
  access: (context, input: DescribeContinuousBackupsCommandInput) => [
    onTable(context, 'DescribeContinuousBackups', input.TableName),
  ],
  run(context: AwsContext, input: DescribeContinuousBackupsCommandInput): Promise<object> {
    named(tables, context, input.TableName);
    return Promise.resolve(noBackups);
  },
});

/** Turning off what is off is no mistake. */
export const updateContinuousBackups = ({ tables }: DynamoDbParts): OperationEntry => ({
  access: (context, input: UpdateContinuousBackupsCommandInput) => [
    onTable(context, 'UpdateContinuousBackups', input.TableName),
  ],
  run(context: AwsContext, input: UpdateContinuousBackupsCommandInput): Promise<object> {
    named(tables, context, input.TableName);
    if (input.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled === true)
      throw notBuiltYet('PointInTimeRecoverySpecification');
    return Promise.resolve(noBackups);
  },
});
