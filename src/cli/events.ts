import { connect } from './client.ts';
import { dataOption, UsageError, type Command } from './command.ts';
import { getDeliveries, getDeliveryStory } from './control-api.ts';
import { deliveriesText, storyLines } from './output/deliveries.ts';
import { painter } from './output/paint.ts';

const limitMax = 1_000;

export const eventsCommand: Command = {
  usage: 'events ls [--function NAME] [--source KIND] [--outcome WORD] [--limit N] | events show ID',
  description:
    'Shows what became of events: ls the latest deliveries, show one from its source to its outcome, with what it was handed on as, every attempt, the waits between, and where it ended. The id is that of a request, of a message of a topic or queue, of an event of a bus, or of a change of an object. Kept for seven days, at most 20,000 of a day that went well and as many that did not.',
  options: {
    function: { type: 'string', value: 'NAME', description: 'ls: of this function' },
    source: {
      type: 'string',
      value: 'KIND',
      description: 'ls: from there: api, bucket, queue, schedule, topic, rule, bus, destination, redrive',
    },
    outcome: {
      type: 'string',
      value: 'WORD',
      description: "ls: succeeded, dead, dropped, back, 'handed on' or 'under way'",
    },
    limit: { type: 'string', value: 'N', description: 'ls: the newest so many; 50 by default' },
    data: dataOption,
  },
  positionalsMin: 1,
  positionalsMax: 2,
  examples: ['mayfly events ls --outcome dead', 'mayfly events show 7c2e4f0a-0000-7000-8000-000000000000'],
  async run(invoked) {
    const { world } = invoked;
    const [what = '', id] = invoked.positionals;
    const paint = painter(world.stdout, world.environment);
    const nowMs = world.clock.now();
    if (what === 'show' && id !== undefined) {
      await using client = await connect(world, invoked.text('data'));
      const story = await getDeliveryStory(client, id);
      invoked.answer(story, () => storyLines(story.deliveries, id, paint).join('\n'));
      return 0;
    }
    if (what !== 'ls' || id !== undefined)
      throw new UsageError(
        `events ${invoked.positionals.join(' ')} is not known; events ls and events show ID are.`,
        'events',
      );
    const asked = invoked.text('limit') ?? '50';
    const limit = /^[0-9]{1,4}$/.test(asked) ? Number(asked) : 0;
    if (limit < 1 || limit > limitMax)
      throw new UsageError(`--limit is '${asked}'; a whole number from 1 to ${limitMax} is accepted.`, 'events');
    await using client = await connect(world, invoked.text('data'));
    const deliveries = await getDeliveries(client, {
      function: invoked.text('function'),
      source: invoked.text('source'),
      outcome: invoked.text('outcome'),
      limit: String(limit),
    });
    invoked.answer({ deliveries }, () => deliveriesText(deliveries, paint, nowMs));
    return 0;
  },
};
