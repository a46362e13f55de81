import { runtimeFamilies } from '../../../util/runtime-names.ts';
import { javaRuntimes } from './java/java-runtime.ts';
import { nodeRuntime, nodeRuntimeNames } from './node/node-runtime.ts';
import { providedRuntime } from './provided/provided-runtime.ts';
import { pythonRuntime } from './python/python-runtime.ts';
import { rubyRuntime } from './ruby/ruby-runtime.ts';
import type { Runtime } from './runtime.ts';

/** `projectRoot`: the folder with Mayfly's own node_modules. */
export function allRuntimes(projectRoot: string): Runtime[] {
  return [
    ...nodeRuntimeNames.map((name) => nodeRuntime(name, projectRoot)),
    ...runtimeFamilies.python.map((name) => pythonRuntime(name, projectRoot)),
    ...runtimeFamilies.ruby.map(rubyRuntime),
    ...javaRuntimes(projectRoot),
    ...runtimeFamilies.provided.map((name) => providedRuntime(name, projectRoot)),
  ];
}
