/** Both of SES's APIs behind their real wire, on a store in memory, with a mail server of their own where one is asked for. */
import { SESClient } from '@aws-sdk/client-ses';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { noKeys } from '../../src/resources/data-keys.ts';
import { createAwsHandler } from '../../src/aws/dispatch.ts';
import { createSnsService } from '../../src/aws/sns/sns.ts';
import { Listener } from '../../src/gateway/listener.ts';
import { createAuthenticate } from '../../src/identity/authenticate.ts';
import { createStandings } from '../../src/identity/standing.ts';
import { createTemporaryCredentials } from '../../src/identity/temporary-credentials.ts';
import { openBindings } from '../../src/registry/open-bindings.ts';
import { Mails, type Fate } from '../../src/resources/mail.ts';
import { Queues } from '../../src/resources/queue.ts';
import { Topics } from '../../src/resources/topic.ts';
import { openMemoryStore } from '../../src/store/memory/open-memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { systemClock } from '../../src/util/clock.ts';
import { randomIds, type AccountId } from '../../src/util/ids.ts';
import { wireMail } from '../../src/mail-wired.ts';
import { eventually } from './eventually.ts';

export const account = '000000000000' as AccountId;
const administrator = { accessKeyId: 'AKIAADMINISTRATOR123', secretAccessKey: 'secret/secret+secret' };

export type SesRig = AsyncDisposable & {
  endpoint: string;
  store: Store;
  mails: Mails;
  topics: Topics;
  ses: SESClient;
  second: SESv2Client;
  /** What became of a mail, once nobody waits any more: by recipient. */
  fates(id: string | undefined): Promise<Record<string, Fate['state']>>;
  environment: NodeJS.ProcessEnv;
  reports: string[];
  errors: unknown[];
};

export async function openSesRig(relay?: string): Promise<SesRig> {
  await using opening = new AsyncDisposableStack();
  const [clock, ids, region] = [systemClock, randomIds, 'us-east-1'];
  const errors: unknown[] = [];
  const reports: string[] = [];
  const store = opening.use(openMemoryStore({ clock }));
  const topics = await Topics.open({ ...store, clock, ids });
  const queues = await Queues.open({ ...store, clock, ids });
  const bindings = await openBindings(store);
  const mails = await Mails.open({ ...store, clock, ids });
  const mail = opening.use(
    await wireMail({
      ...store,
      region,
      account,
      mails,
      settings: { listen: '127.0.0.1', ...(relay !== undefined && { relay }) },
      buckets: { put: () => Promise.reject(new Error('nothing is put here')) },
      topics,
      clock,
      ids,
      report: (message, cause) => void reports.push(`${message}: ${String(cause)}`),
    }),
  );
  const handler = createAwsHandler({
    services: [createSnsService({ topics, bindings, queues, keysFor: () => noKeys, clock }), ...mail.services],
    authenticate: createAuthenticate({
      mode: 'serve',
      administrator,
      sessions: createTemporaryCredentials(Buffer.alloc(32, 7), ids),
      account,
      clock,
    }),
    standingOf: createStandings({ grantsOf: () => undefined }),
    causeOf: () => undefined,
    clock,
    ids,
    region,
    onError: (error) => void errors.push(error),
  });
  const listener = opening.use(new Listener({ handler, clock, onError: (error) => void errors.push(error) }));
  const { port } = await listener.listen(0, '127.0.0.1');
  const endpoint = `http://127.0.0.1:${port}`;
  const client = { endpoint, region, credentials: administrator, maxAttempts: 1 };
  const [ses, second] = [new SESClient(client), new SESv2Client(client)];
  opening.defer(() => ses.destroy());
  opening.defer(() => second.destroy());
  const opened = opening.move();
  return {
    endpoint,
    store,
    mails,
    topics,
    ses,
    second,
    fates: (id = '') =>
      eventually(`the fate of ${id}`, 30_000, () => {
        const states = Object.entries(mails.get(account, id)?.recipients ?? {}).map(
          ([address, { state }]) => [address, state] as const,
        );
        const isDecided = states.length > 0 && states.every(([, state]) => state !== 'waiting');
        return Promise.resolve(isDecided ? Object.fromEntries(states) : undefined);
      }),
    environment: {
      ...process.env,
      ENDPOINT: endpoint,
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: administrator.accessKeyId,
      AWS_SECRET_ACCESS_KEY: administrator.secretAccessKey,
      AWS_DEFAULT_REGION: region,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PAGER: '',
    },
    reports,
    errors,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
