/** The genuine clients of AWS behind one call, so that each does the same as the others: `boto3`, the `aws` command, the SDK for JavaScript. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreams } from '@aws-sdk/client-dynamodb-streams';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { IAM } from '@aws-sdk/client-iam';
import { Pipes } from '@aws-sdk/client-pipes';
import { S3 } from '@aws-sdk/client-s3';
import { Scheduler } from '@aws-sdk/client-scheduler';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { SES } from '@aws-sdk/client-ses';
import { SESv2 } from '@aws-sdk/client-sesv2';
import { SNS } from '@aws-sdk/client-sns';
import { SQS } from '@aws-sdk/client-sqs';
import { SSM } from '@aws-sdk/client-ssm';
import { STS } from '@aws-sdk/client-sts';

/** As the command and boto3 name it. */
export type MessagingService = 'events' | 'scheduler' | 'pipes' | 'sqs' | 'sns' | 'ses' | 'sesv2';
export type ServiceName =
  | MessagingService
  | 'dynamodb'
  | 'dynamodbstreams'
  | 'iam'
  | 's3'
  | 'secretsmanager'
  | 'ssm'
  | 'sts';

/** As JSON: times and bytes are text. `code`: as the client names the error. */
export type Outcome = { answer: Readonly<Record<string, unknown>> } | { code: string; message: string };

export type AwsCaller = AsyncDisposable & {
  call(service: ServiceName, operation: string, input: object): Promise<Outcome>;
};

export type Reached = { endpoint: string; credentials: { accessKeyId: string; secretAccessKey: string } };

type Method = (input: object) => Promise<object>;

export function javascriptCaller({ endpoint, credentials }: Reached): AwsCaller {
  const settings = { endpoint, credentials, region: 'us-east-1', maxAttempts: 1 };
  const clients = {
    events: new EventBridge(settings),
    scheduler: new Scheduler(settings),
    pipes: new Pipes(settings),
    sqs: new SQS(settings),
    sns: new SNS(settings),
    ses: new SES(settings),
    sesv2: new SESv2(settings),
    dynamodb: new DynamoDB(settings),
    dynamodbstreams: new DynamoDBStreams(settings),
    iam: new IAM(settings),
    s3: new S3(settings),
    secretsmanager: new SecretsManager(settings),
    ssm: new SSM(settings),
    sts: new STS(settings),
  };
  return {
    async call(service, operation, input) {
      const client = clients[service];
      const methods = client as unknown as Readonly<Record<string, Method>>;
      const method = methods[operation.slice(0, 1).toLowerCase() + operation.slice(1)];
      if (method === undefined) throw new Error(`${service} has no ${operation}`);
      try {
        const { $metadata: _metadata, ...answer } = (await method.call(client, input)) as Record<string, unknown>;
        return { answer: plain(answer) as Record<string, unknown> };
      } catch (error) {
        if (!(error instanceof Error) || !('$metadata' in error)) throw error;
        return { code: error.name, message: error.message };
      }
    },
    [Symbol.asyncDispose]() {
      for (const client of Object.values(clients)) client.destroy();
      return Promise.resolve();
    },
  };
}

/** One Python process; `which`: what it calls with. */
export function pythonCaller(which: 'boto3' | 'aws', { endpoint, credentials }: Reached): AwsCaller {
  const child = spawn('python3', [join(import.meta.dirname, 'drive.py'), which], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      ENDPOINT: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PAGER: '',
    },
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async call(service, operation, input) {
      child.stdin.write(`${JSON.stringify({ service, operation, input: plain(input) })}\n`);
      const { value } = (await lines.next()) as IteratorResult<string, undefined>;
      if (value === undefined) throw new Error(`${which} ended at ${service} ${operation}`);
      return JSON.parse(value) as Outcome;
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
    },
  };
}

/** What JSON has: a time as RFC 3339, bytes as the text that they are. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (inner === undefined ? [] : [[key, plain(inner)]])),
  );
}
