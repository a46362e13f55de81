/**
 * The admin API under `/_mayfly/`: what the command line, the console and other programs of the administrator speak.
 * It decides nothing about how functions run and keeps nothing of its own but which application owns what. It sees a
 * request only after identity/ has said who asks; a function's own credentials are refused here, whatever they allow.
 * docs/reference/control-api.md describes it. Next: registry/, invoke/, resources/.
 */
import { buildRouteTable } from '../gateway/route.ts';
import type { Principal } from '../identity/principal.ts';
import { never } from '../util/assert.ts';
import { PlatformError } from '../util/errors.ts';
import type { HttpRequest, HttpResponse } from '../util/http.ts';
import { createInTurn } from '../util/in-turn.ts';
import { getDoctor, getHealth, getMetrics, getPlatform, postConsoleToken, postReset } from './about.ts';
import { controlEvent, getAuditLog, getAuditVerification } from './audit.ts';
import { getBill, getUsage } from './bill.ts';
import { getColdStarts } from './cold-starts.ts';
import type { ControlParts } from './control-parts.ts';
import { getLetter, listDeadLetterPlaces, listLetters, purgeLetters, redriveLetters } from './dead-letters.ts';
import { getDelivery, listDeliveries } from './deliveries.ts';
import { deleteDeployment, headBundle, listDeployments, postDeployment, putBundle } from './deployments.ts';
import { getInvocation, listEnvironments } from './explained-invocation.ts';
import { errorResponse, type ControlContext, type Endpoint } from './endpoint.ts';
import { deleteFunction, getFunction, listDeadLetters, listFunctions, rollbackFunction } from './functions.ts';
import { listInvocations, postInvocation } from './invocations.ts';
import { getKeys, postKeyRotation } from './keys.ts';
import { getLogs } from './logs.ts';
import { RecentInvocations } from './recent-invocations.ts';
import { getMail, listMails } from './mail.ts';
import { listBuckets, listBuses, listQueues, listSchedules, listTopics, postMessage } from './resources.ts';

export const controlPrefix = '/_mayfly/';

/** Answers without a principal. */
export const healthPath = '/_mayfly/health';

const endpoints: readonly [method: string, path: string, endpoint: Endpoint][] = [
  ['GET', healthPath, getHealth],
  ['GET', '/_mayfly/platform', getPlatform],
  ['HEAD', '/_mayfly/bundles/{hash}', headBundle],
  ['PUT', '/_mayfly/bundles/{hash}', putBundle],
  ['POST', '/_mayfly/deployments', postDeployment],
  ['GET', '/_mayfly/deployments', listDeployments],
  ['DELETE', '/_mayfly/deployments/{application}', deleteDeployment],
  ['GET', '/_mayfly/functions', listFunctions],
  ['GET', '/_mayfly/functions/{name}', getFunction],
  ['DELETE', '/_mayfly/functions/{name}', deleteFunction],
  ['POST', '/_mayfly/functions/{name}/invocations', postInvocation],
  ['POST', '/_mayfly/functions/{name}/rollback', rollbackFunction],
  ['GET', '/_mayfly/functions/{name}/logs', getLogs],
  ['GET', '/_mayfly/functions/{name}/dead-letters', listDeadLetters],
  ['GET', '/_mayfly/deliveries', listDeliveries],
  ['GET', '/_mayfly/deliveries/{id}', getDelivery],
  ['GET', '/_mayfly/dead-letters', listDeadLetterPlaces],
  ['GET', '/_mayfly/dead-letters/{place}', listLetters],
  ['GET', '/_mayfly/dead-letters/{place}/{id}', getLetter],
  ['POST', '/_mayfly/dead-letters/{place}/redrive', redriveLetters],
  ['DELETE', '/_mayfly/dead-letters/{place}', purgeLetters],
  ['GET', '/_mayfly/invocations', listInvocations],
  ['GET', '/_mayfly/invocations/{requestId}', getInvocation],
  ['GET', '/_mayfly/environments', listEnvironments],
  ['GET', '/_mayfly/cold-starts', getColdStarts],
  ['GET', '/_mayfly/keys', getKeys],
  ['POST', '/_mayfly/keys/rotation', postKeyRotation],
  ['GET', '/_mayfly/audit', getAuditLog],
  ['GET', '/_mayfly/audit/verification', getAuditVerification],
  ['GET', '/_mayfly/bill', getBill],
  ['GET', '/_mayfly/usage', getUsage],
  ['GET', '/_mayfly/buckets', listBuckets],
  ['GET', '/_mayfly/queues', listQueues],
  ['GET', '/_mayfly/topics', listTopics],
  ['GET', '/_mayfly/buses', listBuses],
  ['GET', '/_mayfly/mail', listMails],
  ['GET', '/_mayfly/mail/{id}', getMail],
  ['GET', '/_mayfly/schedules', listSchedules],
  ['POST', '/_mayfly/queues/{name}/messages', postMessage],
  ['GET', '/_mayfly/doctor', getDoctor],
  ['GET', '/_mayfly/metrics', getMetrics],
  ['POST', '/_mayfly/console-tokens', postConsoleToken],
  ['POST', '/_mayfly/reset', postReset],
];

function refusePrincipal(principal: Principal): PlatformError | undefined {
  switch (principal.kind) {
    case 'administrator':
      return undefined;
    case 'function':
      return new PlatformError(
        'permission_denied',
        `function '${principal.functionName}' may not use the admin API: it is the administrator's alone`,
      );
    case 'user':
    case 'role':
    case 'federated':
      return new PlatformError(
        'permission_denied',
        `${principal.arn} may not use the admin API: it is the administrator's alone`,
      );
    case 'anonymous':
      return new PlatformError('unauthenticated', 'the admin API needs a signature: see `mayfly env`');
    default:
      return never(principal);
  }
}

/** The answer never rejects for what the caller did; it rejects for bugs of ours. */
export type Control = (request: HttpRequest, principal: Principal) => Promise<HttpResponse>;

/** Listens to `parts.telemetry` from now on, for the recent invocations. */
export function createControl(parts: ControlParts): Control {
  const recent = new RecentInvocations();
  parts.telemetry.attach(recent);
  const context: ControlContext = { ...parts, recent, inTurn: createInTurn() };
  const methods = [...new Set(endpoints.map(([method]) => method))];
  const table = buildRouteTable(
    endpoints.map(([method, path, endpoint]) => ({
      method,
      path,
      target: { operation: `${method} ${path}`, endpoint },
    })),
  );

  return async (request, principal) => {
    const match = table.match(request.method, request.path);
    const parameters = Object.fromEntries((match?.parameters ?? []).map(({ name, value }) => [name, value]));
    try {
      const refusal = match?.target.endpoint === getHealth ? undefined : refusePrincipal(principal);
      if (refusal !== undefined) throw refusal;
      if (match === undefined) throw unknownEndpoint(request);
      const response = await match.target.endpoint(context, {
        request,
        account: principal.account,
        parameters,
        query: new URLSearchParams(request.query),
      });
      await tell(undefined);
      return response;
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      await tell(error);
      return errorResponse(error);
    }

    async function tell(error: PlatformError | undefined): Promise<void> {
      const [id, timeMs] = [parts.ids.uuid(), parts.clock.now()];
      const event = controlEvent(
        { request, principal, operation: match?.target.operation, parameters, error },
        { id, timeMs },
      );
      if (event === undefined) return;
      const written = parts.audit.append(event);
      // What was done is in the log before the caller hears of it; what only looked need not wait for the disk.
      if (event.result === 'denied' || !event.isReadOnly) await written;
    }
  };

  function unknownEndpoint(request: HttpRequest): PlatformError {
    const others = methods.filter((method) => table.match(method, request.path) !== undefined);
    const hint = others.length === 0 ? '' : `; accepted there: ${others.join(', ')}`;
    return new PlatformError('not_found', `the admin API has no ${request.method} ${request.path}${hint}`);
  }
}
