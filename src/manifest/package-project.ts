/** A project to a `Deployment` and the bundles that it needs. */
import { join } from 'node:path';
import type { Clock } from '../util/clock.ts';
import { ProjectError, type Complaint } from './complaint.ts';
import type { Deployment } from './deployment.ts';
import type { LoadedProject } from './load-project.ts';
import { ownFolder } from './own-folder.ts';
import { PackageCache } from './package/package-cache.ts';
import { packageFunction, type PackedFunction } from './package/package-function.ts';

export type PackagedProject = {
  deployment: Deployment;
  /** By function. */
  packed: ReadonlyMap<string, PackedFunction>;
};

export type PackageOptions = {
  clock: Clock;
  /** Called before each function is packed, and after. */
  progress?: (functionName: string, packed: PackedFunction | undefined) => void;
};

/** Errors: ProjectError with all complaints about all functions. */
export async function packageProject(project: LoadedProject, options: PackageOptions): Promise<PackagedProject> {
  const cache = new PackageCache(join(ownFolder(project.folder), 'cache', 'packages'));
  const complaints: Complaint[] = [];
  const packed = new Map<string, PackedFunction>();
  for (const fn of project.manifest.functions) {
    options.progress?.(fn.name, undefined);
    const result = await packageFunction(fn, {
      folder: project.folder,
      file: project.file,
      cache,
      clock: options.clock,
    });
    if (result.status === 'wrong') {
      complaints.push(...result.complaints);
      continue;
    }
    packed.set(fn.name, result.packed);
    options.progress?.(fn.name, result.packed);
  }
  if (complaints.length > 0) throw new ProjectError(complaints);
  if ([...packed.values()].some(({ built }) => built)) cache.prune(new Set(packed.keys()));
  return { deployment: deploymentOf(project, packed), packed };
}

function deploymentOf({ manifest }: LoadedProject, packed: ReadonlyMap<string, PackedFunction>): Deployment {
  return {
    application: manifest.application,
    buckets: manifest.buckets,
    queues: manifest.queues,
    topics: manifest.topics,
    buses: manifest.buses,
    tables: manifest.tables,
    functions: manifest.functions.flatMap(({ name, url, layers, provisioned, sources, settings }) => {
      const bundle = packed.get(name)?.hash;
      return bundle === undefined
        ? []
        : [
            {
              name,
              url,
              ...(layers === undefined ? {} : { layers }),
              ...(provisioned === undefined ? {} : { provisioned }),
              sources,
              settings: { ...settings, bundle },
            },
          ];
    }),
  };
}
