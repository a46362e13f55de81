/**
 * Rows that are written once and never again lie together, many under one key: to keep each for itself was a fifth of what
 * the platform did for a warm request, on two threads. Those of events that may be delivered again have their own keys,
 * so that the same attempt is one row however often it settles.
 *
 *     usage/<account>/<month>/<request id>/<attempt>          one row
 *     usage/<account>/<month>/<first request id>/together     rows, by request id
 *
 * Request ids begin with the time (UUIDs of version 7, RFC 9562), and rows lie together only if all of theirs are of the same
 * second. So who looks for one request looks at what lies under the keys of the second before it.
 */
import { scan, type Entry, type Operation, type Records } from '../store/records.ts';
import type { InvocationSettled, TelemetryEvent } from '../telemetry/telemetry.ts';
import type { AccountId } from '../util/ids.ts';
import {
  keptKey,
  keptRow,
  monthOf,
  tableKey,
  tableRow,
  usageKey,
  usagePrefix,
  usageRow,
  type UsageRow,
} from './usage-row.ts';

export const meteredKinds = ['invocation.settled', 'environments.provisioned', 'table.used'] as const;

export type Metered = Extract<TelemetryEvent, { kind: (typeof meteredKinds)[number] }>;

const kindsOfMetered: ReadonlySet<TelemetryEvent['kind']> = new Set(meteredKinds);

/** The others cost nothing. */
export const isMetered = (event: TelemetryEvent): event is Metered => kindsOfMetered.has(event.kind);

/** Some 20 KB: read as a whole, whichever of them is looked for. */
const togetherMax = 64;
/** Between the first and the last request of those that lie together. */
const spanMs = 1_000;
const hourMs = 3_600_000;
/** Sources whose callers wait: nobody else has the event, so it comes once. */
const comesOnce: ReadonlySet<string> = new Set(['http', 'url']);
/** Entries read at a time: a thousand rows at most, a few milliseconds of the event loop. */
const pageLength = 16;

/** The least request id of a millisecond. */
function leastId(timeMs: number): string {
  const hex = Math.max(0, Math.floor(timeMs)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7`;
}

/** Epoch ms; NaN for an id that does not begin with its time. */
const timeOfId = (id: string): number =>
  id[14] === '7' ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : Number.NaN;

/** What keeps all of these. Of the same events, after a refusal, it is the same. */
export function meteringOperations(events: readonly Metered[]): Operation[] {
  const operations: Operation[] = [];
  const open = new Map<string, UsageRow[]>();
  const together: { prefix: string; rows: UsageRow[] }[] = [];
  let newestMs = 0;
  let [hour, month] = [Number.NaN, ''];
  for (const { timeMs } of events) newestMs = Math.max(newestMs, timeMs);
  const [from, before] = [leastId(newestMs - spanMs), leastId(newestMs + 1)];
  for (const event of events) {
    if (event.kind === 'environments.provisioned') {
      operations.push({ kind: 'put', key: keptKey(event), value: keptRow(event) });
      continue;
    }
    if (event.kind === 'table.used') {
      operations.push({ kind: 'put', key: tableKey(event), value: tableRow(event) });
      continue;
    }
    const { requestId } = event;
    if (!settlesOnce(event) || requestId < from || requestId >= before) {
      operations.push({ kind: 'put', key: usageKey(event), value: usageRow(event) });
      continue;
    }
    const hourNow = Math.floor(event.timeMs / hourMs);
    // A date is made once, and not for every row.
    if (hourNow !== hour) [hour, month] = [hourNow, monthOf(event.timeMs)];
    const prefix = usagePrefix(event.account, month);
    let rows = open.get(prefix);
    if (rows === undefined || rows.length >= togetherMax) {
      open.set(prefix, (rows = []));
      together.push({ prefix, rows });
    }
    rows.push(usageRow(event));
  }
  for (const { prefix, rows } of together) {
    rows.sort((a, b) => (a.requestId < b.requestId ? -1 : 1));
    operations.push({ kind: 'put', key: `${prefix}${rows[0]?.requestId}/together`, value: rows });
  }
  return operations;
}

const settlesOnce = ({ source, attempt, acceptedMs, requestId }: InvocationSettled): boolean =>
  attempt === 1 && acceptedMs === undefined && comesOnce.has(source) && requestId[14] === '7';

const rowsOf = ({ value }: Entry): readonly UsageRow[] =>
  Array.isArray(value) ? (value as UsageRow[]) : [value as UsageRow];

/** All rows of a month. */
export async function* rowsOfMonth(records: Records, account: AccountId, month: string): AsyncGenerator<UsageRow> {
  for await (const entry of scan(records, usagePrefix(account, month), pageLength)) yield* rowsOf(entry);
}

/** A request's rows in a month, at most `limit`. */
export async function rowsOfRequest(
  records: Records,
  of: { account: AccountId; month: string; requestId: string; limit: number },
): Promise<UsageRow[]> {
  const { account, month, requestId, limit } = of;
  const prefix = usagePrefix(account, month);
  const own = await records.range({ prefix: `${prefix}${requestId}/`, limit });
  const found = own.flatMap(rowsOf).filter((row) => row.requestId === requestId);
  const timeMs = timeOfId(requestId);
  if (found.length > 0 || Number.isNaN(timeMs)) return found;
  let before = `${prefix}${requestId}/`;
  for (;;) {
    const from = `${prefix}${leastId(timeMs - spanMs)}`;
    const page = await records.range({ prefix, from, before, limit: pageLength, reverse: true });
    const row = page.flatMap(rowsOf).find((one) => one.requestId === requestId);
    if (row !== undefined) return [row];
    const last = page.at(-1);
    if (last === undefined || page.length < pageLength) return [];
    before = last.key;
  }
}
