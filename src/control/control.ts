/**
 * The admin API under `/_mayfly/`: what the command line, the console and other programs of administrators speak.
 * It decides nothing about how functions run and keeps nothing of its own but which application owns what. It sees a
 * request only after identity/ has said who asks, and asks his policies; a function's own credentials are refused here,
 * whatever they allow.
 * docs/reference/control-api.md describes it. Next: registry/, invoke/, resources/.
 */
import { buildRouteTable } from '../gateway/route.ts';
import { judge, requireAllowed } from '../identity/judge.ts';
import type { Principal } from '../identity/principal.ts';
import { PlatformError } from '../util/errors.ts';
import type { HttpRequest, HttpResponse } from '../util/http.ts';
import { createInTurn } from '../util/in-turn.ts';
import { deleteAccount, getAccount, listAccounts, patchAccount, postAccount, postAccountKey } from './accounts.ts';
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

/**
 * Each names the action that it takes, as policies do (`mayfly:Deploy`). `operator`: it is about the platform, and so for
 * those of the operator's own account alone.
 */
const endpoints: readonly [method: string, path: string, endpoint: Endpoint, action: string, of?: 'operator'][] = [
  ['GET', healthPath, getHealth, 'GetHealth'],
  ['GET', '/_mayfly/platform', getPlatform, 'GetPlatform'],
  ['HEAD', '/_mayfly/bundles/{hash}', headBundle, 'GetBundle'],
  ['PUT', '/_mayfly/bundles/{hash}', putBundle, 'PutBundle'],
  ['POST', '/_mayfly/deployments', postDeployment, 'Deploy'],
  ['GET', '/_mayfly/deployments', listDeployments, 'ListDeployments'],
  ['DELETE', '/_mayfly/deployments/{application}', deleteDeployment, 'DeleteDeployment'],
  ['GET', '/_mayfly/functions', listFunctions, 'ListFunctions'],
  ['GET', '/_mayfly/functions/{name}', getFunction, 'GetFunction'],
  ['DELETE', '/_mayfly/functions/{name}', deleteFunction, 'DeleteFunction'],
  ['POST', '/_mayfly/functions/{name}/invocations', postInvocation, 'Invoke'],
  ['POST', '/_mayfly/functions/{name}/rollback', rollbackFunction, 'Rollback'],
  ['GET', '/_mayfly/functions/{name}/logs', getLogs, 'GetLogs'],
  ['GET', '/_mayfly/functions/{name}/dead-letters', listDeadLetters, 'ListDeadLetters'],
  ['GET', '/_mayfly/deliveries', listDeliveries, 'ListDeliveries'],
  ['GET', '/_mayfly/deliveries/{id}', getDelivery, 'GetDelivery'],
  ['GET', '/_mayfly/dead-letters', listDeadLetterPlaces, 'ListDeadLetterPlaces'],
  ['GET', '/_mayfly/dead-letters/{place}', listLetters, 'ListDeadLetters'],
  ['GET', '/_mayfly/dead-letters/{place}/{id}', getLetter, 'GetDeadLetter'],
  ['POST', '/_mayfly/dead-letters/{place}/redrive', redriveLetters, 'RedriveDeadLetters'],
  ['DELETE', '/_mayfly/dead-letters/{place}', purgeLetters, 'PurgeDeadLetters'],
  ['GET', '/_mayfly/invocations', listInvocations, 'ListInvocations'],
  ['GET', '/_mayfly/invocations/{requestId}', getInvocation, 'GetInvocation'],
  ['GET', '/_mayfly/environments', listEnvironments, 'ListEnvironments'],
  ['GET', '/_mayfly/cold-starts', getColdStarts, 'GetColdStarts'],
  ['GET', '/_mayfly/keys', getKeys, 'GetKeys', 'operator'],
  ['POST', '/_mayfly/keys/rotation', postKeyRotation, 'RotateKeys', 'operator'],
  ['GET', '/_mayfly/audit', getAuditLog, 'GetAuditLog'],
  ['GET', '/_mayfly/audit/verification', getAuditVerification, 'GetAuditLog'],
  ['GET', '/_mayfly/bill', getBill, 'GetBill'],
  ['GET', '/_mayfly/usage', getUsage, 'GetUsage'],
  ['GET', '/_mayfly/buckets', listBuckets, 'ListBuckets'],
  ['GET', '/_mayfly/queues', listQueues, 'ListQueues'],
  ['GET', '/_mayfly/topics', listTopics, 'ListTopics'],
  ['GET', '/_mayfly/buses', listBuses, 'ListBuses'],
  ['GET', '/_mayfly/mail', listMails, 'ListMails'],
  ['GET', '/_mayfly/mail/{id}', getMail, 'GetMail'],
  ['GET', '/_mayfly/schedules', listSchedules, 'ListSchedules'],
  ['POST', '/_mayfly/queues/{name}/messages', postMessage, 'SendMessage'],
  ['GET', '/_mayfly/doctor', getDoctor, 'GetDoctor', 'operator'],
  ['GET', '/_mayfly/metrics', getMetrics, 'GetMetrics', 'operator'],
  ['POST', '/_mayfly/console-tokens', postConsoleToken, 'CreateConsoleToken'],
  ['POST', '/_mayfly/reset', postReset, 'Reset', 'operator'],
  ['GET', '/_mayfly/accounts', listAccounts, 'ListAccounts', 'operator'],
  ['POST', '/_mayfly/accounts', postAccount, 'CreateAccount', 'operator'],
  ['GET', '/_mayfly/accounts/{id}', getAccount, 'GetAccount', 'operator'],
  ['PATCH', '/_mayfly/accounts/{id}', patchAccount, 'UpdateAccount', 'operator'],
  ['DELETE', '/_mayfly/accounts/{id}', deleteAccount, 'DeleteAccount', 'operator'],
  ['POST', '/_mayfly/accounts/{id}/keys', postAccountKey, 'CreateAccountKey', 'operator'],
];

/** The answer never rejects for what the caller did; it rejects for bugs of ours. */
export type Control = (request: HttpRequest, principal: Principal) => Promise<HttpResponse>;

/** Listens to `parts.telemetry` from now on, for the recent invocations. */
export function createControl(parts: ControlParts): Control {
  const recent = new RecentInvocations();
  parts.telemetry.attach(recent);
  const context: ControlContext = { ...parts, recent, inTurn: createInTurn() };
  const methods = [...new Set(endpoints.map(([method]) => method))];
  const table = buildRouteTable(
    endpoints.map(([method, path, endpoint, action, of]) => ({
      method,
      path,
      target: { operation: `${method} ${path}`, endpoint, action, isOperators: of === 'operator' },
    })),
  );

  return async (request, principal) => {
    const match = table.match(request.method, request.path);
    const parameters = Object.fromEntries((match?.parameters ?? []).map(({ name, value }) => [name, value]));
    try {
      if (match?.target.endpoint !== getHealth) requireSomebody(principal);
      if (match === undefined) throw unknownEndpoint(request);
      if (match.target.endpoint !== getHealth) requireAction(request, principal, match.target);
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

  function requireAction(
    request: HttpRequest,
    principal: Principal,
    { action, isOperators }: { action: string; isOperators: boolean },
  ): void {
    if (isOperators && principal.account !== parts.accounts.operator) {
      throw new PlatformError(
        'permission_denied',
        `${principal.arn} may not do that: mayfly:${action} is about the platform, and for its operator's own account (${parts.accounts.operator}) alone`,
      );
    }
    const access = { action: `mayfly:${action}`, resource: '*' };
    const standing = parts.standingOf(principal);
    requireAllowed(judge(standing, access, { 'aws:sourceip': request.remoteAddress }), standing, access);
  }
}

/** Functions are refused, whatever their policies say: what a function could deploy, it could become. */
function requireSomebody(principal: Principal): void {
  if (principal.kind === 'function') {
    const message = `function '${principal.functionName}' may not use the admin API, which is for people and their tools`;
    throw new PlatformError('permission_denied', message);
  }
  if (principal.kind === 'anonymous')
    throw new PlatformError('unauthenticated', 'the admin API needs a signature: see `mayfly env`');
}
