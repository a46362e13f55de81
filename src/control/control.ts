/**
 * The admin API under `/_mayfly/`: what the command line, the console and other programs of administrators speak.
 * It decides nothing about how functions run and keeps nothing of its own but which application owns what. It sees a
 * request only after identity/ has said who asks, and asks his policies; a function's own credentials are refused here,
 * whatever they allow.
 * docs/reference/control-api.md describes it. Next: registry/, invoke/, resources/.
 */
import { buildRouteTable } from '../gateway/route.ts';
import type { Principal } from '../identity/principal.ts';
import { PlatformError } from '../util/errors.ts';
import type { HttpRequest, HttpResponse } from '../util/http.ts';
import { createInTurn } from '../util/in-turn.ts';
import { controlEvent } from './audit.ts';
import type { ControlParts } from './control-parts.ts';
import { errorResponse, type ControlContext } from './endpoint.ts';
import { createEarlierInvocations } from './earlier-invocations.ts';
import { RecentInvocations } from './recent-invocations.ts';
import { endpoints, healthPath } from './endpoints.ts';
import { requireAction, requireSomebody } from './permission.ts';

export const controlPrefix = '/_mayfly/';

/** The answer never rejects for what the caller did; it rejects for bugs of ours. */
export type Control = (request: HttpRequest, principal: Principal) => Promise<HttpResponse>;

/** Listens to `parts.telemetry` from now on, for the recent invocations. */
export function createControl(parts: ControlParts): Control {
  const recent = new RecentInvocations();
  parts.telemetry.attach(recent);
  const context: ControlContext = {
    ...parts,
    recent,
    earlier: createEarlierInvocations(parts),
    inTurn: createInTurn(),
  };
  const methods = [...new Set(endpoints.map(([method]) => method))];
  const table = buildRouteTable(
    endpoints.map(([method, path, endpoint, action, of]) => ({
      method,
      path,
      target: { operation: `${method} ${path}`, path, endpoint, action, isOperators: of === 'operator' },
    })),
  );

  return async (request, principal) => {
    const match = table.match(request.method, request.path);
    const parameters = Object.fromEntries((match?.parameters ?? []).map(({ name, value }) => [name, value]));
    try {
      const isHealth = match?.target.path === healthPath;
      if (!isHealth) requireSomebody(principal);
      if (match === undefined) throw unknownEndpoint(request);
      if (!isHealth)
        requireAction(match.target, parts.standingOf(principal), request.remoteAddress, parts.accounts.operator);
      const response = await match.target.endpoint(context, {
        request,
        principal,
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
      await parts.audit.record(event);
    }
  };

  function unknownEndpoint(request: HttpRequest): PlatformError {
    const others = methods.filter((method) => table.match(method, request.path) !== undefined);
    const hint = others.length === 0 ? '' : `; accepted there: ${others.join(', ')}`;
    return new PlatformError('not_found', `the admin API has no ${request.method} ${request.path}${hint}`);
  }
}
