/** Any language: an executable `bootstrap` in the bundle that speaks the Lambda Runtime API. */
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import type { runtimeFamilies } from '../../../../util/runtime-names.ts';
import { nodeBinary, nodeInside } from '../node/node-runtime.ts';
import type { Runtime } from '../runtime.ts';
import { runtimeRoot } from '../variables.ts';
import { ProvidedConversation } from './provided-conversation.ts';

/** The version of the Runtime API. */
const version = '2018-06-01';

type ProvidedRuntimeName = (typeof runtimeFamilies)['provided'][number];

export function providedRuntime(name: ProvidedRuntimeName, projectRoot: string): Runtime {
  return {
    name,
    async find() {
      const binary = nodeBinary('nodejs26.x', projectRoot);
      try {
        await access(binary, constants.X_OK);
      } catch {
        return { missing: `its launcher needs Mayfly's own Node.js at ${binary}: run 'npm ci' in ${projectRoot}` };
      }
      return {
        version,
        from: "the function's own bootstrap",
        command: () => [nodeInside, '--disable-warning=ExperimentalWarning', `${runtimeRoot}/launcher.mjs`],
        mounts: [
          { from: binary, to: nodeInside },
          { from: join(import.meta.dirname, 'inside'), to: runtimeRoot },
        ],
      };
    },
    converse: (process, heard) => new ProvidedConversation(process, heard),
  };
}
