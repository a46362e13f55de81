/** A table as DescribeTable answers it. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html */
import type {
  GlobalSecondaryIndexDescription,
  KeySchemaElement,
  LocalSecondaryIndexDescription,
  Projection as DescribedProjection,
  ProvisionedThroughputDescription,
  TableDescription,
  TableStatus,
} from '@aws-sdk/client-dynamodb';
import {
  indexArn,
  keyAttributes,
  streamArn,
  tableArn,
  type Projection,
  type Table,
  type TableIndex,
  type TableKey,
  type Throughput,
} from '../../resources/table/table.ts';
import type { Tally } from '../../resources/table/tallies.ts';

/** `status`: what the operation has begun, which is over when it is asked again; absent: as it is. */
export function tableDescription(
  region: string,
  table: Table,
  tally: Tally,
  status: TableStatus = table.indexes.some(({ state }) => state !== 'active') ? 'UPDATING' : 'ACTIVE',
): TableDescription {
  const { billing, stream, encryption } = table;
  const countOf = ({ id }: TableIndex) => tally.indexes[id] ?? { items: 0, bytes: 0 };
  const described = (index: TableIndex): LocalSecondaryIndexDescription => ({
    IndexName: index.name,
    KeySchema: keySchema(index.key),
    Projection: describedProjection(index.projection),
    IndexSizeBytes: countOf(index).bytes,
    ItemCount: countOf(index).items,
    IndexArn: indexArn(region, table, index.name),
  });
  const local = table.indexes.filter(({ kind }) => kind === 'local').map(described);
  const global = table.indexes
    .filter(({ kind }) => kind === 'global')
    .map((index): GlobalSecondaryIndexDescription => ({
      ...described(index),
      IndexStatus: status === 'CREATING' ? 'CREATING' : indexStatus[index.state],
      ...(index.state === 'filling' && { Backfilling: true }),
      ProvisionedThroughput: describedThroughput(index.throughput),
    }));
  return {
    AttributeDefinitions: keyAttributes(table).map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    TableName: table.name,
    KeySchema: keySchema(table.key),
    TableStatus: status,
    CreationDateTime: new Date(table.createdMs),
    ProvisionedThroughput: describedThroughput(billing.mode === 'provisioned' ? billing : undefined),
    TableSizeBytes: tally.bytes,
    ItemCount: tally.items,
    TableArn: tableArn(region, table),
    TableId: table.id,
    ...(table.onDemandSinceMs !== undefined && {
      BillingModeSummary: {
        BillingMode: billing.mode === 'on demand' ? 'PAY_PER_REQUEST' : 'PROVISIONED',
        LastUpdateToPayPerRequestDateTime: new Date(table.onDemandSinceMs),
      },
    }),
    ...(local.length > 0 && { LocalSecondaryIndexes: local }),
    ...(global.length > 0 && { GlobalSecondaryIndexes: global }),
    ...(stream?.isOn === true && { StreamSpecification: { StreamEnabled: true, StreamViewType: stream.view } }),
    ...(stream !== undefined && {
      LatestStreamLabel: stream.label,
      LatestStreamArn: streamArn(region, table, stream.label),
    }),
    ...(encryption !== undefined && {
      SSEDescription: { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: encryption.keyArn },
    }),
    ...(table.tableClass !== undefined && { TableClassSummary: { TableClass: table.tableClass } }),
    DeletionProtectionEnabled: table.isProtected,
  };
}

const indexStatus = { active: 'ACTIVE', filling: 'CREATING', deleting: 'DELETING' } as const;

function keySchema({ partition, sort }: TableKey): KeySchemaElement[] {
  return [
    { AttributeName: partition.name, KeyType: 'HASH' },
    ...(sort === undefined ? [] : [{ AttributeName: sort.name, KeyType: 'RANGE' as const }]),
  ];
}

const describedProjection = (projection: Projection): DescribedProjection => ({
  ProjectionType: projection.kind,
  ...(projection.kind === 'INCLUDE' && { NonKeyAttributes: [...projection.attributes] }),
});

const describedThroughput = (throughput: Throughput | undefined): ProvisionedThroughputDescription => ({
  NumberOfDecreasesToday: 0,
  ReadCapacityUnits: throughput?.readUnits ?? 0,
  WriteCapacityUnits: throughput?.writeUnits ?? 0,
});
