/**
 * A deployment becomes what is there, in an order in which a running application never has a route to nothing:
 *
 *   remember what we are about to own → buckets and queues → functions (put, publish, move `live`) → new routes and
 *   sources → old routes and sources away → functions, queues and buckets that left the application away → forget them
 *
 * Each step can be repeated: a deployment that was cut short is finished by the next one. Two deployments of one
 * account wait for each other, because each looks at what the others own.
 */
import type { Change, Deployment } from '../manifest/deployment.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId } from '../util/ids.ts';
import { decide } from './decide.ts';
import type { ControlContext } from './endpoint.ts';
import { forgetOwned, listApplications, writeOwned } from './owned.ts';

export async function planDeployment(
  context: ControlContext,
  account: AccountId,
  deployment: Deployment,
): Promise<Change[]> {
  const { steps } = await decide(context, account, deployment);
  return steps.map(({ change }) => change);
}

export function applyDeployment(
  context: ControlContext,
  account: AccountId,
  deployment: Deployment,
): Promise<Change[]> {
  return context.inTurn(account, async () => {
    const { steps, during, after } = await decide(context, account, deployment);
    await writeOwned(context, account, during);
    const changes: Change[] = [];
    for (const { change, run } of steps) changes.push((await run?.()) ?? change);
    const isEmpty = deployment.functions.length + after.buckets.length + after.queues.length === 0;
    await (isEmpty ? forgetOwned(context, account, after.application) : writeOwned(context, account, after));
    context.telemetry.emit({
      kind: 'deployment.applied',
      timeMs: context.clock.now(),
      account,
      application: deployment.application,
      changes: changes.filter(({ action }) => action !== 'unchanged').length,
    });
    return changes;
  });
}

/** Everything of the application away, except what holds something. Errors: `not_found`. */
export async function removeApplication(
  context: ControlContext,
  account: AccountId,
  application: string,
): Promise<Change[]> {
  const known = await listApplications(context, account);
  if (!known.includes(application)) {
    const others = known.length === 0 ? 'there is none' : `there are: ${known.slice(0, 20).join(', ')}`;
    throw new PlatformError('not_found', `there is no application '${application}'; ${others}`);
  }
  return applyDeployment(context, account, { application, functions: [], buckets: [], queues: [] });
}
