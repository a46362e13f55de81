import { nodeRuntime, nodeRuntimeNames } from './node/node-runtime.ts';
import type { Runtime } from './runtime.ts';

/** `projectRoot`: the folder with Mayfly's own node_modules. */
export function allRuntimes(projectRoot: string): Runtime[] {
  return [...nodeRuntimeNames.map((name) => nodeRuntime(name, projectRoot))];
}
