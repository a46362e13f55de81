/** S3 alone behind its real wire, on the store that people use, in this process: what tests with genuine clients talk to. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { createAwsHandler } from '../../src/aws/dispatch.ts';
import { createS3Service } from '../../src/aws/s3/s3.ts';
import { Listener } from '../../src/gateway/listener.ts';
import { createAuthenticate } from '../../src/identity/authenticate.ts';
import { createStandings } from '../../src/identity/standing.ts';
import { createTemporaryCredentials } from '../../src/identity/temporary-credentials.ts';
import type { Binding, Bindings } from '../../src/registry/binding.ts';
import { openBucketNotices } from '../../src/registry/bucket-notices.ts';
import type { Buckets } from '../../src/resources/bucket.ts';
import { openBuckets } from '../../src/resources/bucket/open-buckets.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { newCause } from '../../src/util/cause.ts';
import { systemClock } from '../../src/util/clock.ts';
import { randomIds } from '../../src/util/ids.ts';
import type { AccountId } from '../../src/util/ids.ts';

export const account = '000000000000' as AccountId;
export const administrator = { accessKeyId: 'AKIAADMINISTRATOR123', secretAccessKey: 'secret/secret+secret' };

export type S3Rig = AsyncDisposable & {
  endpoint: string;
  port: number;
  store: Store;
  buckets: Buckets;
  bindings: Bindings;
  /** Targets and texts of test events. */
  tests: string[];
  client(options?: S3ClientConfig): S3Client;
  /** Fills a bucket past the wire: 10,000 requests of the SDK would measure the SDK. */
  fill(bucket: string, keys: readonly string[]): Promise<void>;
  /** For programs of other languages. */
  environment: NodeJS.ProcessEnv;
  /** What nobody expected: empty, or the test has found something. */
  errors: unknown[];
};

/** Without a folder, in one of its own that goes with it. */
export async function openS3Rig(given?: string): Promise<S3Rig> {
  await using opening = new AsyncDisposableStack();
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'mayfly-s3-')));
  if (given === undefined) opening.defer(() => rm(folder, { recursive: true }));
  const store = opening.use(await openSqliteStore({ folder, clock: systemClock }));
  const bindings = memoryBindings();
  const tests: string[] = [];
  const notices = await openBucketNotices({ records: store.records });
  const errors: unknown[] = [];
  const buckets = opening.use(
    await openBuckets({
      ...store,
      clock: systemClock,
      ids: randomIds,
      wantsEvents: (_account, bucket) => bindings.ofKind('bucket').some(({ source }) => source.bucket === bucket),
    }),
  );
  const parts = {
    buckets,
    bindings,
    notices,
    noticeSender: {
      permission: (_account: AccountId, _bucket: string, target: string) =>
        target.endsWith(':heard') ? ('allowed' as const) : ('not_allowed' as const),
      test: (_account: AccountId, _bucket: string, target: string, { text }: { text: string }) =>
        Promise.resolve(void tests.push(`${target} ${text}`)),
    },
    destination: (_bucket: unknown, name: string) => (name === 'resize' ? ('allowed' as const) : ('missing' as const)),
    clock: systemClock,
    ids: randomIds,
  };
  const sessions = createTemporaryCredentials(Buffer.alloc(32, 7), randomIds);
  const handler = createAwsHandler({
    services: [createS3Service(parts)],
    authenticate: createAuthenticate({
      mode: 'serve',
      administrator,
      sessions,
      account,
      clock: systemClock,
    }),
    standingOf: createStandings({ grantsOf: () => undefined }),
    causeOf: () => undefined,
    clock: systemClock,
    ids: randomIds,
    region: 'us-east-1',
    onError: (error) => void errors.push(error),
  });
  const listener = opening.use(
    new Listener({ handler, clock: systemClock, onError: (error) => void errors.push(error) }),
  );
  const { port } = await listener.listen(0, '127.0.0.1');
  const endpoint = `http://127.0.0.1:${port}`;
  const opened = opening.move();
  return {
    endpoint,
    port,
    store,
    buckets,
    bindings,
    tests,
    errors,
    client: (options) =>
      new S3Client({
        endpoint,
        region: 'us-east-1',
        credentials: administrator,
        forcePathStyle: true,
        maxAttempts: 1,
        ...options,
      }),
    async fill(bucket, keys) {
      const actor = {
        cause: newCause(0, '0'.repeat(24)),
        sourceIp: '127.0.0.1',
        principalId: 'test',
        requestId: 'test',
      };
      let next = 0;
      const writer = async (): Promise<void> => {
        for (let key = keys[next++]; key !== undefined; key = keys[next++]) {
          await buckets.put({ account, bucket, key }, Readable.from([Buffer.from('x')]), {}, actor);
        }
      };
      await Promise.all(Array.from({ length: 32 }, writer));
    },
    environment: {
      ...process.env,
      ENDPOINT: endpoint,
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: administrator.accessKeyId,
      AWS_SECRET_ACCESS_KEY: administrator.secretAccessKey,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: join(folder, 'no-config'),
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function memoryBindings(): Bindings {
  const kept = new Map<string, Binding>();
  return {
    list: (owner) => [...kept.values()].filter((binding) => binding.account === owner),
    ofKind: <Kind extends Binding['source']['kind']>(kind: Kind) =>
      [...kept.values()].filter(
        (binding): binding is Binding & { source: Extract<Binding['source'], { kind: Kind }> } =>
          binding.source.kind === kind,
      ),
    put: async (binding) => void kept.set(binding.id, binding),
    delete: async (_owner, id) => kept.delete(id),
    watch: () => ({ stop: () => undefined }),
  };
}
