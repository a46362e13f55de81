import { connect } from './client.ts';
import { dataOption, type Command } from './command.ts';
import { getSbom } from './control-api.ts';
import { packagesText } from './output/packages.ts';
import { painter } from './output/paint.ts';

export const sbomCommand: Command = {
  usage: 'sbom FUNCTION [--version N]',
  description:
    'Lists the published packages that a function is made of, layers included, and the advisories about them that the platform knows. With --json it is a bill of materials in CycloneDX 1.6.',
  options: {
    version: { type: 'string', value: 'N', description: 'Of this version or alias, instead of what is live' },
    data: dataOption,
  },
  positionalsMin: 1,
  positionalsMax: 1,
  examples: ['mayfly sbom hello', 'mayfly sbom hello --version 3 --json > bom.json'],
  async run(invoked) {
    const { world } = invoked;
    await using client = await connect(world, invoked.text('data'));
    const view = await getSbom(client, invoked.positionals[0] ?? '', invoked.text('version'));
    invoked.answer(view.sbom, () => packagesText(view, painter(world.stdout, world.environment)));
    return 0;
  },
};
