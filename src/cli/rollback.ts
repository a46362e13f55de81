import { connect } from './client.ts';
import { dataOption, type Command } from './command.ts';
import { postRollback } from './control-api.ts';
import { painter } from './output/paint.ts';

export const rollbackCommand: Command = {
  usage: 'rollback FUNCTION',
  description:
    'Puts a function back to the version that was live before, at once: calls that have begun finish on the old version, later ones get the other. Again goes back one further. The next deployment goes forward from the project as ever.',
  options: { data: dataOption },
  positionalsMin: 1,
  positionalsMax: 1,
  examples: ['mayfly rollback hello'],
  async run(invoked) {
    const { world, positionals } = invoked;
    const [name = ''] = positionals;
    await using client = await connect(world, invoked.text('data'));
    const { from, to } = await postRollback(client, name);
    invoked.answer({ function: name, from, to }, () => {
      const paint = painter(world.stdout, world.environment);
      return `${paint('bold', name)}: version ${from} → ${paint('green', to)}`;
    });
    return 0;
  },
};
