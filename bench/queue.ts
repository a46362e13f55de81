/**
 * Claim: a queue that has every message on disk before it answers takes 5,000 of them a second from 16 connections, and
 * 20,000 in batches of ten, and gives them out and deletes them as fast; and a warm function has a message within 5 ms of
 * its being sent. Beside moto's server in the same run, which keeps messages in memory and checks no signature.
 *
 * `npm run bench -- queue`; `--seconds N` for each figure (2).
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { CreateQueueCommand, DeleteQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { awsClient } from '../test/harness/aws-client.ts';
import { eventually } from '../test/harness/eventually.ts';
import { openLambdaRig } from '../test/harness/lambda-rig.ts';
import { startMayfly } from '../test/harness/start-mayfly.ts';
import { startMoto } from '../test/harness/start-moto.ts';
import { percentile } from './harness/client.ts';
import { machine } from './harness/machine.ts';
import { openJsonWire, sqsWire, type JsonWire } from './harness/json-wire.ts';

const connections = 16;
const secondsAt = process.argv.indexOf('--seconds');
const secondsEach = secondsAt < 0 ? 2 : Number(process.argv[secondsAt + 1]);
const batch = 10;
const body = JSON.stringify({ order: 4711, customer: 'Ada Lovelace', items: ['tea', 'milk'], total: '12.40' });

type Peer = { name: string; endpoint: string; credentials: { accessKeyId: string; secretAccessKey: string } };
type Figures = { name: string; perSecond: number[] };
type Received = { Messages?: { ReceiptHandle: string }[] };

/** How many messages a second all connections together got through. */
async function rate(wires: readonly JsonWire[], step: (wire: JsonWire) => Promise<number>): Promise<number> {
  const startMs = performance.now();
  const untilMs = startMs + secondsEach * 1_000;
  let messages = 0;
  await Promise.all(
    wires.map(async (wire) => {
      while (performance.now() < untilMs) {
        const done = await step(wire);
        if (done === 0) return;
        messages += done;
      }
    }),
  );
  return messages / ((performance.now() - startMs) / 1_000);
}

async function measure({ name, endpoint, credentials }: Peer): Promise<Figures> {
  const client = new SQSClient({ endpoint, region: 'us-east-1', credentials });
  const wires = await Promise.all(
    Array.from({ length: connections }, () => openJsonWire(endpoint, credentials, sqsWire)),
  );
  const perSecond: number[] = [];
  try {
    for (const [kind, Attributes] of [
      ['standard', {}],
      ['fifo', { FifoQueue: 'true' }],
    ] as const) {
      const QueueName = kind === 'fifo' ? 'bench.fifo' : 'bench';
      const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName, Attributes }));
      perSecond.push(...(await (kind === 'standard' ? standard(wires, QueueUrl) : fifo(wires, QueueUrl))));
      await client.send(new DeleteQueueCommand({ QueueUrl }));
    }
  } finally {
    for (const wire of wires) wire[Symbol.dispose]();
    client.destroy();
  }
  return { name, perSecond };
}

async function standard(wires: readonly JsonWire[], QueueUrl: string): Promise<number[]> {
  const Entries = Array.from({ length: batch }, (_, index) => ({ Id: `${index}`, MessageBody: body }));
  const sent = await rate(wires, async (wire) => {
    await wire.call('SendMessage', { QueueUrl, MessageBody: body });
    return 1;
  });
  const hidden: string[] = [];
  const receivedSingly = await rate(wires, async (wire) => {
    const { Messages = [] } = (await wire.call('ReceiveMessage', { QueueUrl, VisibilityTimeout: 600 })) as Received;
    for (const { ReceiptHandle } of Messages) hidden.push(ReceiptHandle);
    return Messages.length;
  });
  const deletedSingly = await rate(wires, async (wire) => {
    const ReceiptHandle = hidden.pop();
    if (ReceiptHandle === undefined) return 0;
    await wire.call('DeleteMessage', { QueueUrl, ReceiptHandle });
    return 1;
  });
  // A queue has 120,000 messages in flight at most, and the batches that follow come near to it.
  for (const ReceiptHandle of hidden) await wires[0]?.call('DeleteMessage', { QueueUrl, ReceiptHandle });
  const sentInBatches = await rate(wires, async (wire) => {
    await wire.call('SendMessageBatch', { QueueUrl, Entries });
    return batch;
  });
  const held: Received['Messages'][] = [];
  const received = await rate(wires, async (wire) => {
    const { Messages = [] } = (await wire.call('ReceiveMessage', {
      QueueUrl,
      MaxNumberOfMessages: batch,
      VisibilityTimeout: 600,
    })) as Received;
    if (Messages.length > 0) held.push(Messages);
    return Messages.length;
  });
  const deleted = await rate(wires, async (wire) => {
    const messages = held.pop();
    if (messages === undefined) return 0;
    await wire.call('DeleteMessageBatch', {
      QueueUrl,
      Entries: messages.map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle })),
    });
    return messages.length;
  });
  return [sent, receivedSingly, deletedSingly, sentInBatches, received, deleted];
}

/** A thousand groups, every message new. */
async function fifo(wires: readonly JsonWire[], QueueUrl: string): Promise<number[]> {
  let number = 0;
  const sent = await rate(wires, async (wire) => {
    const Entries = Array.from({ length: batch }, (_, index) => ({
      Id: `${index}`,
      MessageBody: body,
      MessageGroupId: `group-${(number += 1) % 1_000}`,
      MessageDeduplicationId: String(number),
    }));
    await wire.call('SendMessageBatch', { QueueUrl, Entries });
    return batch;
  });
  const received = await rate(wires, async (wire) => {
    const { Messages = [] } = (await wire.call('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: batch })) as Received;
    if (Messages.length === 0) return 0;
    await wire.call('DeleteMessageBatch', {
      QueueUrl,
      Entries: Messages.map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle })),
    });
    return Messages.length;
  });
  return [sent, received];
}

/** Between messages: 10 to 50 ms, each as often as every other. `pauseStep` has no divisor in common with the span. */
const [pauseMsMin, pauseMsSpan, pauseStep] = [10, 40, 37];

/**
 * From before a message is sent until the function has it, as the function's own clock says: that of the machine. By a plain
 * client, as all other figures here, and through the SDK, whose own millisecond comes on top.
 */
async function sendToHandler(): Promise<string> {
  await using rig = await openLambdaRig();
  const index = `export const handler = ({ Records }) => {
    for (const { body } of Records) console.log('TOOK ' + (performance.timeOrigin + performance.now() - Number(body)));
  };`;
  await rig.make('work', { 'index.mjs': index });
  const sqs = new SQSClient(awsClient(rig.mayfly));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
  const EventSourceArn = 'arn:aws:sqs:us-east-1:000000000000:jobs';
  await rig.lambda.send(new CreateEventSourceMappingCommand({ FunctionName: 'work', EventSourceArn, BatchSize: 1 }));
  using wire = await openJsonWire(rig.mayfly.api, awsClient(rig.mayfly).credentials, sqsWire);
  const plain = (MessageBody: string): Promise<unknown> => wire.call('SendMessage', { QueueUrl, MessageBody });
  const throughSdk = (MessageBody: string): Promise<unknown> =>
    sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const took = async (count: number, send: (body: string) => Promise<unknown>): Promise<number[]> => {
    for (let sent = 0; sent < count; sent++) {
      await send(String(performance.timeOrigin + performance.now()));
      // Not evenly: the platform does some things every so often (usage rows every 20 ms), and nobody sends in step with it.
      await new Promise((resolve) => setTimeout(resolve, pauseMsMin + ((sent * pauseStep) % pauseMsSpan)));
    }
    total += count;
    return eventually('every message handled', 60_000, async () => {
      const folder = join(rig.mayfly.data, 'logs');
      // There is none before the first line.
      const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
      const files = entries.filter((each) => each.isFile());
      const texts = await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8')));
      const times = texts.flatMap((text) => [...text.matchAll(/TOOK ([\d.]+)/g)].map(([, ms]) => Number(ms)));
      return times.length === total ? times.slice(-count) : undefined;
    });
  };
  let total = 0;
  // What starts the environments is not what is measured.
  await took(50, plain);
  const figures = [await took(200, plain), await took(200, throughSdk)].map(
    (times) => `p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms`,
  );
  sqs.destroy();
  return figures.join('; through the SDK ');
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
  return await measure({
    name: 'moto',
    endpoint: moto.url,
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
}

const rows = [await measureMoto(), await measureMayfly()];
console.log(`queue: messages a second from ${connections} connections, ${body.length} bytes each. ${machine()}`);
console.log(
  `| | send | receive | delete | send in ${batch}s | receive in ${batch}s | delete in ${batch}s | FIFO: send in ${batch}s | FIFO: receive and delete in ${batch}s |`,
);
console.log('| --- | --: | --: | --: | --: | --: | --: | --: | --: |');
for (const row of rows)
  if (row !== undefined) console.log(`| ${row.name} | ${row.perSecond.map((each) => each.toFixed(0)).join(' | ')} |`);
console.log(`from sending a message to the handler of a warm function: ${await sendToHandler()}`);
