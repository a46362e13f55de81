/** KMS behind its real wire. Keys have a clock of their own, which a test may move. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KMSClient } from '@aws-sdk/client-kms';
import { createAuthorization } from '../../src/aws/authorization.ts';
import { createAwsHandler } from '../../src/aws/dispatch.ts';
import { Listener } from '../../src/gateway/listener.ts';
import { createAuthenticate } from '../../src/identity/authenticate.ts';
import { createStandings } from '../../src/identity/standing.ts';
import { createTemporaryCredentials } from '../../src/identity/temporary-credentials.ts';
import { wireKms, type WiredKms } from '../../src/kms-wired.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { systemClock } from '../../src/util/clock.ts';
import { FakeClock } from '../../src/util/fake-clock.ts';
import { randomIds, type AccountId } from '../../src/util/ids.ts';
import { createSealer } from '../../src/util/sealer.ts';

export const account = '000000000000' as AccountId;
const administrator = { accessKeyId: 'AKIAADMINISTRATOR123', secretAccessKey: 'secret/secret+secret' };
const region = 'us-east-1';

/** Somebody of an account, by a session that its owner began for him: he may what the policy says. */
export type Somebody = { name: string; account?: AccountId; policy?: object };

export type KmsRig = AsyncDisposable & {
  wired: WiredKms;
  keyClock: FakeClock;
  /** The administrator's. */
  kms: KMSClient;
  clientOf(somebody: Somebody): KMSClient;
  /** For programs of other languages. */
  environment: NodeJS.ProcessEnv;
  /** What nobody expected: empty, or the test has found something. */
  errors: unknown[];
};

export const arnOf = ({ name, account: owner = account }: Somebody): string =>
  `arn:aws:sts::${owner}:federated-user/${name}`;

const everything = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };

export async function openKmsRig(given?: string): Promise<KmsRig> {
  await using opening = new AsyncDisposableStack();
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'mayfly-kms-')));
  if (given === undefined) opening.defer(() => rm(folder, { recursive: true }));
  const errors: unknown[] = [];
  const ids = randomIds;
  const keyClock = new FakeClock(Date.now());
  const store = opening.use(await openSqliteStore({ folder, clock: systemClock }));
  const sealer = createSealer([Buffer.alloc(32, 9)], ids);
  const report = (message: string, cause: unknown): void => void errors.push(message, cause);
  const wired = opening.use(
    await wireKms({
      records: store.records,
      region,
      sealer,
      clock: keyClock,
      ids,
      report,
      authorization: (...asked) => authorization(...asked),
    }),
  );
  const sessions = createTemporaryCredentials(Buffer.alloc(32, 7), ids);
  const permissions = { standingOf: createStandings({ grantsOf: () => undefined }), sides: [wired.side] };
  const authorization = createAuthorization(permissions);
  const handler = createAwsHandler({
    services: [wired.service],
    authenticate: createAuthenticate({ mode: 'serve', administrator, sessions, account, clock: systemClock }),
    ...permissions,
    causeOf: () => undefined,
    clock: systemClock,
    ids,
    region,
    onError: (error) => void errors.push(error),
  });
  const onError = (error: unknown): void => void errors.push(error);
  const listener = opening.use(new Listener({ handler, clock: systemClock, onError }));
  const { port } = await listener.listen(0, '127.0.0.1');
  const endpoint = `http://127.0.0.1:${port}`;
  const options = { endpoint, region, maxAttempts: 1 };
  const opened = opening.move();
  return {
    wired,
    keyClock,
    kms: new KMSClient({ ...options, credentials: administrator }),
    clientOf(somebody) {
      const { name, account: owner = account, policy = everything } = somebody;
      const bearer = {
        kind: 'federated',
        account: owner,
        arn: arnOf(somebody),
        name,
        userName: undefined,
        session: {
          issuedMs: Date.now(),
          policies: [JSON.stringify(policy)],
          policyArns: [],
          tags: {},
          transitiveTagKeys: [],
        },
      } as const;
      return new KMSClient({ ...options, credentials: sessions.issue(bearer, Date.now() + 3_600_000) });
    },
    environment: {
      ...process.env,
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: administrator.accessKeyId,
      AWS_SECRET_ACCESS_KEY: administrator.secretAccessKey,
      AWS_DEFAULT_REGION: region,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: join(folder, 'no-config'),
    },
    errors,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
