/**
 * A deployment becomes what is there, in an order in which a running application never has a route to nothing:
 *
 *   remember what we are about to own → buckets, queues, topics, buses and tables → functions (put, publish, move `live`) → new routes and
 *   sources → old routes and sources away → functions, queues, topics, buses, tables and buckets that left the application away → forget them
 *
 * Each step can be repeated: a deployment that was cut short is finished by the next one. Two deployments of one
 * account wait for each other, because each looks at what the others own.
 */
import type { Change, Deployment } from '../manifest/deployment.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId } from '../util/ids.ts';
import { checkPrivateServices } from './check-private-services.ts';
import { checkShares } from './check-shares.ts';
import { decide, type Step } from './decide.ts';
import { withLayers } from './deployed-layers.ts';
import type { ControlContext } from './endpoint.ts';
import { forgetOwned, listApplications, writeOwned } from './owned.ts';

function check(context: ControlContext, account: AccountId, deployment: Deployment): void {
  checkShares(context.registry, account, context.accounts.concurrencyMax(account), deployment);
  checkPrivateServices(context.privateServices, deployment);
}

export async function planDeployment(
  context: ControlContext,
  account: AccountId,
  deployment: Deployment,
): Promise<Change[]> {
  check(context, account, deployment);
  const { phases } = await decide(context, account, withLayers(context.layers, account, deployment));
  return phases.flat().map(({ change }) => change);
}

/** Steps of one phase under way at once: enough that the store can put their commits together. */
const stepsAtOnce = 16;

/** Answers the changes in the order of the steps. After a failure nothing new is begun, and what is under way is awaited. */
async function runPhase(steps: readonly Step[]): Promise<Change[]> {
  const changes: Change[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < steps.length; at = next++) {
      const step = steps[at];
      if (step === undefined) return;
      try {
        changes[at] = (await step.run?.()) ?? step.change;
      } catch (error) {
        next = steps.length;
        throw error;
      }
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: stepsAtOnce }, worker));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return changes;
}

export function applyDeployment(
  context: ControlContext,
  account: AccountId,
  deployment: Deployment,
): Promise<Change[]> {
  return context.inTurn(account, async () => {
    check(context, account, deployment);
    const { phases, during, after } = await decide(context, account, withLayers(context.layers, account, deployment));
    await writeOwned(context, account, during);
    const changes: Change[] = [];
    for (const steps of phases) changes.push(...(await runPhase(steps)));
    const { application: _, ...owned } = after;
    const isEmpty = [deployment.functions, ...Object.values(owned)].flat().length === 0;
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
