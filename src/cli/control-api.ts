/**
 * The control API's calls with their types: the one place that believes the platform about what it answers. Both sides
 * are one program of one version.
 */
import type { AccountKey, AccountView } from '../control/accounts.ts';
import type { Review } from '../control/findings/review-account.ts';
import type { DecisionView, PermissionsView } from '../control/review.ts';
import type { DeliveryView } from '../control/deliveries.ts';
import type { SbomView } from '../control/sbom.ts';
import type {
  ApplicationView,
  BucketView,
  BusView,
  ColdStartsView,
  EnvironmentView,
  ExplainedInvocationView,
  FunctionView,
  InvocationView,
  LogView,
  TableView,
  MailView,
  PlatformView,
  QueueView,
  TopicView,
} from '../control/views.ts';
import type { Letter, DeadLetterPlace, Redriven } from '../events/dead-letters.ts';
import type { KeyringReport } from '../identity/keyring.ts';
import type { Change, Deployment } from '../manifest/deployment.ts';
import type { KeptBill } from '../metering/kept-bills.ts';
import type { AuditEntry } from '../resources/audit-log/audit-entry.ts';
import type { Signer } from '../resources/bundle-signers.ts';
import type { ChainReport } from '../resources/audit-log/verify-chain.ts';
import type { Resealed } from '../store/resealing-records.ts';
import type { HostReport } from './command.ts';
import type { ControlClient } from './client.ts';

export type KeysView = KeyringReport;

const segment = encodeURIComponent;

export async function getPlatform(client: ControlClient): Promise<PlatformView> {
  return (await client.call('GET', 'platform')) as PlatformView;
}

export function hasBundle(client: ControlClient, hash: string): Promise<boolean> {
  return client.has(`bundles/${hash}`);
}

export async function putBundle(client: ControlClient, hash: string, zip: Uint8Array): Promise<void> {
  await client.call('PUT', `bundles/${hash}`, { bytes: zip });
}

export async function postDeployment(
  client: ControlClient,
  deployment: Deployment,
  planOnly: boolean,
): Promise<{ application: string; changes: readonly Change[] }> {
  const answer = await client.call('POST', 'deployments', {
    json: deployment,
    query: { plan: planOnly ? '1' : undefined },
  });
  return answer as { application: string; changes: readonly Change[] };
}

export async function getApplications(client: ControlClient): Promise<readonly ApplicationView[]> {
  return ((await client.call('GET', 'deployments')) as { applications: readonly ApplicationView[] }).applications;
}

export async function deleteApplication(client: ControlClient, name: string): Promise<readonly Change[]> {
  return ((await client.call('DELETE', `deployments/${segment(name)}`)) as { changes: readonly Change[] }).changes;
}

export async function getFunctions(client: ControlClient): Promise<readonly FunctionView[]> {
  return ((await client.call('GET', 'functions')) as { functions: readonly FunctionView[] }).functions;
}

export async function deleteFunction(client: ControlClient, name: string): Promise<void> {
  await client.call('DELETE', `functions/${segment(name)}`);
}

export async function postRollback(client: ControlClient, name: string): Promise<{ from: string; to: string }> {
  return (await client.call('POST', `functions/${segment(name)}/rollback`)) as { from: string; to: string };
}

export async function postInvocation(
  client: ControlClient,
  name: string,
  event: Uint8Array,
  options: { type: 'request' | 'event'; qualifier: string | undefined },
): Promise<InvocationView> {
  const answer = await client.call('POST', `functions/${segment(name)}/invocations`, {
    bytes: event,
    query: { type: options.type, qualifier: options.qualifier },
  });
  return answer as InvocationView;
}

/** Every attempt of a request, explained. */
export async function getInvocation(client: ControlClient, requestId: string): Promise<ExplainedInvocationView> {
  return (await client.call('GET', `invocations/${segment(requestId)}`)) as ExplainedInvocationView;
}

/** Environments for which an invocation waited, the newest first. */
export async function getEnvironments(
  client: ControlClient,
  query: { functionName: string | undefined; limit: number },
): Promise<readonly EnvironmentView[]> {
  const { functionName, limit } = query;
  const answer = await client.call('GET', 'environments', { query: { function: functionName, limit: String(limit) } });
  return (answer as { environments: readonly EnvironmentView[] }).environments;
}

export async function getColdStarts(
  client: ControlClient,
  query: { functionName: string | undefined; sinceMs: number | undefined },
): Promise<ColdStartsView> {
  const { functionName, sinceMs } = query;
  const answer = await client.call('GET', 'cold-starts', {
    query: { function: functionName, since: sinceMs?.toString() },
  });
  return answer as ColdStartsView;
}

export type LogQuery = { sinceMs?: number; limit?: number; requestId?: string; follow: boolean };

/** `name`: of a function, `*` for all. */
export function getLogs(
  client: ControlClient,
  name: string,
  query: LogQuery,
  signal?: AbortSignal,
): AsyncGenerator<LogView> {
  const { sinceMs, limit, requestId, follow } = query;
  return client.lines(`functions/${name === '*' ? '*' : segment(name)}/logs`, {
    query: {
      since: sinceMs?.toString(),
      limit: limit?.toString(),
      request: requestId,
      follow: follow ? '1' : undefined,
    },
    ...(signal === undefined ? {} : { signal }),
  }) as AsyncGenerator<LogView>;
}

export async function getBuckets(client: ControlClient): Promise<readonly BucketView[]> {
  return ((await client.call('GET', 'buckets')) as { buckets: readonly BucketView[] }).buckets;
}

export async function getQueues(client: ControlClient): Promise<readonly QueueView[]> {
  return ((await client.call('GET', 'queues')) as { queues: readonly QueueView[] }).queues;
}

export async function getTopics(client: ControlClient): Promise<readonly TopicView[]> {
  return ((await client.call('GET', 'topics')) as { topics: readonly TopicView[] }).topics;
}

export async function getMails(client: ControlClient, limit: number): Promise<readonly MailView[]> {
  const answer = await client.call('GET', 'mail', { query: { limit: String(limit) } });
  return (answer as { mails: readonly MailView[] }).mails;
}

/** With all that went over the wire. */
export async function getMail(client: ControlClient, id: string): Promise<MailView & { raw: string }> {
  return (await client.call('GET', `mail/${segment(id)}`)) as MailView & { raw: string };
}

export async function getDeliveries(
  client: ControlClient,
  query: Readonly<Record<'function' | 'source' | 'outcome' | 'limit', string | undefined>>,
): Promise<readonly DeliveryView[]> {
  const answer = await client.call('GET', 'deliveries', { query });
  return (answer as { deliveries: readonly DeliveryView[] }).deliveries;
}

/** All that belongs to an id, oldest first. */
export async function getDeliveryStory(
  client: ControlClient,
  id: string,
): Promise<{ id: string; deliveries: readonly DeliveryView[] }> {
  const answer = await client.call('GET', `deliveries/${segment(id)}`);
  return answer as { id: string; deliveries: readonly DeliveryView[] };
}

export async function getLetterPlaces(client: ControlClient): Promise<readonly DeadLetterPlace[]> {
  return ((await client.call('GET', 'dead-letters')) as { places: readonly DeadLetterPlace[] }).places;
}

/** `place`: `function:NAME` or `queue:NAME`. Oldest first. */
export async function getLetters(client: ControlClient, place: string, limit: number): Promise<readonly Letter[]> {
  const answer = await client.call('GET', `dead-letters/${segment(place)}`, { query: { limit: String(limit) } });
  return (answer as { letters: readonly Letter[] }).letters;
}

export async function getLetter(client: ControlClient, place: string, id: string): Promise<Letter> {
  return (await client.call('GET', `dead-letters/${segment(place)}/${segment(id)}`)) as Letter;
}

/** `payload`: what the one letter carries instead. */
export async function postRedrive(
  client: ControlClient,
  place: string,
  which: readonly string[] | 'all',
  payload?: unknown,
): Promise<Redriven> {
  const json = { ...(which === 'all' ? { all: true } : { ids: which }), ...(payload !== undefined && { payload }) };
  return (await client.call('POST', `dead-letters/${segment(place)}/redrive`, { json })) as Redriven;
}

/** Answers how many are gone. */
export async function deleteLetters(
  client: ControlClient,
  place: string,
  which: readonly string[] | 'all',
): Promise<number> {
  let purged = 0;
  for (const id of which === 'all' ? ['all'] : which) {
    const query = which === 'all' ? { all: '1' } : { id };
    const answer = await client.call('DELETE', `dead-letters/${segment(place)}`, { query });
    purged += (answer as { purged: number }).purged;
  }
  return purged;
}

export async function getBuses(client: ControlClient): Promise<readonly BusView[]> {
  return ((await client.call('GET', 'buses')) as { buses: readonly BusView[] }).buses;
}

export async function getTables(client: ControlClient): Promise<readonly TableView[]> {
  return ((await client.call('GET', 'tables')) as { tables: readonly TableView[] }).tables;
}

export async function getSchedules(client: ControlClient): Promise<readonly unknown[]> {
  return ((await client.call('GET', 'schedules')) as { schedules: readonly unknown[] }).schedules;
}

export async function getBill(client: ControlClient, month: string | undefined): Promise<KeptBill> {
  return (await client.call('GET', 'bill', { query: { month } })) as KeptBill;
}

export async function getAccounts(client: ControlClient): Promise<readonly AccountView[]> {
  return ((await client.call('GET', 'accounts')) as { accounts: readonly AccountView[] }).accounts;
}

export async function getAccount(client: ControlClient, account: string): Promise<AccountView> {
  return (await client.call('GET', `accounts/${segment(account)}`)) as AccountView;
}

export async function postAccount(
  client: ControlClient,
  name: string,
  id: string | undefined,
): Promise<{ account: AccountView; key: AccountKey }> {
  return (await client.call('POST', 'accounts', { json: { name, id } })) as { account: AccountView; key: AccountKey };
}

export async function patchAccount(
  client: ControlClient,
  account: string,
  change: { isSuspended?: boolean; concurrencyMax?: number; policies?: readonly unknown[] },
): Promise<AccountView> {
  return (await client.call('PATCH', `accounts/${segment(account)}`, { json: change })) as AccountView;
}

export async function postAccountKey(client: ControlClient, account: string): Promise<AccountKey> {
  return ((await client.call('POST', `accounts/${segment(account)}/keys`)) as { key: AccountKey }).key;
}

/** Answers its number. */
export async function deleteAccount(client: ControlClient, account: string): Promise<string> {
  return ((await client.call('DELETE', `accounts/${segment(account)}`)) as { removed: string }).removed;
}

export async function getAuditLog(
  client: ControlClient,
  query: {
    result: AuditEntry['result'] | undefined;
    who: string | undefined;
    operation: string | undefined;
    resource: string | undefined;
    fromMs: number | undefined;
    limit: number;
  },
): Promise<readonly AuditEntry[]> {
  const { fromMs, limit, ...same } = query;
  const answer = await client.call('GET', 'audit', {
    query: { ...same, from: fromMs?.toString(), limit: String(limit) },
  });
  return (answer as { entries: readonly AuditEntry[] }).entries;
}

export async function getAuditVerification(client: ControlClient, expected: string | undefined): Promise<ChainReport> {
  return (await client.call('GET', 'audit/verification', { query: { expected } })) as ChainReport;
}

/** `version`: undefined for what is live. */
export async function getSbom(client: ControlClient, name: string, version: string | undefined): Promise<SbomView> {
  return (await client.call('GET', `functions/${segment(name)}/sbom`, { query: { version } })) as SbomView;
}

export async function getSigners(client: ControlClient): Promise<readonly Signer[]> {
  return ((await client.call('GET', 'signers')) as { signers: readonly Signer[] }).signers;
}

/** `publicKeys`: PEM. */
export async function putSigners(client: ControlClient, publicKeys: readonly string[]): Promise<readonly Signer[]> {
  return ((await client.call('PUT', 'signers', { json: { publicKeys } })) as { signers: readonly Signer[] }).signers;
}

export async function getAdvisoryCount(client: ControlClient): Promise<number> {
  return ((await client.call('GET', 'advisories')) as { count: number }).count;
}

/** Answers how many were taken. */
export async function postAdvisories(client: ControlClient, advisories: readonly unknown[]): Promise<number> {
  return ((await client.call('POST', 'advisories', { json: { advisories } })) as { taken: number }).taken;
}

export async function deleteAdvisories(client: ControlClient): Promise<number> {
  return ((await client.call('DELETE', 'advisories')) as { removed: number }).removed;
}

export async function getFindings(client: ControlClient): Promise<Review> {
  return (await client.call('GET', 'audit/findings')) as Review;
}

export async function getDecision(
  client: ControlClient,
  query: { principal: string; action: string; resource: string | undefined } | { request: string },
): Promise<DecisionView> {
  return (await client.call('GET', 'iam/decision', { query })) as DecisionView;
}

export async function getPermissions(
  client: ControlClient,
  name: string,
  sinceMs: number | undefined,
): Promise<PermissionsView> {
  const query = { since: sinceMs?.toString() };
  return (await client.call('GET', `functions/${segment(name)}/permissions`, { query })) as PermissionsView;
}

export async function getDoctor(client: ControlClient): Promise<HostReport> {
  return (await client.call('GET', 'doctor')) as HostReport;
}

export async function getKeys(client: ControlClient): Promise<KeysView> {
  return (await client.call('GET', 'keys')) as KeysView;
}

/** Not there in `dev`, whose console needs none. */
export async function postConsoleToken(client: ControlClient): Promise<{ token: string; expiresMs: number }> {
  return (await client.call('POST', 'console-tokens', { json: {} })) as { token: string; expiresMs: number };
}

/** `newKeyFile`: absolute, on the platform's machine. */
export async function postKeyRotation(
  client: ControlClient,
  { newKeyFile, endsSessions }: { newKeyFile: string | undefined; endsSessions: boolean },
): Promise<KeysView & { resealed: Resealed }> {
  const body = { ...(newKeyFile !== undefined && { newKeyFile }), ...(endsSessions && { endSessions: true }) };
  return (await client.call('POST', 'keys/rotation', { json: body })) as KeysView & { resealed: Resealed };
}
