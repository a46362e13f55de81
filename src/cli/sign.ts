import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { loadProject } from '../manifest/load-project.ts';
import { packageProject } from '../manifest/package-project.ts';
import { signBundle } from '../resources/bundle-signers.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId, BundleHash } from '../util/ids.ts';
import { defaultLimitProfile } from '../util/limit-profiles.ts';
import { UsageError, type Command, type World } from './command.ts';
import { readSigningKey } from './signing-key.ts';

/** What `sign` prints as JSON, and `deploy --signatures` reads. */
export type Signatures = { signatures: readonly { name: string; bundle: BundleHash; signature: string }[] };

/** Bundles are the same for whichever platform they are meant: the manifest's names are what depends on these. */
const anywhere = { account: '000000000000' as AccountId, region: 'us-east-1', limits: defaultLimitProfile };

const isZip = (path: string): boolean => path.endsWith('.zip');

export const signCommand: Command = {
  usage: 'sign [PROJECT | ZIP...] --key KEY',
  description:
    'Packs the functions of a project as deploy does, or takes zip files, and signs each with a private key, without a platform. With --json the answer is what deploy --signatures takes, so that who has the key need not be the one who deploys.',
  options: {
    key: { type: 'string', value: 'KEY', description: 'The private key: PEM of Ed25519, P-256 or P-384' },
  },
  positionalsMin: 0,
  positionalsMax: 100,
  examples: ['mayfly sign --key signing.pem --json > signatures.json', 'mayfly deploy --signatures signatures.json'],
  async run(invoked) {
    const { world, positionals } = invoked;
    const keyFile = invoked.text('key');
    if (keyFile === undefined) throw new UsageError('sign needs --key KEY, the private key.', 'sign');
    const key = readSigningKey(keyFile, world.workingFolder, '--key');
    const zips = positionals.filter(isZip);
    if (zips.length > 0 && zips.length < positionals.length)
      throw new UsageError('sign takes a project or zip files, not both at once.', 'sign');
    if (zips.length === 0 && positionals.length > 1) throw new UsageError('sign takes one project.', 'sign');
    const bundles =
      zips.length > 0 ? zips.map((file) => ofZip(file, world)) : await ofProject(positionals[0] ?? '.', world);
    const signatures = bundles.map((one) => ({ ...one, signature: signBundle(one.bundle, key) }));
    const answer: Signatures = { signatures };
    invoked.answer(answer, () =>
      signatures.map(({ name, bundle, signature }) => `${name}\n  ${bundle}\n  ${signature}`).join('\n'),
    );
    return 0;
  },
};

function ofZip(file: string, { workingFolder }: World): { name: string; bundle: BundleHash } {
  try {
    const bytes = readFileSync(resolve(workingFolder, file));
    return { name: basename(file), bundle: hash('sha256', bytes) as BundleHash };
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}.`, 'sign');
  }
}

async function ofProject(path: string, world: World): Promise<{ name: string; bundle: BundleHash }[]> {
  const project = loadProject(path, { ...anywhere, workingFolder: world.workingFolder });
  const { deployment } = await packageProject(project, { clock: world.clock, progress: () => {} });
  return deployment.functions.map(({ name, settings: { bundle } }) => ({ name, bundle }));
}

/** By bundle. Errors: `invalid_argument` for what `sign --json` did not print. */
export function readSignatures(file: string, workingFolder: string): ReadonlyMap<string, string> {
  try {
    const { signatures } = JSON.parse(readFileSync(resolve(workingFolder, file), 'utf8')) as Signatures;
    return new Map(signatures.map(({ bundle, signature }) => [textOf(bundle), textOf(signature)]));
  } catch (error) {
    throw new PlatformError('invalid_argument', `--signatures ${file} is not what mayfly sign --json prints`, {
      cause: error,
    });
  }
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new Error('no text');
  return value;
}
