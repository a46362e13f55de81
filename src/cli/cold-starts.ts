import { connect } from './client.ts';
import { dataOption, type Command } from './command.ts';
import { getColdStarts } from './control-api.ts';
import { coldStartLines } from './output/cold-starts.ts';
import { painter } from './output/paint.ts';
import { sinceOption, timeSince } from './time-since.ts';

export const coldStartsCommand: Command = {
  usage: 'cold-starts [FUNCTION] [--since 24h]',
  description:
    'Shows how many calls waited for an environment: of each function, and by runtime and package size, with their share, the reasons, and how long each phase took (half of them stayed within the first figure, 99 of a hundred within the second). The last 24 hours by default, at most 35 days. Counted in slots of ten minutes, and of an hour beyond the last two: the first line says since when.',
  options: { since: sinceOption, data: dataOption },
  positionalsMin: 0,
  positionalsMax: 1,
  examples: ['mayfly cold-starts', 'mayfly cold-starts hello --since 7d', 'mayfly cold-starts --since 1h --json'],
  async run(invoked) {
    const { world, positionals } = invoked;
    const since = invoked.text('since');
    const sinceMs = since === undefined ? undefined : timeSince(since, world.clock.now(), 'cold-starts');
    await using client = await connect(world, invoked.text('data'));
    const view = await getColdStarts(client, { functionName: positionals[0], sinceMs });
    invoked.answer(view, () => {
      const paint = painter(world.stdout, world.environment);
      return coldStartLines(view, paint, world.stdout.width).join('\n');
    });
    return 0;
  },
};
