import { PlatformError } from '../util/errors.ts';
import { connect } from './client.ts';
import type { HostReport, Invoked } from './command.ts';
import { getDoctor } from './control-api.ts';

/** What the machine of the platform that runs has; of this one when none does. */
export async function hostReport(invoked: Invoked): Promise<HostReport> {
  const { world } = invoked;
  try {
    await using client = await connect(world, invoked.text('data'));
    return await getDoctor(client);
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'unavailable') return world.host.inspectHost();
    throw error;
  }
}
