/** Node.js from the npm package of its version, with our runtime (inside/) around the function's code. */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FunctionVersion } from '../../../../registry/function.ts';
import { limits } from '../../../../util/limits.ts';
import type { RuntimeName } from '../../../../util/runtime-names.ts';
import { FramedConversation, type Expected } from '../framed-conversation.ts';
import { reasonOf } from '../reason-of.ts';
import type { Installed, Missing, Runtime } from '../runtime.ts';
import { bundleRuntime } from './bundle-runtime.ts';
import { runtimeRoot } from '../variables.ts';

/** The folder of `node_modules` that holds each version. */
const packages = {
  'nodejs20.x': 'node-20',
  'nodejs22.x': 'node-22',
  'nodejs24.x': 'node-24',
  'nodejs26.x': 'node',
} as const satisfies Partial<Record<RuntimeName, string>>;

export type NodeRuntimeName = keyof typeof packages;

export const nodeRuntimeNames = Object.keys(packages) as NodeRuntimeName[];

/** Where the binary is inside. */
export const nodeInside = '/var/lang/bin/node';

/** As many quick invocations as fit a fraction of a millisecond. It gives them back whenever its event loop is free. */
const aheadMax = 16;

const versionMsMax = 10_000;

/** Node.js writes it and aborts. */
const heapUsedUp = /^FATAL ERROR: .*JavaScript heap out of memory/;

/**
 * V8 sizes its heap by the machine that it sees, and would collect too late for a small function: at 128 MB, one that
 * drops 2 MB buffers was killed. It reads these when it boots, and never again. With a quarter left for what is not
 * V8's heap, and a young generation in Lambda's proportion, such functions ran through.
 */
export function heapFlags(memoryMb: number | undefined): string[] {
  if (memoryMb === undefined) return [];
  const youngMb = Math.min(16, Math.max(6, Math.round(memoryMb * 0.05)));
  return [`--max-old-space-size=${Math.floor(memoryMb * 0.75)}`, `--max-semi-space-size=${youngMb}`];
}

export function nodeRuntime(name: NodeRuntimeName, projectRoot: string): Runtime {
  const known = new WeakMap<FunctionVersion, Expected>();
  return {
    name,
    // It came with Node.js 22.
    ...(name !== 'nodejs20.x' && { makesTemplates: 'compiled-code' }),
    readsAhead: true,
    find: () => findNode(name, projectRoot),
    converse(process, heard) {
      const booted = (): void => {
        // Says nothing: what reads the channel is compiled when it is first used, which need not be when somebody waits.
        conversation.credit(0);
        heard.booted();
      };
      const conversation = new FramedConversation(
        process,
        { ...heard, booted },
        {
          aheadMax,
          atOnceMax: limits.concurrencyPerEnvironmentMax,
          outOfMemory: heapUsedUp,
          known,
        },
      );
      return conversation;
    },
  };
}

async function findNode(name: NodeRuntimeName, projectRoot: string): Promise<Installed | Missing> {
  const binary = nodeBinary(name, projectRoot);
  try {
    await access(binary, constants.X_OK);
    const { stdout } = await promisify(execFile)(binary, ['--version'], { timeout: versionMsMax });
    // In a checkout that cannot be written to, it boots a little slower.
    const { folder, file } = await bundleRuntime(projectRoot).catch(() => ({
      folder: join(import.meta.dirname, 'inside'),
      file: 'shim.mjs',
    }));
    return {
      version: stdout.trim().replace(/^v/, ''),
      from: `npm package ${packages[name]}`,
      command: (memoryMb) => [nodeInside, ...heapFlags(memoryMb), `${runtimeRoot}/${file}`],
      mounts: [
        { from: binary, to: nodeInside },
        { from: folder, to: runtimeRoot },
      ],
    };
  } catch (error) {
    return { missing: `the npm package ${packages[name]} cannot be run (${reasonOf(error)})` };
  }
}

export function nodeBinary(name: NodeRuntimeName, projectRoot: string): string {
  return join(projectRoot, 'node_modules', packages[name], 'bin', 'node');
}
