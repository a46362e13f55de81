import { nodeRuntime, nodeRuntimeNames } from './node/node-runtime.ts';
import { providedRuntime } from './provided/provided-runtime.ts';
import { pythonRuntime } from './python/python-runtime.ts';
import type { Runtime } from './runtime.ts';

/** `projectRoot`: the folder with Mayfly's own node_modules. */
export function allRuntimes(projectRoot: string): Runtime[] {
  return [
    ...nodeRuntimeNames.map((name) => nodeRuntime(name, projectRoot)),
    pythonRuntime(projectRoot),
    providedRuntime(projectRoot),
  ];
}
