/**
 * The sandbox of processes: each environment is a runtime's process in namespaces and control groups of its own.
 * It knows runtimes and what to say to them; how a process is isolated is the isolation's affair.
 */
import type { RuntimeName } from '../../util/runtime-names.ts';
import type { Clock } from '../../util/clock.ts';
import { PlatformError } from '../../util/errors.ts';
import type {
  BootSpec,
  Capability,
  Environment,
  RuntimeRelease,
  RuntimeReport,
  Sandbox,
  SandboxEvents,
} from '../sandbox.ts';
import { ClassArchive, ClassArchives, worthArchiveUs } from './environment/class-archives.ts';
import { ProcessEnvironment } from './environment/process-environment.ts';
import { GreedWatch } from './environment/greed-watch.ts';
import { OutputTurns } from './environment/output-turns.ts';
import { Settler } from './environment/settler.ts';
import { attended } from './extensions/attendant.ts';
import { InsideApi } from './extensions/inside-api.ts';
import type { Isolation } from './process.ts';
import { allRuntimes } from './runtimes/all-runtimes.ts';
import { KeptReleases } from './runtimes/kept-releases.ts';
import { releaseId } from './runtimes/release-id.ts';
import { nodeBinary } from './runtimes/node/node-runtime.ts';
import type { Installed, Runtime } from './runtimes/runtime.ts';
import { archiveRoot, bootVariables } from './runtimes/variables.ts';
import { Tracer } from './templates/tracer.ts';
import { waiterInside } from './templates/waiter-file.ts';
import { whyNoTemplates } from './templates/why-no-templates.ts';

export type ProcessSandboxOptions = {
  /** `capabilities`: what it found out about this machine. */
  isolation: Isolation & { capabilities?(): Promise<Capability[]> };
  /** Default: all that Mayfly has. */
  runtimes?: readonly Runtime[];
  events: SandboxEvents;
  clock: Clock;
  /** The folder with Mayfly's own node_modules. */
  projectRoot: string;
  /** Where releases of runtimes are kept; absent: none is. */
  releasesFolder?: string;
  /** Of this sandbox alone, for what is made of versions' classes while it is open; absent: none is made. */
  archivesFolder?: string;
};

type Found = { installed: Installed; id: string } | { missing: string };

/** The isolation stays its owner's to close; the environments that are still there end with the sandbox. */
export async function openProcessSandbox(options: ProcessSandboxOptions): Promise<Sandbox> {
  const { archivesFolder } = options;
  return new ProcessSandbox(
    options,
    archivesFolder === undefined ? undefined : await ClassArchives.open(archivesFolder),
  );
}

/** Going on from an image takes some 4 ms; what V8 has compiled is sent in less. */
const worthImageUs = 15_000;

class ProcessSandbox implements Sandbox {
  readonly #options: ProcessSandboxOptions;
  readonly #runtimes: ReadonlyMap<RuntimeName, Runtime>;
  readonly #found = new Map<RuntimeName, Promise<Found>>();
  /** Ids of what was found, for answers at once. */
  readonly #current = new Map<RuntimeName, string>();
  readonly #kept: KeptReleases | undefined;
  readonly #settler = new Settler();
  readonly #turns: OutputTurns;
  readonly #insideApi = new InsideApi();
  readonly #tracer = new Tracer();
  readonly #greed: GreedWatch;
  readonly #environments = new Set<Environment>();
  readonly #archives: ClassArchives | undefined;
  #closed = false;

  constructor(options: ProcessSandboxOptions, archives: ClassArchives | undefined) {
    this.#options = options;
    this.#archives = archives;
    this.#turns = new OutputTurns(options.clock);
    this.#greed = new GreedWatch(options.clock, (isWanted) => options.isolation.setPulse(isWanted));
    const runtimes = options.runtimes ?? allRuntimes(options.projectRoot);
    this.#runtimes = new Map(runtimes.map((runtime) => [runtime.name, runtime]));
    if (options.releasesFolder !== undefined) this.#kept = new KeptReleases(options.releasesFolder);
  }

  get bootsWithoutCode(): boolean {
    return this.#options.isolation.attachesCode;
  }

  templatesRefused(name: RuntimeName): string | undefined {
    switch (this.#runtimes.get(name)?.makesTemplates) {
      case undefined:
        return `the runtime ${name} makes none`;
      case 'compiled-code':
        return undefined;
      case 'class-archive':
        return this.#archives === undefined ? 'archives of classes have no folder here' : undefined;
      case 'image':
        return this.#whyNoTemplates();
    }
  }

  templateWorthUs(name: RuntimeName): number {
    return this.#runtimes.get(name)?.makesTemplates === 'class-archive' ? worthArchiveUs : worthImageUs;
  }

  readsAhead(name: RuntimeName): boolean {
    return this.bootsWithoutCode && this.#runtimes.get(name)?.readsAhead === true;
  }

  bootsFromTemplates(name: RuntimeName): boolean {
    return this.#runtimes.get(name)?.makesTemplates === 'image' && this.#whyNoTemplates() === undefined;
  }

  #whyNoTemplates(): string | undefined {
    return this.bootsWithoutCode ? whyNoTemplates() : 'code cannot be attached to running environments here';
  }

  async start(spec: BootSpec): Promise<Environment> {
    const { clock, events, isolation } = this.#options;
    if (spec.bundlePath === undefined && !this.bootsWithoutCode) {
      throw new PlatformError(
        'invalid_argument',
        'bundlePath is missing: on this machine code must be there from the start',
      );
    }
    const runtime = this.#runtimeOf(spec.runtime);
    const found = await this.#installed(runtime, spec.release);
    await found.build?.make();
    const { projectRoot } = this.#options;
    const installed = spec.extensions?.length ? attended(found, nodeBinary('nodejs26.x', projectRoot)) : found;
    if (this.#closed) throw new PlatformError('unavailable', 'the sandbox is closed');
    // A release that was kept before there was this boots, and forgets that: it is as good, and slower.
    const mayWait =
      spec.memory !== undefined && installed === found && installed.mounts.some(({ to }) => to === waiterInside);
    const { template } = spec;
    const process = await isolation.spawn({
      id: spec.id,
      command: mayWait ? [waiterInside] : commandOf(runtime, installed, spec),
      variables: bootVariables,
      mounts:
        template instanceof ClassArchive
          ? [...installed.mounts, { from: template.folder, to: archiveRoot, passing: true }]
          : installed.mounts,
      network: spec.network,
      ephemeralMb: spec.ephemeralMb,
      ...(spec.bundlePath !== undefined && { bundlePath: spec.bundlePath }),
      ...(spec.layersPath !== undefined && { layersPath: spec.layersPath }),
      // A runtime that boots could load some of it, before anything of the function may run.
      ...(mayWait && spec.expected !== undefined && { expected: spec.expected }),
    });
    const environment = new ProcessEnvironment({
      spec,
      process,
      runtime,
      events,
      clock,
      settler: this.#settler,
      turns: this.#turns,
      insideApi: this.#insideApi,
      tracer: this.#tracer,
      greed: this.#greed,
      archives: this.#archives,
    });
    this.#environments.add(environment);
    void environment.ended.then(() => this.#environments.delete(environment));
    if (this.#closed) void environment.stop();
    await environment.booted;
    return environment;
  }

  runtimes(): Promise<RuntimeReport[]> {
    return Promise.all(
      [...this.#runtimes.values()].map(async (runtime) => {
        const found = await this.#find(runtime);
        return 'missing' in found
          ? { name: runtime.name, missing: found.missing }
          : { name: runtime.name, version: found.installed.version, from: found.installed.from };
      }),
    );
  }

  async capabilities(): Promise<Capability[]> {
    const found = (await this.#options.isolation.capabilities?.()) ?? [];
    return [...found, templatesCapability(this.#whyNoTemplates())];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#environments].map((environment) => environment.stop()));
    await this.#tracer[Symbol.asyncDispose]();
    await this.#archives?.[Symbol.asyncDispose]();
  }

  async release(name: RuntimeName, anew?: 'anew'): Promise<RuntimeRelease | { missing: string }> {
    const runtime = this.#runtimes.get(name);
    if (runtime === undefined) return { missing: 'it is not among those of this sandbox' };
    if (anew !== undefined) this.#found.delete(name);
    const found = await this.#find(runtime);
    return 'missing' in found ? found : { id: found.id, version: found.installed.version };
  }

  async keep(name: RuntimeName): Promise<boolean> {
    const found = await this.#find(this.#runtimeOf(name));
    if ('missing' in found || this.#kept === undefined) return false;
    if (this.#kept.has(name, found.id)) return true;
    // An installer may have been at it since: then what lies there is not what was found.
    const isAsFound = (await releaseId(name, found.installed)) === found.id;
    return isAsFound && this.#kept.keep(name, found.id, found.installed);
  }

  hasRelease(name: RuntimeName, id: string): boolean {
    return this.#current.get(name) === id || (this.#kept?.has(name, id) ?? false);
  }

  async keepOnly(name: RuntimeName, ids: ReadonlySet<string>): Promise<void> {
    await this.#kept?.keepOnly(name, ids);
  }

  #runtimeOf(name: RuntimeName): Runtime {
    const runtime = this.#runtimes.get(name);
    if (runtime !== undefined) return runtime;
    const known = [...this.#runtimes.keys()].join(', ');
    throw new PlatformError('unavailable', `the runtime ${name} is not among those of this sandbox: ${known}`);
  }

  /** Errors: `unavailable`, with what is missing. */
  async #installed(runtime: Runtime, release: string | undefined): Promise<Installed> {
    const found = await this.#find(runtime);
    const current = 'missing' in found ? undefined : found;
    // What runs in its own place does so as long as it is there.
    const isInPlace = release === current?.id && current?.installed.apart !== undefined;
    if (release !== undefined && !isInPlace) {
      // Before what the machine has, which an installer may be replacing at this moment.
      const kept = this.#kept?.find(runtime.name, release, current?.installed);
      if (kept !== undefined) return kept;
      if (release !== current?.id)
        throw new PlatformError(
          'unavailable',
          `the release ${release} of ${runtime.name} is no longer on this machine`,
        );
    }
    if ('missing' in found) {
      throw new PlatformError('unavailable', `the runtime ${runtime.name} is not available here: ${found.missing}`);
    }
    return found.installed;
  }

  /** Looked for once, at the first start, and again when asked to. */
  #find(runtime: Runtime): Promise<Found> {
    const known = this.#found.get(runtime.name);
    if (known !== undefined) return known;
    const finding = this.#look(runtime);
    this.#found.set(runtime.name, finding);
    return finding;
  }

  async #look(runtime: Runtime): Promise<Found> {
    const installed = await runtime.find();
    if ('missing' in installed) {
      // It may be brought while we run.
      this.#found.delete(runtime.name);
      return { missing: `${installed.missing}; run 'mayfly runtimes install ${runtime.name}'` };
    }
    const id = await releaseId(runtime.name, installed);
    this.#current.set(runtime.name, id);
    return { installed, id };
  }
}

function commandOf(
  runtime: Runtime,
  installed: Installed,
  { memoryMb, forTemplate, template }: BootSpec,
): readonly string[] {
  const records = forTemplate !== undefined && runtime.makesTemplates === 'class-archive';
  if (!records && !(template instanceof ClassArchive)) return installed.command(memoryMb);
  if (installed.withClasses === undefined)
    throw new PlatformError('unavailable', `${runtime.name} ${installed.version} makes no archives of classes`);
  return installed.withClasses(memoryMb, records ? 'record' : 'use');
}

/** As `mayfly doctor` prints it. */
function templatesCapability(why: string | undefined): Capability {
  const name = 'templates of initialised functions';
  if (why === undefined)
    return { name, status: 'ok', finding: 'Python functions are initialised once, and start from an image of that' };
  return {
    name,
    status: 'degraded',
    finding: `each environment initialises its function anew: ${why}`,
    remedy: 'run the platform as root on x86-64, in a container with --privileged',
  };
}
