import { resolve } from 'node:path';
import { connect } from './client.ts';
import { dataOption, type Command } from './command.ts';
import { deployProject, type Deployed } from './deploy-project.ts';
import { changeLines, changeSummary, urlLines } from './output/changes.ts';
import { painter } from './output/paint.ts';
import { progressOn } from './output/progress.ts';
import { milliseconds } from './output/units.ts';

export const deployCommand: Command = {
  usage: 'deploy [PROJECT] [--plan] [--no-check]',
  description:
    'Packs the functions of a project, sends what the platform does not have yet, and applies the manifest: what is new appears, what has changed moves to a new version, what has left the file is removed. TypeScript with type errors is not deployed. PROJECT is a folder with mayfly.yaml (the current one by default), or a folder or file with a single handler.',
  options: {
    plan: { type: 'boolean', description: 'Show what would change, and change nothing' },
    'no-check': { type: 'boolean', description: 'Deploy TypeScript without checking its types' },
    data: dataOption,
  },
  positionalsMin: 0,
  positionalsMax: 1,
  examples: ['mayfly deploy', 'mayfly deploy --plan', 'mayfly deploy hello.py'],
  async run(invoked) {
    const { world, positionals, json } = invoked;
    const startMs = world.clock.monotonicMs();
    const path = positionals[0] ?? '.';
    // A project that `dev` runs has its platform in itself.
    await using client = await connect(world, invoked.text('data'), resolve(world.workingFolder, path));
    const progress = progressOn(world, json);
    const planOnly = invoked.flag('plan');
    let deployed: Deployed;
    try {
      deployed = await deployProject(path, client, world, {
        planOnly,
        progress,
        checksTypes: !invoked.flag('no-check'),
      });
    } finally {
      progress.end();
    }
    const tookMs = world.clock.monotonicMs() - startMs;
    const { application, changes, uploaded } = deployed;
    invoked.answer({ application, plan: planOnly, changes, uploaded, tookMs: Math.round(tookMs) }, () => {
      const paint = painter(world.stdout, world.environment);
      const urls = planOnly ? [] : urlLines(changes, paint);
      return [
        `${paint('bold', application)}${planOnly ? ' (a plan: nothing is changed)' : ''}`,
        ...changeLines(changes, paint),
        ...(urls.length === 0 ? [] : ['', ...urls]),
        '',
        `${planOnly ? 'Planned' : 'Deployed'} in ${milliseconds(tookMs)}: ${changeSummary(changes)}.`,
      ].join('\n');
    });
    return 0;
  },
};
