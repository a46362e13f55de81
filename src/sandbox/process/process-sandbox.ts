/**
 * The sandbox of processes: each environment is a runtime's process in namespaces and control groups of its own.
 * It knows runtimes and what to say to them; how a process is isolated is the isolation's affair.
 */
import type { RuntimeName } from '../../registry/function.ts';
import type { Clock } from '../../util/clock.ts';
import { PlatformError } from '../../util/errors.ts';
import type { BootSpec, Capability, Environment, Sandbox, SandboxEvents } from '../sandbox.ts';
import { ProcessEnvironment } from './environment/process-environment.ts';
import { Settler } from './environment/settler.ts';
import { attended } from './extensions/attendant.ts';
import { InsideApi } from './extensions/inside-api.ts';
import type { Isolation } from './process.ts';
import { allRuntimes } from './runtimes/all-runtimes.ts';
import { nodeBinary } from './runtimes/node/node-runtime.ts';
import type { Installed, Runtime } from './runtimes/runtime.ts';
import { bootVariables } from './runtimes/variables.ts';

export type ProcessSandboxOptions = {
  /** `capabilities`: what it found out about this machine. */
  isolation: Isolation & { capabilities?(): Promise<Capability[]> };
  /** Default: all that Mayfly has. */
  runtimes?: readonly Runtime[];
  events: SandboxEvents;
  clock: Clock;
  /** The folder with Mayfly's own node_modules. */
  projectRoot: string;
};

/** The isolation stays its owner's to close; the environments that are still there end with the sandbox. */
export function openProcessSandbox(options: ProcessSandboxOptions): Promise<Sandbox> {
  return Promise.resolve(new ProcessSandbox(options));
}

class ProcessSandbox implements Sandbox {
  readonly #options: ProcessSandboxOptions;
  readonly #runtimes: ReadonlyMap<RuntimeName, Runtime>;
  readonly #found = new Map<RuntimeName, Promise<Installed | { missing: string }>>();
  readonly #settler = new Settler();
  readonly #insideApi = new InsideApi();
  readonly #environments = new Set<Environment>();
  #closed = false;

  constructor(options: ProcessSandboxOptions) {
    this.#options = options;
    const runtimes = options.runtimes ?? allRuntimes(options.projectRoot);
    this.#runtimes = new Map(runtimes.map((runtime) => [runtime.name, runtime]));
  }

  get bootsWithoutCode(): boolean {
    return this.#options.isolation.attachesCode;
  }

  async start(spec: BootSpec): Promise<Environment> {
    const { clock, events, isolation } = this.#options;
    if (spec.bundlePath === undefined && !this.bootsWithoutCode) {
      throw new PlatformError(
        'invalid_argument',
        'bundlePath is missing: on this machine code must be there from the start',
      );
    }
    const runtime = this.#runtimes.get(spec.runtime);
    if (runtime === undefined) {
      const known = [...this.#runtimes.keys()].join(', ');
      throw new PlatformError(
        'unavailable',
        `the runtime ${spec.runtime} is not among those of this sandbox: ${known}`,
      );
    }
    const found = await this.#find(runtime);
    if ('missing' in found) {
      throw new PlatformError('unavailable', `the runtime ${spec.runtime} is not available here: ${found.missing}`);
    }
    if (this.#closed) throw new PlatformError('unavailable', 'the sandbox is closed');
    const { projectRoot } = this.#options;
    const installed = spec.extensions?.length ? attended(found, nodeBinary('nodejs26.x', projectRoot)) : found;
    const process = await isolation.spawn({
      id: spec.id,
      command: installed.command(spec.memoryMb),
      variables: bootVariables,
      mounts: installed.mounts,
      network: spec.network,
      ephemeralMb: spec.ephemeralMb,
      ...(spec.bundlePath !== undefined && { bundlePath: spec.bundlePath }),
      ...(spec.layersPath !== undefined && { layersPath: spec.layersPath }),
    });
    const environment = new ProcessEnvironment({
      spec,
      process,
      runtime,
      events,
      clock,
      settler: this.#settler,
      insideApi: this.#insideApi,
    });
    this.#environments.add(environment);
    void environment.ended.then(() => this.#environments.delete(environment));
    if (this.#closed) void environment.stop();
    await environment.booted;
    return environment;
  }

  runtimes(): Promise<{ name: RuntimeName; version?: string; missing?: string }[]> {
    return Promise.all(
      [...this.#runtimes.values()].map(async (runtime) => {
        const found = await this.#find(runtime);
        return 'missing' in found
          ? { name: runtime.name, missing: found.missing }
          : { name: runtime.name, version: found.version };
      }),
    );
  }

  async capabilities(): Promise<Capability[]> {
    return (await this.#options.isolation.capabilities?.()) ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#environments].map((environment) => environment.stop()));
  }

  /** Looked for once, at the first start. */
  #find(runtime: Runtime): Promise<Installed | { missing: string }> {
    const known = this.#found.get(runtime.name);
    if (known !== undefined) return known;
    const finding = runtime.find();
    this.#found.set(runtime.name, finding);
    return finding;
  }
}
