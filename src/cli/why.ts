import { PlatformError } from '../util/errors.ts';
import { connect } from './client.ts';
import { dataOption, type Command } from './command.ts';
import { getEnvironments, getInvocation } from './control-api.ts';
import { explanationLines } from './output/explanation.ts';
import { painter } from './output/paint.ts';

const widthDefault = 100;

export const whyCommand: Command = {
  usage: 'why [REQUEST_ID] [--function NAME]',
  description:
    'Explains a call: where its time went, from its first byte in to its answer, why no warm environment was there for it, what could be done about that, and what became of the environment. Of any call that has settled, also of asynchronous ones and from before a restart; the end of the id, as mayfly logs shows it, will do for the last thousand. Without an id: of the last call that waited for an environment.',
  options: {
    function: { type: 'string', value: 'NAME', description: 'Without an id: the last one of this function' },
    data: dataOption,
  },
  positionalsMin: 0,
  positionalsMax: 1,
  examples: ['mayfly why', 'mayfly why --function hello', 'mayfly why 7c2e4f0a --json'],
  async run(invoked) {
    const { world, positionals } = invoked;
    await using client = await connect(world, invoked.text('data'));
    const functionName = invoked.text('function');
    const requestId = positionals[0] ?? (await lastThatWaited());
    const explained = await getInvocation(client, requestId);
    invoked.answer(explained, () =>
      explanationLines(explained, {
        paint: painter(world.stdout, world.environment),
        width: world.stdout.width ?? widthDefault,
        nowMs: world.clock.now(),
      }).join('\n'),
    );
    return 0;

    async function lastThatWaited(): Promise<string> {
      // The very last may still be under way.
      const environments = await getEnvironments(client, { functionName, limit: 10 });
      const first = environments.find((environment) => environment.first !== undefined)?.first;
      if (first !== undefined) return first.requestId;
      const whose = functionName === undefined ? 'No call' : `No call of '${functionName}'`;
      throw new PlatformError('not_found', `${whose} has waited for an environment yet, as far as is known.`);
    }
  },
};
