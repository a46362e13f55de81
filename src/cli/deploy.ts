import { resolve } from 'node:path';
import type { SbomView } from '../control/sbom.ts';
import type { Change } from '../manifest/deployment.ts';
import { signBundle } from '../resources/bundle-signers.ts';
import { PlatformError } from '../util/errors.ts';
import { connect, type ControlClient } from './client.ts';
import { getSbom } from './control-api.ts';
import { dataOption, UsageError, type Command } from './command.ts';
import { deployProject, type Deployed, type SignatureOf } from './deploy-project.ts';
import { changeLines, changeSummary, urlLines } from './output/changes.ts';
import { adviceLines, packagesLine } from './output/packages.ts';
import { readSignatures } from './sign.ts';
import { readSigningKey } from './signing-key.ts';
import { painter } from './output/paint.ts';
import { progressOn } from './output/progress.ts';
import { milliseconds } from './output/units.ts';

export const deployCommand: Command = {
  usage: 'deploy [PROJECT] [--plan] [--no-check] [--sign KEY | --signatures FILE]',
  description:
    'Packs the functions of a project, sends what the platform does not have yet, and applies the manifest: what is new appears, what has changed moves to a new version, what has left the file is removed. TypeScript with type errors is not deployed. PROJECT is a folder with mayfly.yaml (the current one by default), or a folder or file with a single handler.',
  options: {
    plan: { type: 'boolean', description: 'Show what would change, and change nothing' },
    'no-check': { type: 'boolean', description: 'Deploy TypeScript without checking its types' },
    sign: {
      type: 'string',
      value: 'KEY',
      description: 'Sign the code with this private key (PEM), where the account asks for that',
    },
    signatures: {
      type: 'string',
      value: 'FILE',
      description: 'Signatures that were made before, by mayfly sign --json',
    },
    data: dataOption,
  },
  positionalsMin: 0,
  positionalsMax: 1,
  examples: ['mayfly deploy', 'mayfly deploy --plan', 'mayfly deploy hello.py'],
  async run(invoked) {
    const { world, positionals, json } = invoked;
    const startMs = world.clock.monotonicMs();
    const path = positionals[0] ?? '.';
    const keyFile = invoked.text('sign');
    const signaturesFile = invoked.text('signatures');
    if (keyFile !== undefined && signaturesFile !== undefined)
      throw new UsageError('deploy takes --sign or --signatures, not both.', 'deploy');
    const signatureOf = signing(keyFile, signaturesFile, world.workingFolder);
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
        ...(signatureOf !== undefined && { signatureOf }),
      });
    } finally {
      progress.end();
    }
    const made = planOnly ? [] : await madeOf(client, deployed.changes);
    const tookMs = world.clock.monotonicMs() - startMs;
    const { application, changes, uploaded } = deployed;
    invoked.answer(
      { application, plan: planOnly, changes, uploaded, tookMs: Math.round(tookMs), packages: made.map(summaryOf) },
      () => {
        const paint = painter(world.stdout, world.environment);
        const urls = planOnly ? [] : urlLines(changes, paint);
        return [
          `${paint('bold', application)}${planOnly ? ' (a plan: nothing is changed)' : ''}`,
          ...changeLines(changes, paint),
          ...(made.length === 0
            ? []
            : ['', ...made.flatMap((view) => [packagesLine(view), ...adviceLines(view, paint)])]),
          ...(urls.length === 0 ? [] : ['', ...urls]),
          '',
          `${planOnly ? 'Planned' : 'Deployed'} in ${milliseconds(tookMs)}: ${changeSummary(changes)}.`,
        ].join('\n');
      },
    );
    return 0;
  },
};

/** Undefined: nobody signs. */
function signing(
  keyFile: string | undefined,
  signaturesFile: string | undefined,
  workingFolder: string,
): SignatureOf | undefined {
  if (signaturesFile !== undefined) {
    const signatures = readSignatures(signaturesFile, workingFolder);
    return (bundle) => signatures.get(bundle);
  }
  if (keyFile === undefined) return undefined;
  const key = readSigningKey(keyFile, workingFolder, '--sign');
  return (bundle) => signBundle(bundle, key);
}

/** What published packages each function that has changed is made of; those without any are left out. */
async function madeOf(client: ControlClient, changes: readonly Change[]): Promise<SbomView[]> {
  const names = changes.flatMap(({ what, action, name }) =>
    what === 'function' && (action === 'created' || action === 'updated') ? [name] : [],
  );
  const views: SbomView[] = [];
  for (const name of names) {
    // Another deployment may have removed it since, or its code is just being unpacked again: this one is done.
    const view = await getSbom(client, name, undefined).catch((error: unknown) => {
      if (error instanceof PlatformError) return undefined;
      throw error;
    });
    if (view !== undefined && view.packages.length > 0) views.push(view);
  }
  return views;
}

const summaryOf = ({ function: name, version, packages, advice }: SbomView): object => ({
  function: name,
  version,
  packages: packages.length,
  advisories: advice.map(({ id, severity, package: { name: of, version: ofVersion } }) => ({
    id,
    severity,
    package: `${of}@${ofVersion}`,
  })),
});
