import { PlatformError } from '../util/errors.ts';
import { connect } from './client.ts';
import type { HostReport, Invoked, World } from './command.ts';
import { getDoctor } from './control-api.ts';
import { stopSignal } from './stop-signal.ts';

/** What the machine of the platform that runs has; of this one when none does. */
export async function hostReport(invoked: Invoked): Promise<HostReport> {
  const { world } = invoked;
  try {
    await using client = await connect(world, invoked.text('data'));
    return await getDoctor(client);
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'unavailable') return inspect(world);
    throw error;
  }
}

/** Ends in good order when it is asked to stop: it has made folders, and groups of processes. */
async function inspect(world: World): Promise<HostReport> {
  const stop = stopSignal(world);
  try {
    return await world.host.inspectHost(stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    throw new PlatformError('unavailable', 'stopped before all of this machine was looked at', { cause: error });
  } finally {
    stop.remove();
  }
}
