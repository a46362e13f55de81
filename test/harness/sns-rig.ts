/** SNS and SQS behind their real wire, with topics delivered for real and functions that only note what they get. */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { noKeys } from '../../src/resources/data-keys.ts';
import { createAwsHandler } from '../../src/aws/dispatch.ts';
import { createSqsService } from '../../src/aws/sqs/sqs.ts';
import { Asynchronous } from '../../src/events/asynchronous.ts';
import { FakeInvoker } from '../../src/events/fake-invoker.ts';
import { startSources } from '../../src/events/source.ts';
import { Listener } from '../../src/gateway/listener.ts';
import { createAuthenticate } from '../../src/identity/authenticate.ts';
import { createStandings } from '../../src/identity/standing.ts';
import { createTemporaryCredentials } from '../../src/identity/temporary-credentials.ts';
import type { Bindings } from '../../src/registry/binding.ts';
import {
  noExtras,
  type FunctionRecord,
  type FunctionSettings,
  type ResourceStatement,
} from '../../src/registry/function.ts';
import { openBindings } from '../../src/registry/open-bindings.ts';
import type { Registry } from '../../src/registry/registry.ts';
import { openBuckets } from '../../src/resources/bucket/open-buckets.ts';
import { Mails } from '../../src/resources/mail.ts';
import { EventBuses } from '../../src/resources/event-bus/event-buses.ts';
import { Queues } from '../../src/resources/queue.ts';
import type { Topics } from '../../src/resources/topic.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { Telemetry } from '../../src/telemetry/telemetry.ts';
import { systemClock } from '../../src/util/clock.ts';
import { createSealer } from '../../src/util/sealer.ts';
import { randomIds, type AccountId } from '../../src/util/ids.ts';
import { wireTopics } from '../../src/topics-wired.ts';
import { eventually } from './eventually.ts';

export const account = '000000000000' as AccountId;
const administrator = { accessKeyId: 'AKIAADMINISTRATOR123', secretAccessKey: 'secret/secret+secret' };

export type SnsEvent = {
  Records: [
    {
      EventSource: string;
      EventVersion: string;
      EventSubscriptionArn: string;
      Sns: Record<string, unknown> & { Message: string; MessageId: string };
    },
  ];
};

export type SnsRig = AsyncDisposable & {
  endpoint: string;
  topics: Topics;
  queues: Queues;
  mails: Mails;
  bindings: Bindings;
  invoker: FakeInvoker;
  sns: SNSClient;
  sqs: SQSClient;
  /** Resource policies of the one function that is there, `hello`, by qualifier. */
  policies: Record<string, readonly ResourceStatement[]>;
  /** A queue whose policy lets topics in; answers its ARN. */
  openQueue(name: string): Promise<string>;
  /** Bodies and attributes of what lies in a queue, once there are as many; they are taken out. */
  received(
    queue: string,
    count: number,
  ): Promise<{ body: string; attributes: Record<string, unknown>; group?: string }[]>;
  /** Events of the function, once there are as many. */
  invoked(count: number): Promise<SnsEvent[]>;
  /** For programs of other languages. */
  environment: NodeJS.ProcessEnv;
  reports: string[];
  /** What nobody expected: empty, or the test has found something. */
  errors: unknown[];
};

export async function openSnsRig(given?: string): Promise<SnsRig> {
  await using opening = new AsyncDisposableStack();
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'mayfly-sns-')));
  if (given === undefined) opening.defer(() => rm(folder, { recursive: true }));
  const clock = systemClock;
  const ids = randomIds;
  const region = 'us-east-1';
  const errors: unknown[] = [];
  const reports: string[] = [];
  const report = (message: string, cause: unknown): void => void reports.push(`${message}: ${String(cause)}`);
  const policies: Record<string, readonly ResourceStatement[]> = {};
  const store = opening.use(await openSqliteStore({ folder, clock }));
  const bindings = await openBindings({ records: store.records });
  const queues = await Queues.open({ ...store, clock, ids });
  const buckets = opening.use(await openBuckets({ ...store, clock, ids, wantsEvents: () => false }));
  const telemetry = new Telemetry();
  const invoker = new FakeInvoker({ clock, telemetry });
  const settings = { attemptsMax: 3, eventAgeMaxMs: 21_600_000 } as FunctionSettings;
  const registry = {
    get: (_owner: AccountId, name: string) =>
      name === 'hello' ? ({ extras: { ...noExtras, policies } } as FunctionRecord) : undefined,
    resolve: (_owner: AccountId, name: string) =>
      name === 'hello'
        ? ({ version: { settings }, function: { extras: noExtras } } as ReturnType<Registry['resolve']>)
        : undefined,
  } as unknown as Registry;
  const mails = await Mails.open({ ...store, clock, ids });
  const topics = await wireTopics({
    keysFor: () => noKeys,
    sealer: createSealer([Buffer.alloc(32, 9)], ids),
    ...store,
    dataFolder: folder,
    region,
    registry,
    bindings,
    queues,
    mails,
    clock,
    ids,
  });
  const parts = {
    ...store,
    region,
    bindings,
    queues,
    buckets,
    topics: topics.topics,
    buses: await EventBuses.open({ ...store, clock, ids }),
    registry,
    invoker,
    telemetry,
    clock,
    ids,
    notices: { send: () => Promise.resolve(), onBus: () => undefined },
    report,
  };
  const asynchronous = opening.use(await Asynchronous.open(parts));
  opening.use(startSources([topics.source], { ...parts, asynchronous }));
  const aws = createAwsHandler({
    services: [
      topics.service,
      createSqsService({ queues, keysFor: () => noKeys } as unknown as Parameters<typeof createSqsService>[0]),
    ],
    authenticate: createAuthenticate({
      mode: 'serve',
      administrator,
      sessions: createTemporaryCredentials(Buffer.alloc(32, 7), ids),
      account,
      clock,
    }),
    standingOf: createStandings({ grantsOf: () => undefined }),
    sides: [topics.side],
    causeOf: () => undefined,
    clock,
    ids,
    region,
    onError: (error) => void errors.push(error),
  });
  const listener = opening.use(
    new Listener({
      handler: (request) => (topics.certificate(request.path) ?? aws)(request),
      clock,
      onError: (error) => void errors.push(error),
    }),
  );
  const { port } = await listener.listen(0, '127.0.0.1');
  const endpoint = `http://127.0.0.1:${port}`;
  const client = { endpoint, region, credentials: administrator, maxAttempts: 1 };
  const sns = new SNSClient(client);
  const sqs = new SQSClient(client);
  opening.defer(() => sns.destroy());
  opening.defer(() => sqs.destroy());
  const opened = opening.move();
  return {
    endpoint,
    topics: topics.topics,
    queues,
    mails,
    bindings,
    invoker,
    sns,
    sqs,
    policies,
    reports,
    errors,
    async openQueue(name) {
      const arn = `arn:aws:sqs:${region}:${account}:${name}`;
      const statement = {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:*',
        Resource: arn,
      };
      await queues.create(account, name, {
        policy: JSON.stringify({ Version: '2012-10-17', Statement: statement }),
      });
      return arn;
    },
    async received(queue, count) {
      const got: { body: string; attributes: Record<string, unknown>; group?: string }[] = [];
      await eventually(`${count} messages in ${queue}`, 30_000, async () => {
        const messages = await queues.receive(account, queue, { max: 10, visibilityMs: 60_000, waitMs: 0 });
        got.push(...messages);
        await queues.remove(
          account,
          queue,
          messages.map(({ receipt }) => receipt),
        );
        return got.length >= count ? true : undefined;
      });
      return got;
    },
    async invoked(count) {
      await eventually(`${count} invocations`, 30_000, () =>
        Promise.resolve(invoker.invocations.length >= count ? true : undefined),
      );
      return invoker.invocations.map(({ event }) => JSON.parse(Buffer.from(event).toString()) as SnsEvent);
    },
    environment: {
      ...process.env,
      ENDPOINT: endpoint,
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: administrator.accessKeyId,
      AWS_SECRET_ACCESS_KEY: administrator.secretAccessKey,
      AWS_DEFAULT_REGION: region,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: join(folder, 'no-config'),
      AWS_PAGER: '',
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

export type Hook = AsyncDisposable & {
  url: string;
  posts: { headers: IncomingHttpHeaders; body: string }[];
  /** Posts, once there are as many. */
  posted(count: number): Promise<{ headers: IncomingHttpHeaders; body: string }[]>;
};

/** An endpoint that is posted to. `statusOf`: what it answers to its n-th post, from 0. */
export async function openHook(statusOf: (post: number) => number = () => 200): Promise<Hook> {
  const posts: Hook['posts'] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      posts.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.statusCode = statusOf(posts.length - 1);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    posts,
    async posted(count) {
      await eventually(`${count} posts`, 30_000, () => Promise.resolve(posts.length >= count ? true : undefined));
      return posts;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
