/**
 * Claim: a table that has every item on disk, sealed, before it answers takes them one by one at half the rate at which a queue takes
 * messages (bench/queue.ts), or better, and gives them out at that rate. Beside moto's server in the same run, which keeps items in
 * memory and checks no signature.
 *
 * `npm run bench -- table`; `--seconds N` for each figure (2).
 */
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { awsClient } from '../test/harness/aws-client.ts';
import { startMayfly } from '../test/harness/start-mayfly.ts';
import { startMoto } from '../test/harness/start-moto.ts';
import { dynamodbWire, openJsonWire, type JsonWire } from './harness/json-wire.ts';
import { machine } from './harness/machine.ts';

const connections = 16;
const secondsAt = process.argv.indexOf('--seconds');
const secondsEach = secondsAt < 0 ? 2 : Number(process.argv[secondsAt + 1]);
const batch = 25;
/** Items that each connection puts, and then gets: all are there after the first round. */
const itemsEach = 200;
const TableName = 'bench';

const itemOf = (customer: string, at: number) => ({
  customer: { S: customer },
  at: { N: String(at) },
  name: { S: 'Ada Lovelace' },
  items: { L: [{ S: 'tea' }, { S: 'milk' }] },
  total: { N: '12.40' },
});

type Peer = { name: string; endpoint: string; credentials: { accessKeyId: string; secretAccessKey: string } };
type Figures = { name: string; perSecond: number[] };

async function measure({ name, endpoint, credentials }: Peer): Promise<Figures> {
  const client = new DynamoDB({ endpoint, region: 'us-east-1', credentials });
  await client.createTable({
    TableName,
    AttributeDefinitions: [
      { AttributeName: 'customer', AttributeType: 'S' },
      { AttributeName: 'at', AttributeType: 'N' },
    ],
    KeySchema: [
      { AttributeName: 'customer', KeyType: 'HASH' },
      { AttributeName: 'at', KeyType: 'RANGE' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  });
  const wires = await Promise.all(
    Array.from({ length: connections }, () => openJsonWire(endpoint, credentials, dynamodbWire)),
  );
  /** How many items a second all connections together got through. */
  const rate = async (step: (wire: JsonWire, customer: string, at: number) => Promise<number>): Promise<number> => {
    const startMs = performance.now();
    const untilMs = startMs + secondsEach * 1_000;
    let items = 0;
    await Promise.all(
      wires.map(async (wire, index) => {
        for (let round = 0; performance.now() < untilMs; round += 1) {
          // Not in one line: what the others count meanwhile would be forgotten.
          const more = await step(wire, `customer-${index}`, round % itemsEach);
          items += more;
        }
      }),
    );
    return items / ((performance.now() - startMs) / 1_000);
  };
  const one = (operation: string, input: (customer: string, at: number) => object) =>
    rate(async (wire, customer, at) => {
      await wire.call(operation, { TableName, ...input(customer, at) });
      return 1;
    });
  const keyOf = (customer: string, at: number) => ({ Key: { customer: { S: customer }, at: { N: String(at) } } });
  const perSecond = [
    await one('PutItem', (customer, at) => ({ Item: itemOf(customer, at) })),
    await one('GetItem', keyOf),
    await one('UpdateItem', (customer, at) => ({
      ...keyOf(customer, at),
      UpdateExpression: 'ADD visits :one',
      ConditionExpression: 'attribute_not_exists(closed)',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    })),
    await rate(async (wire, customer, at) => {
      const puts = Array.from({ length: batch }, (_, index) => ({
        PutRequest: { Item: itemOf(customer, ((at * batch) % itemsEach) + index) },
      }));
      await wire.call('BatchWriteItem', { RequestItems: { [TableName]: puts } });
      return batch;
    }),
    await rate(async (wire, customer) => {
      const { Count } = await wire.call('Query', {
        TableName,
        KeyConditionExpression: 'customer = :customer',
        ExpressionAttributeValues: { ':customer': { S: customer } },
        Limit: 100,
      });
      return Number(Count);
    }),
  ];
  for (const wire of wires) wire[Symbol.dispose]();
  client.destroy();
  return { name, perSecond };
}

async function measureMayfly(): Promise<Figures> {
  await using mayfly = await startMayfly();
  return await measure({ name: 'mayfly', endpoint: mayfly.api, credentials: awsClient(mayfly).credentials });
}

async function measureMoto(): Promise<Figures | undefined> {
  await using moto = await startMoto();
  if (moto === undefined) {
    console.log('moto’s server is not here (pip install "moto[server]"): left out');
    return undefined;
  }
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  return await measure({ name: 'moto', endpoint: moto.url, credentials });
}

const rows = [await measureMoto(), await measureMayfly()];
console.log(`table: items a second from ${connections} connections. ${machine()}`);
console.log(`| | put | get | update with a condition | put in ${batch}s | query, 100 at once |`);
console.log('| --- | --: | --: | --: | --: | --: |');
for (const row of rows)
  if (row !== undefined) console.log(`| ${row.name} | ${row.perSecond.map((each) => each.toFixed(0)).join(' | ')} |`);
