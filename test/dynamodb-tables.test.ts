/** DynamoDB's tables through the official clients, against the real program: races, crashes, keys of KMS, and other accounts. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import {
  DynamoDB,
  waitUntilTableExists,
  waitUntilTableNotExists,
  type AttributeValue,
  type CreateTableCommandInput,
} from '@aws-sdk/client-dynamodb';
import { KMS } from '@aws-sdk/client-kms';
import { awsClient } from './harness/aws-client.ts';
import { eventually } from './harness/eventually.ts';
import { hasPythonModule } from './harness/has-python-module.ts';
import { plantIdentities } from './harness/plant-identities.ts';
import { startMayfly, type StartedMayfly } from './harness/start-mayfly.ts';

const run = promisify(execFile);
const account = '000000000000';
const otherAccount = '111111111111';
const waitMs = 60_000;

type Keys = { accessKeyId: string; secretAccessKey: string };
let mayfly: StartedMayfly;
let users: Readonly<Record<string, Keys>>;
let client: DynamoDB;

const clientAs = (keys: Keys | undefined): DynamoDB =>
  new DynamoDB({ ...awsClient(mayfly), ...(keys !== undefined && { credentials: keys }) });
const allow = (action: string | readonly string[]): object => ({ Effect: 'Allow', Action: action, Resource: '*' });
const policyOf = (...statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });

before(async () => {
  const data = await mkdtemp(join(tmpdir(), 'mayfly-tables-'));
  users = await plantIdentities(data, {
    tables: { account, policy: policyOf(allow('dynamodb:*')) },
    own: {
      account,
      policy: policyOf({
        ...allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:BatchGetItem']),
        Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['own'] } },
      }),
    },
    // As in https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    limited: {
      account,
      policy: policyOf({
        ...allow('dynamodb:*'),
        Condition: {
          'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['id', 'open'] },
          StringEqualsIfExists: {
            'dynamodb:Select': 'SPECIFIC_ATTRIBUTES',
            'dynamodb:ReturnValues': ['NONE', 'UPDATED_OLD', 'UPDATED_NEW'],
          },
        },
      }),
    },
    stranger: { account: otherAccount, policy: policyOf(allow('*')) },
  });
  mayfly = await startMayfly({ data });
  client = new DynamoDB(awsClient(mayfly));
});
after(() => mayfly[Symbol.asyncDispose]());

const plain = (TableName: string): CreateTableCommandInput => ({
  TableName,
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
});

test(
  'of a hundred who put the same item at the same moment through boto3, one wins',
  {
    skip: hasPythonModule('boto3') ? false : 'boto3 is not installed here',
  },
  async () => {
    await client.createTable(plain('race'));
    await waitUntilTableExists({ client, maxWaitTime: 60 }, { TableName: 'race' });
    const script = join(import.meta.dirname, 'harness/dynamodb_race.py');
    const { stdout } = await run('python3', [script, 'race', '100'], { env: mayfly.awsEnvironment, timeout: 240_000 });
    const { outcomes } = JSON.parse(stdout) as { outcomes: readonly string[] };
    assert.equal(outcomes.filter((outcome) => outcome === 'won').length, 1);
    assert.equal(outcomes.filter((outcome) => outcome === 'ConditionalCheckFailedException').length, 99);
    await client.deleteTable({ TableName: 'race' });
    await waitUntilTableNotExists({ client, maxWaitTime: 60 }, { TableName: 'race' });
  },
);

test('after kill -9 what was answered is there, an index goes on being filled, and it has what the table has', async () => {
  const TableName = 'crash';
  await client.createTable({
    ...plain(TableName),
    AttributeDefinitions: ['id', 'group'].map((name) => ({ AttributeName: name, AttributeType: 'S' as const })),
    GlobalSecondaryIndexes: [indexOf('by-group', 'group')],
  });
  // Round by round, each in the same crashed process's data folder.
  const answered = new Map<string, number>();
  for (let round = 0; round < 3; round += 1) {
    const writers = Array.from({ length: 8 }, (_, writer) => write(writer, round));
    if (round === 1)
      await client.updateTable({
        TableName,
        AttributeDefinitions: [{ AttributeName: 'odd', AttributeType: 'S' }],
        GlobalSecondaryIndexUpdates: [{ Create: indexOf('by-odd', 'odd') }],
      });
    const enough = (round + 1) * 200;
    await eventually('writes are answered', waitMs, () => Promise.resolve(answered.size >= enough ? true : undefined));
    const killed = mayfly.killAndRestart();
    await Promise.all(writers);
    mayfly = await killed;
    client = new DynamoDB(awsClient(mayfly));
  }

  async function write(writer: number, round: number): Promise<void> {
    for (let number = 0; ; number += 1) {
      const id = `${round}-${writer}-${number}`;
      const Item = {
        id: { S: id },
        n: { N: String(number) },
        group: { S: `g${number % 3}` },
        odd: { S: String(number % 2) },
      };
      try {
        await client.putItem({ TableName, Item });
      } catch {
        return;
      }
      answered.set(id, number);
    }
  }

  const table = await eventually('the index is filled', waitMs, async () => {
    const { Table: found } = await client.describeTable({ TableName });
    return found?.GlobalSecondaryIndexes?.every(({ IndexStatus }) => IndexStatus === 'ACTIVE') === true
      ? found
      : undefined;
  });
  const items = await scanned(TableName);
  const byId = new Map(items.map((item) => [item['id']?.S ?? '', item]));
  for (const [id, number] of answered) assert.equal(byId.get(id)?.['n']?.N, String(number), `${id} was answered`);
  assert.equal(table.ItemCount, items.length);
  for (const index of ['by-group', 'by-odd']) {
    const entries = await scanned(TableName, index);
    assert.deepEqual(sorted(entries), sorted(items), index);
    const described = table.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === index);
    assert.equal(described?.ItemCount, items.length);
  }
});

const indexOf = (IndexName: string, attribute: string) => ({
  IndexName,
  KeySchema: [{ AttributeName: attribute, KeyType: 'HASH' as const }],
  Projection: { ProjectionType: 'ALL' as const },
});

type Item = Record<string, AttributeValue>;
const sorted = (items: readonly Item[]): string[] =>
  items.map((item) => JSON.stringify(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)))).toSorted();

async function scanned(TableName: string, IndexName?: string): Promise<Item[]> {
  const items: Item[] = [];
  let ExclusiveStartKey: Item | undefined;
  do {
    const page = await client.scan({
      TableName,
      Limit: 100,
      ...(IndexName !== undefined && { IndexName }),
      ...(ExclusiveStartKey !== undefined && { ExclusiveStartKey }),
    });
    items.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return items;
}

test('a table under a key of KMS is read by who may use the key, as long as it can be used', async () => {
  const kms = new KMS(awsClient(mayfly));
  const { KeyMetadata: key } = await kms.createKey({});
  const KeyId = key?.KeyId ?? '';
  const { TableDescription: made } = await client.createTable({
    ...plain('sealed'),
    SSESpecification: { Enabled: true, SSEType: 'KMS', KMSMasterKeyId: KeyId },
  });
  assert.deepEqual(made?.SSEDescription, { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: key?.Arn });
  await client.putItem({ TableName: 'sealed', Item: { id: { S: 'a' }, text: { S: 'planted-secret-of-an-item' } } });
  const get = { TableName: 'sealed', Key: { id: { S: 'a' } } };
  await assert.rejects(clientAs(users['tables']).getItem(get), {
    name: 'AccessDeniedException',
    message: /kms:Decrypt/,
  });
  for (const file of await readdir(mayfly.data))
    if (file.startsWith('mayfly.db'))
      assert.ok(!(await readFile(join(mayfly.data, file))).includes('planted-secret-of-an-item'), file);

  await kms.disableKey({ KeyId });
  mayfly = await mayfly.killAndRestart();
  client = new DynamoDB(awsClient(mayfly));
  const again = new KMS(awsClient(mayfly));
  await assert.rejects(client.getItem(get), {
    name: 'ValidationException',
    message: /KMS validation error.*disabled/i,
  });
  const { Table: described } = await client.describeTable({ TableName: 'sealed' });
  assert.equal(described?.TableStatus, 'INACCESSIBLE_ENCRYPTION_CREDENTIALS');
  await again.enableKey({ KeyId });
  assert.equal((await client.getItem(get)).Item?.['text']?.S, 'planted-secret-of-an-item');

  // From then on under the platform's own key, and no other one is asked for.
  await client.updateTable({ TableName: 'sealed', SSESpecification: { Enabled: false } });
  await again.disableKey({ KeyId });
  assert.equal((await clientAs(users['tables']).getItem(get)).Item?.['text']?.S, 'planted-secret-of-an-item');
});

test('another account gets what the table’s policy lets it have, by the table’s ARN', async () => {
  const { TableDescription: made } = await client.createTable(plain('shared'));
  const TableName = made?.TableArn ?? '';
  await client.putItem({ TableName: 'shared', Item: { id: { S: 'a' } } });
  const stranger = clientAs(users['stranger']);
  const Key = { id: { S: 'a' } };
  await assert.rejects(stranger.getItem({ TableName, Key }), { name: 'AccessDeniedException' });
  await client.putResourcePolicy({
    ResourceArn: TableName,
    Policy: policyOf({
      Effect: 'Allow',
      Principal: { AWS: otherAccount },
      Action: 'dynamodb:GetItem',
      Resource: TableName,
    }),
  });
  assert.deepEqual((await stranger.getItem({ TableName, Key })).Item, Key);
  await assert.rejects(stranger.putItem({ TableName, Item: Key }), { name: 'AccessDeniedException' });
  // By its name alone it is one of his own.
  await assert.rejects(stranger.getItem({ TableName: 'shared', Key }), { name: 'ResourceNotFoundException' });
});

test('who may only have items of his own partition gets those', async () => {
  await client.createTable(plain('partitioned'));
  const own = clientAs(users['own']);
  const put = (id: string) => own.putItem({ TableName: 'partitioned', Item: { id: { S: id } } });
  await put('own');
  await assert.rejects(put('other'), { name: 'AccessDeniedException' });
  const get = (id: string) => own.getItem({ TableName: 'partitioned', Key: { id: { S: id } } });
  assert.deepEqual((await get('own')).Item, { id: { S: 'own' } });
  await assert.rejects(get('other'), { name: 'AccessDeniedException' });
});

test('who may only have some attributes has no way to the others', async () => {
  const TableName = 'limited';
  await client.createTable(plain(TableName));
  await client.putItem({ TableName, Item: { id: { S: 'a' }, open: { S: 'o' }, shut: { S: 'planted' } } });
  const limited = clientAs(users['limited']);
  const [Key, ExpressionAttributeNames] = [{ id: { S: 'a' } }, { '#open': 'open' }];
  const allowed = await limited.getItem({ TableName, Key, ProjectionExpression: '#open', ExpressionAttributeNames });
  assert.deepEqual(allowed.Item, { open: { S: 'o' } });
  const { Items } = await limited.scan({ TableName, ProjectionExpression: '#open', ExpressionAttributeNames });
  assert.deepEqual(Items, [{ open: { S: 'o' } }]);
  await limited.executeStatement({
    Statement: "UPDATE limited SET open = 'p' WHERE id = 'a' RETURNING MODIFIED OLD *",
  });

  const ExpressionAttributeValues = { ':a': { S: 'a' } };
  const copy = { TableName, Key, UpdateExpression: 'SET #open = shut', ExpressionAttributeNames };
  const statement = (Statement: string) => () => limited.executeStatement({ Statement });
  const ways: Record<string, () => Promise<unknown>> = {
    query: () => limited.query({ TableName, KeyConditionExpression: 'id = :a', ExpressionAttributeValues }),
    scan: () => limited.scan({ TableName }),
    'a copy': () => limited.updateItem({ ...copy, ReturnValues: 'UPDATED_NEW' }),
    'a copy in a transaction': () => limited.transactWriteItems({ TransactItems: [{ Update: copy }] }),
    'a copy by a statement': statement("UPDATE limited SET open = shut WHERE id = 'a' RETURNING MODIFIED NEW *"),
    'what a statement returns': statement("UPDATE limited SET open = 'x' WHERE id = 'a' RETURNING ALL OLD *"),
    'what a statement deletes': statement("DELETE FROM limited WHERE id = 'a' RETURNING ALL OLD *"),
  };
  for (const [name, way] of Object.entries(ways)) await assert.rejects(way(), { name: 'AccessDeniedException' }, name);
});
