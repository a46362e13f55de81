import type {
  CreateTableCommandInput,
  CreateTableCommandOutput,
  DeleteTableCommandInput,
  DeleteTableCommandOutput,
  DescribeTableCommandInput,
  DescribeTableCommandOutput,
  ListTablesCommandInput,
  ListTablesCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { invalidTable } from '../../resources/table/table-errors.ts';
import type { Billing, StreamView, Table } from '../../resources/table/table.ts';
import { checkPolicy } from './policy-operations.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';
import {
  checkAllUsed,
  checkIndexes,
  definitionsOf,
  globalIndexes,
  keyOfSchema,
  localIndexes,
  throughputOf,
} from './key-schema.ts';
import { tableDescription } from './table-description.ts';
import { onTable, tableReference } from './table-reference.ts';
import { requestTags, tagsOf } from './tag-operations.ts';

type Answer<Output> = Promise<Omit<Output, '$metadata'>>;

export const createTable = ({ tables, keys, region, clock, ids }: DynamoDbParts): OperationEntry => ({
  access: (context, input: CreateTableCommandInput) => [
    onTable(context, 'CreateTable', input.TableName, requestTags(input.Tags)),
    ...(input.Tags === undefined ? [] : [onTable(context, 'TagResource', input.TableName, requestTags(input.Tags))]),
    ...(input.ResourcePolicy === undefined ? [] : [onTable(context, 'PutResourcePolicy', input.TableName)]),
  ],
  async run(context: AwsContext, input: CreateTableCommandInput): Answer<CreateTableCommandOutput> {
    for (const unbuilt of ['OnDemandThroughput', 'WarmThroughput', 'GlobalTableSourceArn'] as const)
      if (input[unbuilt] !== undefined) throw notBuiltYet(unbuilt);
    const { account, name } = tableReference(context, input.TableName);
    if (account !== context.account) throw invalidTable('A table is created in the account of who asks', 'TableName');
    const billing = billingOf(input.BillingMode, input.ProvisionedThroughput);
    const definitions = definitionsOf(input.AttributeDefinitions);
    const key = keyOfSchema(input.KeySchema, definitions);
    const indexes = [
      ...localIndexes(input.LocalSecondaryIndexes, key, definitions),
      ...globalIndexes(input.GlobalSecondaryIndexes, definitions, billing.mode === 'provisioned'),
    ];
    checkIndexes(indexes);
    checkAllUsed(definitions, [key, ...indexes.map((index) => index.key)]);
    const stream = streamOf(input.StreamSpecification);
    const policy = input.ResourcePolicy;
    if (policy !== undefined) checkPolicy(policy);
    const { Enabled: isEncrypted = false, KMSMasterKeyId: keyId } = input.SSESpecification ?? {};
    if (keyId !== undefined && !isEncrypted)
      throw invalidTable(
        'One or more parameter values were invalid: KMSMasterKeyId can only be specified with Enabled',
      );
    const id = ids.uuid();
    if (tables.get(account, name) === undefined) checkTags(input.Tags);
    const sealedKey = isEncrypted ? await keys.make(context, { id, account, name }, keyId ?? serviceKey) : undefined;
    const table = await tables.create({
      account,
      name,
      id,
      key,
      indexes,
      billing,
      ...(billing.mode === 'on demand' && { onDemandSinceMs: clock.now() }),
      ...(input.TableClass !== undefined && { tableClass: input.TableClass }),
      isProtected: input.DeletionProtectionEnabled ?? false,
      tags: tagsOf(input.Tags),
      ...(policy !== undefined && { resourcePolicy: { policy, revision: String(clock.now()) } }),
      ...(stream !== undefined && { stream }),
      ...(sealedKey !== undefined && { sealedKey }),
      ...(sealedKey?.stored.kind === 'kms' && { encryption: { keyArn: sealedKey.stored.keyArn } }),
    });
    return { TableDescription: tableDescription(region, table, tables.tally(table), 'CREATING') };
  },
});

export const describeTable = ({ tables, keys, region }: DynamoDbParts): OperationEntry => ({
  access: (context, input: DescribeTableCommandInput) => [onTable(context, 'DescribeTable', input.TableName)],
  run(context: AwsContext, input: DescribeTableCommandInput): Answer<DescribeTableCommandOutput> {
    const table = named(tables, context, input.TableName);
    const status = keys.isInaccessible(table) ? 'INACCESSIBLE_ENCRYPTION_CREDENTIALS' : undefined;
    return Promise.resolve({ Table: tableDescription(region, table, tables.tally(table), status) });
  },
});

export const deleteTable = ({ tables, region }: DynamoDbParts): OperationEntry => ({
  access: (context, input: DeleteTableCommandInput) => [onTable(context, 'DeleteTable', input.TableName)],
  async run(context: AwsContext, input: DeleteTableCommandInput): Answer<DeleteTableCommandOutput> {
    const { account, name } = tableReference(context, input.TableName);
    const tally = tables.tally(tables.need(account, name));
    const table = await tables.delete(account, name);
    const { AttributeDefinitions: _, KeySchema: __, ...left } = tableDescription(region, table, tally, 'DELETING');
    return { TableDescription: left };
  },
});

/** Answered at once, at most. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html */
const listedMax = 100;

export const listTables = ({ tables }: DynamoDbParts): OperationEntry => ({
  access: () => [{ action: 'dynamodb:ListTables', resource: '*' }],
  run({ account }: AwsContext, input: ListTablesCommandInput): Answer<ListTablesCommandOutput> {
    const { ExclusiveStartTableName: after = '', Limit: limit = listedMax } = input;
    const names = tables
      .list(account)
      .map(({ name }) => name)
      .filter((name) => name > after);
    const page = names.slice(0, limit);
    const last = page.at(-1);
    return Promise.resolve({
      TableNames: page,
      ...(last !== undefined && names.length > page.length && { LastEvaluatedTableName: last }),
    });
  },
});

/** Errors: ResourceNotFoundException. */
export function named(tables: DynamoDbParts['tables'], context: AwsContext, text: string | undefined): Table {
  const { account, name } = tableReference(context, text);
  return tables.need(account, name);
}

/** DynamoDB's own key in the account. */
export const serviceKey = 'alias/aws/dynamodb';

export function billingOf(
  mode: string | undefined,
  throughput: CreateTableCommandInput['ProvisionedThroughput'],
): Billing {
  if (mode === 'PAY_PER_REQUEST') {
    if (throughput !== undefined)
      throw invalidTable(
        'One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
      );
    return { mode: 'on demand' };
  }
  if (throughput === undefined)
    throw invalidTable(
      'One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
    );
  return { mode: 'provisioned', ...throughputOf(throughput) };
}

/** Undefined: none is to be. */
export function streamOf(given: CreateTableCommandInput['StreamSpecification']): { view: StreamView } | undefined {
  const { StreamEnabled: isOn = false, StreamViewType: view } = given ?? {};
  if (isOn && view === undefined)
    throw invalidTable(
      'One or more parameter values were invalid: StreamViewType must be specified when StreamEnabled is true',
    );
  if (!isOn && view !== undefined)
    throw invalidTable(
      'One or more parameter values were invalid: StreamViewType cannot be specified when StreamEnabled is false',
    );
  return isOn && view !== undefined ? { view } : undefined;
}

export const notBuiltYet = (what: string): Error =>
  invalidTable(`One or more parameter values were invalid: ${what} is not built here`, what);

function checkTags(tags: CreateTableCommandInput['Tags']): void {
  tagsOf(tags);
}
