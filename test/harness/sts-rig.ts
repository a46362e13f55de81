/** STS, S3 and who is known to IAM, behind their real wire, in this process: what tests with genuine clients talk to. */
import { STSClient, type STSClientConfig } from '@aws-sdk/client-sts';
import { createAwsHandler } from '../../src/aws/dispatch.ts';
import { createStsService } from '../../src/aws/sts/sts.ts';
import { createTrustSide } from '../../src/aws/sts/trust-side.ts';
import { Listener } from '../../src/gateway/listener.ts';
import { newAccessKeyId } from '../../src/identity/access-key-id.ts';
import { createAuthenticate } from '../../src/identity/authenticate.ts';
import { createStandings } from '../../src/identity/standing.ts';
import { createTemporaryCredentials, type TemporaryCredentials } from '../../src/identity/temporary-credentials.ts';
import { accessKeyPurpose, type Role, type User } from '../../src/resources/iam/iam-entities.ts';
import { Identities } from '../../src/resources/iam/identities.ts';
import { openMemoryStore } from '../../src/store/memory/open-memory-store.ts';
import { systemClock, type Clock } from '../../src/util/clock.ts';
import { randomIds, type AccountId, type EnvironmentId } from '../../src/util/ids.ts';
import { createSealer } from '../../src/util/sealer.ts';

export const account = '123456789012' as AccountId;
const administrator = { accessKeyId: 'AKIAADMINISTRATOR123', secretAccessKey: 'secret/secret+secret' };

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

export type StsRig = AsyncDisposable & {
  endpoint: string;
  identities: Identities;
  sessions: TemporaryCredentials;
  client(credentials?: Keys, options?: STSClientConfig): STSClient;
  /** With one key. Policies by name, as IAM keeps them. */
  user(name: string, given?: Partial<User>): Promise<Keys>;
  /** Its ARN. `trust`: statements. */
  role(name: string, trust: readonly object[], given?: Partial<Role>): Promise<string>;
  /** As if further requests came out of it. */
  environment: EnvironmentId | undefined;
  errors: unknown[];
};

export const policy = (...statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });

/** Whoever of the account may assume it. */
export const trusts = (...principals: readonly string[]): object => ({
  Effect: 'Allow',
  Principal: { AWS: principals.length === 0 ? `arn:aws:iam::${account}:root` : principals },
  Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
});

export async function openStsRig({
  clock = systemClock,
  privateIssuers = [],
}: { clock?: Clock; privateIssuers?: readonly string[] } = {}): Promise<StsRig> {
  await using opening = new AsyncDisposableStack();
  const errors: unknown[] = [];
  const sealer = createSealer([Buffer.alloc(32, 7)], randomIds);
  const { records } = openMemoryStore({ clock });
  const report = (_what: string, cause: unknown): void => void errors.push(cause);
  const identities = opening.use(await Identities.open({ records, sealer, clock, report }));
  const sessions = createTemporaryCredentials(Buffer.alloc(32, 7), randomIds);
  const handler = createAwsHandler({
    services: [createStsService({ identities, sessions, privateIssuers, clock })],
    authenticate: createAuthenticate({ mode: 'serve', administrator, account, sessions, identities, clock }),
    standingOf: createStandings({ identities, grantsOf: () => undefined }),
    sides: [createTrustSide({ identities })],
    causeOf: () => undefined,
    clock,
    ids: randomIds,
    region: 'us-east-1',
    onError: (error) => void errors.push(error),
  });
  const rig: { environment: EnvironmentId | undefined } = { environment: undefined };
  const listener = opening.use(
    new Listener({
      handler: (request) =>
        handler(
          rig.environment === undefined
            ? request
            : Object.defineProperty(request, 'environmentId', { value: rig.environment }),
        ),
      clock: systemClock,
      onError: (error) => void errors.push(error),
    }),
  );
  const { port } = await listener.listen(0, '127.0.0.1');
  const endpoint = `http://127.0.0.1:${port}`;
  const entity = (name: string, prefix: string) => ({
    account,
    name,
    path: '/',
    id: `${prefix}${randomIds.hex(8).toUpperCase()}`,
    createdMs: clock.now(),
    inline: {},
    attached: [],
    tags: {},
  });
  const opened = opening.move();
  return Object.assign(rig, {
    endpoint,
    identities,
    sessions,
    errors,
    client: (credentials: Keys = administrator, options: STSClientConfig = {}) =>
      new STSClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1, ...options }),
    async user(name: string, given: Partial<User> = {}) {
      const accessKeyId = newAccessKeyId('AKIA', account, randomIds);
      const secretAccessKey = randomIds.hex(20);
      const sealedSecret = sealer.seal(secretAccessKey, accessKeyPurpose(accessKeyId));
      await identities.change(account, (draft) => {
        draft.put('user', { ...entity(name, 'AIDA'), groups: [], ...given });
        draft.put('access-key', {
          account,
          name: accessKeyId,
          userName: name,
          sealedSecret,
          isActive: true,
          createdMs: 0,
        });
      });
      return { accessKeyId, secretAccessKey };
    },
    async role(name: string, trust: readonly object[], given: Partial<Role> = {}) {
      await identities.change(account, (draft) =>
        draft.put('role', { ...entity(name, 'AROA'), trust: policy(...trust), sessionSecondsMax: 7_200, ...given }),
      );
      return `arn:aws:iam::${account}:role/${name}`;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  });
}
