/** SQS alone behind its real wire, on the store that people use: what tests with genuine clients talk to. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SQSClient } from '@aws-sdk/client-sqs';
import { noKeys } from '../../src/resources/data-keys.ts';
import { createAwsHandler } from '../../src/aws/dispatch.ts';
import { Listener } from '../../src/gateway/listener.ts';
import { createAuthenticate } from '../../src/identity/authenticate.ts';
import { createStandings } from '../../src/identity/standing.ts';
import { createTemporaryCredentials } from '../../src/identity/temporary-credentials.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { systemClock } from '../../src/util/clock.ts';
import { randomIds, type AccountId } from '../../src/util/ids.ts';
import { wireQueues, type WiredQueues } from '../../src/queues-wired.ts';

const account = '000000000000' as AccountId;
export const administrator = { accessKeyId: 'AKIAADMINISTRATOR123', secretAccessKey: 'secret/secret+secret' };

export type SqsRig = AsyncDisposable & {
  endpoint: string;
  wired: WiredQueues;
  sqs: SQSClient;
  /** For programs of other languages. */
  environment: NodeJS.ProcessEnv;
  /** What nobody expected: empty, or the test has found something. */
  errors: unknown[];
};

/** `mode`: in `serve` a name is not given again within a minute. */
export async function openSqsRig({ mode = 'serve' }: { mode?: 'serve' | 'dev' } = {}): Promise<SqsRig> {
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-sqs-'));
  opening.defer(() => rm(folder, { recursive: true }));
  const store = opening.use(await openSqliteStore({ folder, clock: systemClock }));
  const errors: unknown[] = [];
  const report = (message: string, cause: unknown): void => void errors.push(message, cause);
  const wired = opening.use(
    await wireQueues({ mode, ...store, clock: systemClock, ids: randomIds, keysFor: () => noKeys, report }),
  );
  const handler = createAwsHandler({
    services: [wired.service],
    authenticate: createAuthenticate({
      mode: 'serve',
      administrator,
      sessions: createTemporaryCredentials(Buffer.alloc(32, 7), randomIds),
      account,
      clock: systemClock,
    }),
    standingOf: createStandings({ grantsOf: () => undefined }),
    sides: [wired.side],
    causeOf: () => undefined,
    clock: systemClock,
    ids: randomIds,
    region: 'us-east-1',
    onError: (error) => void errors.push(error),
  });
  const onError = (error: unknown): void => void errors.push(error);
  const listener = opening.use(new Listener({ handler, clock: systemClock, onError }));
  const { port } = await listener.listen(0, '127.0.0.1');
  const endpoint = `http://127.0.0.1:${port}`;
  const sqs = new SQSClient({ endpoint, region: 'us-east-1', credentials: administrator, maxAttempts: 1 });
  opening.defer(() => sqs.destroy());
  const opened = opening.move();
  return {
    endpoint,
    wired,
    sqs,
    errors,
    environment: {
      ...process.env,
      ENDPOINT: endpoint,
      AWS_ACCESS_KEY_ID: administrator.accessKeyId,
      AWS_SECRET_ACCESS_KEY: administrator.secretAccessKey,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: join(folder, 'no-config'),
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
