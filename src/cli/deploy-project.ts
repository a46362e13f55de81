/** Packs a project, sends the bundles that the platform does not have, and applies the deployment: `deploy` and `dev`. */
import { readFile } from 'node:fs/promises';
import type { Change, Deployment } from '../manifest/deployment.ts';
import { checkTypes } from '../manifest/check-types.ts';
import { ProjectError } from '../manifest/complaint.ts';
import type { LoadedProject } from '../manifest/load-project.ts';
import { loadProject } from '../manifest/load-project.ts';
import { packageProject } from '../manifest/package-project.ts';
import { refreshSchemaFile } from '../manifest/schema-file.ts';
import type { ControlClient } from './client.ts';
import { getPlatform, hasBundle, postDeployment, putBundle } from './control-api.ts';
import type { World } from './command.ts';
import type { Progress } from './output/progress.ts';
import { bytesText, count } from './output/units.ts';
import type { BundleHash } from '../util/ids.ts';
import { withWebhookSecrets } from './webhook-secrets.ts';

/** Base64; undefined: nobody has signed it. */
export type SignatureOf = (bundle: BundleHash) => string | undefined;

export type Deployed = {
  project: LoadedProject;
  application: string;
  changes: readonly Change[];
  uploaded: number;
  /** Entries of functions that are TypeScript, absolute. */
  typescript: readonly string[];
};

/** Bundles on their way at once: they come from one disk and go to another. */
const uploadsAtOnce = 4;

export async function deployProject(
  path: string,
  client: ControlClient,
  world: World,
  options: {
    planOnly: boolean;
    /** Whether TypeScript that is wrong is not deployed. */
    checksTypes: boolean;
    /** Signs the code of each function; absent: nobody does. */
    signatureOf?: SignatureOf;
    progress: Progress;
  },
): Promise<Deployed> {
  const { progress, planOnly, checksTypes, signatureOf } = options;
  const { account, region, limits } = await getPlatform(client);
  const loaded = loadProject(path, { account, region, limits, workingFolder: world.workingFolder });
  const project = withWebhookSecrets(loaded, world.environment);
  refreshSchemaFile(project);
  const { deployment, packed } = await packageProject(project, {
    clock: world.clock,
    progress: (name, done) => {
      if (done === undefined) progress.step(`packing ${name}`);
      else if (done.built) progress.step(`packed ${name}: ${count(done.files, 'file')}, ${bytesText(done.bytes)}`);
    },
  });
  const typescript = [...packed.values()].flatMap((one) => one.typescript ?? []);
  if (checksTypes && typescript.length > 0) {
    progress.step('checking types');
    const complaints = await checkTypes(project, typescript);
    if (complaints.length > 0) throw new ProjectError(complaints);
  }
  const bundles = [...new Map([...packed].map(([name, bundle]) => [bundle.hash, { name, ...bundle }])).values()];
  // Without its code the platform cannot say what a deployment would change, so a plan uploads too; a bundle alone does nothing.
  const missing = (
    await Promise.all(bundles.map(async (bundle) => ((await hasBundle(client, bundle.hash)) ? [] : [bundle])))
  ).flat();
  for (let at = 0; at < missing.length; at += uploadsAtOnce) {
    await Promise.all(
      missing.slice(at, at + uploadsAtOnce).map(async ({ name, hash, bytes, zipPath }) => {
        progress.step(`uploading ${name}, ${bytesText(bytes)}`);
        await putBundle(client, hash, await readFile(zipPath));
      }),
    );
  }
  progress.step(planOnly ? 'comparing' : 'applying');
  const { application, changes } = await postDeployment(client, signed(deployment, signatureOf), planOnly);
  return { project, application, changes, uploaded: missing.length, typescript };
}

function signed(deployment: Deployment, signatureOf: SignatureOf | undefined): Deployment {
  if (signatureOf === undefined) return deployment;
  const functions = deployment.functions.map((fn) => {
    const signature = signatureOf(fn.settings.bundle);
    return signature === undefined ? fn : { ...fn, signature };
  });
  return { ...deployment, functions };
}
