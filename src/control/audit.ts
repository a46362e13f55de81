/** The audit log: what of the control API's own calls goes into it, and how it is read. docs/reference/audit-log.md */
import { actorOf } from '../identity/actor.ts';
import type { Principal } from '../identity/principal.ts';
import type { AuditEntry, AuditEvent } from '../resources/audit-log/audit-entry.ts';
import { PlatformError } from '../util/errors.ts';
import type { HttpRequest } from '../util/http.ts';
import { jsonResponse, numberQuery, type Call, type Endpoint } from './endpoint.ts';

const pageMax = 1_000;
const messageCharactersMax = 1_024;
const userAgentCharactersMax = 256;
/** Asked by programs all the time, and about nobody. */
const notWorthALine: ReadonlySet<string> = new Set([
  'GET /_mayfly/health',
  'GET /_mayfly/metrics',
  'GET /_mayfly/platform',
  'HEAD /_mayfly/bundles/{hash}',
]);

export type ControlCall = {
  request: Pick<HttpRequest, 'method' | 'path' | 'headers' | 'remoteAddress'>;
  principal: Principal;
  /** `POST /_mayfly/deployments`; undefined: there is nothing of that name. */
  operation: string | undefined;
  parameters: Readonly<Record<string, string>>;
  error: PlatformError | undefined;
};

/** Undefined: it is not worth a line. */
export function controlEvent(
  call: ControlCall,
  { id, timeMs }: { id: string; timeMs: number },
): AuditEvent | undefined {
  const { request, principal, operation, parameters, error } = call;
  const isDenied = error?.code === 'permission_denied' || error?.code === 'unauthenticated';
  if (operation === undefined ? !isDenied : notWorthALine.has(operation)) return undefined;
  return {
    id,
    timeMs,
    account: principal.account,
    actor: actorOf(principal),
    service: 'mayfly',
    operation: operation ?? `${request.method} unknown`,
    resources: [],
    parameters,
    from: {
      address: request.remoteAddress,
      userAgent: (request.headers['user-agent'] ?? '').slice(0, userAgentCharactersMax),
    },
    requestId: id,
    result: error === undefined ? 'ok' : isDenied ? 'denied' : 'failed',
    ...(error !== undefined && {
      error: {
        code: error.code,
        // What is said of a wrong input may repeat it.
        message: error.code === 'invalid_argument' ? '' : error.message.slice(0, messageCharactersMax),
      },
    }),
    isReadOnly: request.method === 'GET' || request.method === 'HEAD',
    isData: false,
    count: 1,
  };
}

/** Newest first; each of `operation`, `who`, `result`, `resource` narrows it. */
export const getAuditLog: Endpoint = async (context, call) => {
  const [operation, who, resource] = ['operation', 'who', 'resource'].map((name) => call.query.get(name));
  const result = resultOf(call);
  const limit = numberQuery(call, 'limit', { min: 1, max: pageMax, otherwise: 50 });
  const wanted = (entry: AuditEntry): boolean =>
    (operation === null || operation === undefined || entry.operation === operation) &&
    (who === null || who === undefined || [entry.actor.name, entry.actor.arn, entry.actor.accessKeyId].includes(who)) &&
    (result === undefined || entry.result === result) &&
    (resource === null || resource === undefined || entry.resources.some((arn) => arn.endsWith(resource)));
  const before = numberQuery(call, 'before', { min: 0, max: Number.MAX_SAFE_INTEGER, otherwise: 0 });
  const fromMs = numberQuery(call, 'from', { min: 0, max: Number.MAX_SAFE_INTEGER, otherwise: 0 });
  const found: AuditEntry[] = [];
  let next: number | undefined = before === 0 ? undefined : before;
  do {
    const page = await context.audit.page({
      account: call.account,
      limit: limit - found.length,
      fromMs,
      wanted,
      ...(next !== undefined && { before: next }),
    });
    found.push(...page.entries);
    next = page.next;
  } while (next !== undefined && found.length < limit);
  return jsonResponse({ entries: found, ...(next !== undefined && { next }) });
};

const results = ['ok', 'denied', 'failed'] as const;

function resultOf(call: Call): AuditEntry['result'] | undefined {
  const given = call.query.get('result');
  if (given === null) return undefined;
  const known = results.find((one) => one === given);
  if (known !== undefined) return known;
  throw new PlatformError('invalid_argument', `result '${given}' is none: ${results.join(', ')} are accepted`, {
    field: 'result',
  });
}

/** Whether the account's log is as it was written. `expected`: `SEQUENCE:HASH` of an entry that was kept elsewhere. */
export const getAuditVerification: Endpoint = async (context, call) => {
  const given = call.query.get('expected');
  const [, sequence, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(given ?? '') ?? [];
  if (given !== null && (sequence === undefined || hash === undefined))
    throw new PlatformError(
      'invalid_argument',
      'expected must be an entry as `mayfly audit log --verify` printed it: its number, a colon, and its hash in hex',
      { field: 'expected' },
    );
  const expected = sequence === undefined || hash === undefined ? undefined : { sequence: Number(sequence), hash };
  return jsonResponse(await context.audit.verify(call.account, expected));
};
