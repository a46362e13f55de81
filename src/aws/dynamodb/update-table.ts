import type {
  GlobalSecondaryIndexUpdate,
  UpdateTableCommandInput,
  UpdateTableCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { PlatformError } from '../../util/errors.ts';
import { invalidTable, tableInUse, tooManyTables } from '../../resources/table/table-errors.ts';
import { keyAttributes, type Billing, type KeyType, type Table, type Throughput } from '../../resources/table/table.ts';
import type { NewIndex, TableChange } from '../../resources/table/tables.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';
import { checkIndexes, definitionsOf, globalIndex, throughputOf, type Definitions } from './key-schema.ts';
import { tableDescription } from './table-description.ts';
import { billingOf, named, notBuiltYet, serviceKey, streamOf } from './table-operations.ts';
import { onTable } from './table-reference.ts';

const wrong = (message: string): PlatformError => invalidTable(`One or more parameter values were invalid: ${message}`);

const changing = [
  'ProvisionedThroughput',
  'BillingMode',
  'StreamSpecification',
  'GlobalSecondaryIndexUpdates',
  'SSESpecification',
  'TableClass',
  'DeletionProtectionEnabled',
] as const;
const unbuilt = [
  'ReplicaUpdates',
  'OnDemandThroughput',
  'WarmThroughput',
  'MultiRegionConsistency',
  'GlobalTableWitnessUpdates',
  'GlobalTableSettingsReplicationMode',
] as const;

export const updateTable = ({ tables, keys, region, clock }: DynamoDbParts): OperationEntry => ({
  access: (context, input: UpdateTableCommandInput) => [onTable(context, 'UpdateTable', input.TableName)],
  async run(context: AwsContext, input: UpdateTableCommandInput): Promise<Omit<UpdateTableCommandOutput, '$metadata'>> {
    for (const member of unbuilt) if (input[member] !== undefined) throw notBuiltYet(member);
    if (changing.every((member) => input[member] === undefined))
      throw invalidTable(
        'At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required',
      );
    const before = named(tables, context, input.TableName);
    // All that can be wrong is found before a key is asked for.
    changeOf(before, input, clock.now());
    const sealed = await newKey(keys, context, before, input.SSESpecification);
    const table = await tables.update(before.account, before.name, (present) => ({
      ...changeOf(present, input, clock.now()),
      ...sealed,
    }));
    return { TableDescription: tableDescription(region, table, tables.tally(table), 'UPDATING') };
  },
});

async function newKey(
  keys: DynamoDbParts['keys'],
  context: AwsContext,
  table: Table,
  given: UpdateTableCommandInput['SSESpecification'],
): Promise<TableChange> {
  if (given === undefined) return {};
  const { Enabled: isEnabled = false, KMSMasterKeyId: keyId } = given;
  if (!isEnabled && keyId !== undefined) throw wrong('KMSMasterKeyId can only be specified with Enabled');
  const cipherKey = await keys.rewrap(context, table, isEnabled ? (keyId ?? serviceKey) : undefined);
  return { cipherKey, encryption: cipherKey.kind === 'kms' ? { keyArn: cipherKey.keyArn } : undefined };
}

/** Errors: ValidationException, ResourceInUseException, LimitExceededException. */
function changeOf(table: Table, input: UpdateTableCommandInput, nowMs: number): TableChange {
  if (table.indexes.some(({ state }) => state !== 'active') && input.GlobalSecondaryIndexUpdates !== undefined)
    throw tableInUse(`Attempt to change a resource which is still in use: Table is being updated: ${table.name}`);
  const billing = newBilling(table, input);
  const isProvisioned = (billing ?? table.billing).mode === 'provisioned';
  const indexes = indexChanges(table, input, isProvisioned);
  if (isProvisioned && table.billing.mode === 'on demand') checkAllProvisioned(table, indexes);
  return {
    ...indexes,
    ...(billing !== undefined && { billing }),
    ...(billing?.mode === 'on demand' && { onDemandSinceMs: nowMs }),
    ...(input.TableClass !== undefined && { tableClass: input.TableClass }),
    ...(input.DeletionProtectionEnabled !== undefined && { isProtected: input.DeletionProtectionEnabled }),
    ...streamChange(table, input.StreamSpecification),
  };
}

function newBilling(table: Table, input: UpdateTableCommandInput): Billing | undefined {
  const { BillingMode: mode, ProvisionedThroughput: throughput } = input;
  if (mode === 'PROVISIONED' && throughput === undefined && table.billing.mode === 'on demand')
    throw wrong('ProvisionedThroughput must be specified when BillingMode is PROVISIONED');
  if (mode === 'PAY_PER_REQUEST') return billingOf(mode, throughput);
  if (throughput === undefined) return undefined;
  if (mode === undefined && table.billing.mode === 'on demand') return billingOf('PAY_PER_REQUEST', throughput);
  const billing = billingOf('PROVISIONED', throughput);
  const { billing: present } = table;
  if (present.mode === 'provisioned' && billing.mode === 'provisioned') checkChanged(present, billing);
  return billing;
}

function checkChanged(present: Throughput, wanted: Throughput): void {
  if (present.readUnits !== wanted.readUnits || present.writeUnits !== wanted.writeUnits) return;
  throw invalidTable(
    'The provisioned throughput for the table will not change. The requested value equals the current value. ' +
      `Current ReadCapacityUnits provisioned for the table: ${present.readUnits}. Requested ReadCapacityUnits: ${wanted.readUnits}. ` +
      `Current WriteCapacityUnits provisioned for the table: ${present.writeUnits}. Requested WriteCapacityUnits: ${wanted.writeUnits}. ` +
      'Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.',
  );
}

type IndexChanges = {
  newIndexes: NewIndex[];
  goneIndexes: string[];
  throughputs: Map<string, Throughput>;
};

function indexChanges(table: Table, input: UpdateTableCommandInput, isProvisioned: boolean): IndexChanges {
  const updates = input.GlobalSecondaryIndexUpdates ?? [];
  const changes: IndexChanges = { newIndexes: [], goneIndexes: [], throughputs: new Map() };
  const names = new Set<string>();
  for (const update of updates) {
    const name = nameOf(update);
    if (names.has(name))
      throw wrong(`Only one global secondary index update per index is allowed simultaneously. Index: ${name}`);
    names.add(name);
    if (update.Create !== undefined) {
      const definitions = definitionsWith(table, definitionsOf(input.AttributeDefinitions));
      changes.newIndexes.push(globalIndex(update.Create, definitions, isProvisioned));
      continue;
    }
    if (!table.indexes.some((index) => index.name === name && index.kind === 'global'))
      throw new PlatformError('not_found', `Requested resource not found: Index: ${name} not found`, {
        reason: 'ResourceNotFoundException',
      });
    if (update.Delete !== undefined) changes.goneIndexes.push(name);
    const { ProvisionedThroughput: throughput } = update.Update ?? {};
    if (throughput !== undefined) changes.throughputs.set(name, throughputOf(throughput));
  }
  if (changes.newIndexes.length + changes.goneIndexes.length > 1)
    throw tooManyTables(
      'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table',
    );
  const taken = changes.newIndexes.find(({ name }) => table.indexes.some((index) => index.name === name));
  if (taken !== undefined) throw wrong(`Attempting to create an index which already exists`);
  checkIndexes([...table.indexes, ...changes.newIndexes]);
  return changes;
}

function nameOf({ Create: create, Update: update, Delete: gone }: GlobalSecondaryIndexUpdate): string {
  const name = (create ?? update ?? gone)?.IndexName;
  if (name === undefined)
    throw wrong(
      'One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null',
    );
  return name;
}

/** An attribute of a key that there is keeps its type. */
function definitionsWith(table: Table, given: Definitions): Definitions {
  const known = new Map<string, KeyType>(keyAttributes(table).map(({ name, type }) => [name, type]));
  for (const [name, type] of given) {
    const present = known.get(name);
    if (present !== undefined && present !== type)
      throw wrong(`Attribute ${name} is defined as ${type} while existing AttributeDefinition has type ${present}`);
    known.set(name, type);
  }
  return known;
}

function checkAllProvisioned({ indexes }: Table, { throughputs, goneIndexes }: IndexChanges): void {
  const missing = indexes.filter(
    ({ name, kind }) => kind === 'global' && !throughputs.has(name) && !goneIndexes.includes(name),
  );
  if (missing.length > 0)
    throw wrong(`ProvisionedThroughput must be specified for index: ${missing.map(({ name }) => name).join(',')}`);
}

function streamChange(table: Table, given: UpdateTableCommandInput['StreamSpecification']): TableChange {
  if (given === undefined) return {};
  const wanted = streamOf(given);
  const isOn = table.stream?.isOn === true;
  if (wanted !== undefined && isOn) throw invalidTable('Table already has an enabled stream: TableName: ' + table.name);
  if (wanted === undefined && !isOn)
    throw invalidTable(`Table is already disabled for streams: TableName: ${table.name}`);
  return { stream: wanted ?? 'off' };
}
