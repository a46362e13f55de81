import { nearest } from '../manifest/nearest.ts';
import { PlatformError } from '../util/errors.ts';
import { connect } from './client.ts';
import { dataOption, type Command } from './command.ts';
import { deleteApplication, deleteFunction, getApplications, getFunctions } from './control-api.ts';
import { changeLines } from './output/changes.ts';
import { painter } from './output/paint.ts';
import type { Change } from '../manifest/deployment.ts';

export const rmCommand: Command = {
  usage: 'rm APPLICATION|FUNCTION',
  description:
    'Removes an application with its functions, what makes them run, and its resources, or a single function. Buckets, queues and tables that hold something stay, and so do topics that others subscribed to and buses that have rules; they are named. Where an application and a function share a name, the application is meant; --function means the function.',
  options: {
    function: { type: 'boolean', description: 'The name is a function, not an application' },
    data: dataOption,
  },
  positionalsMin: 1,
  positionalsMax: 1,
  examples: ['mayfly rm my-app', 'mayfly rm hello --function'],
  async run(invoked) {
    const { world, positionals } = invoked;
    const [name = ''] = positionals;
    await using client = await connect(world, invoked.text('data'));
    const [applications, functions] = await Promise.all([getApplications(client), getFunctions(client)]);
    const isApplication = !invoked.flag('function') && applications.some(({ application }) => application === name);
    let changes: readonly Change[];
    if (isApplication) {
      changes = await deleteApplication(client, name);
    } else if (functions.some((fn) => fn.name === name)) {
      await deleteFunction(client, name);
      changes = [{ what: 'function', name, action: 'removed', detail: '' }];
    } else {
      const known = [...applications.map(({ application }) => application), ...functions.map((fn) => fn.name)];
      const near = nearest(name, known);
      const hint =
        near === undefined
          ? known.length === 0
            ? ' Nothing is deployed.'
            : ' mayfly ls lists them.'
          : ` Did you mean ${near}?`;
      throw new PlatformError('not_found', `There is no application and no function named '${name}'.${hint}`);
    }
    invoked.answer({ removed: isApplication ? 'application' : 'function', name, changes }, () => {
      const paint = painter(world.stdout, world.environment);
      return [
        `Removed ${isApplication ? 'application' : 'function'} ${paint('bold', name)}.`,
        ...(isApplication ? changeLines(changes, paint) : []),
      ].join('\n');
    });
    return 0;
  },
};
