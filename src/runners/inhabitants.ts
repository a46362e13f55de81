/**
 * Who lives in which environment, from its start to its end, and what it ends for. It ends environments for everybody,
 * and tells what became of them.
 */
import type { Resolved } from '../registry/registry.ts';
import type { Environment } from '../sandbox/sandbox.ts';
import type { EndReason } from '../telemetry/start-reason.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Clock } from '../util/clock.ts';
import type { EnvironmentId } from '../util/ids.ts';
import type { Runner } from './runner.ts';
import type { Past } from './start-reason.ts';
import { versionKey } from './version-key.ts';

/** `endingMs`: since when it is being ended, for `reason`; what ends without us has crashed, or could not be initialised. */
type Inhabitant = {
  resolved: Resolved;
  runner: Runner;
  environment: Environment;
  reason: EndReason;
  detail?: string;
  endingMs?: number;
};

export class Inhabitants {
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  /** There is room for another one. */
  readonly #left: () => void;
  readonly #inhabitants = new Map<EnvironmentId, Inhabitant>();
  /** Environments that are to become templates. */
  readonly #templateHomes = new Map<EnvironmentId, { resolved: Resolved; environment: Environment }>();
  readonly #ending = new Set<Promise<void>>();
  #count = 0;
  #isClosing = false;

  constructor(options: { clock: Clock; telemetry: Telemetry; left: () => void }) {
    this.#clock = options.clock;
    this.#telemetry = options.telemetry;
    this.#left = options.left;
  }

  /** Environments that are there, or about to be. */
  get count(): number {
    return this.#count;
  }

  /** One is about to be there: it counts from now on. */
  announce(): void {
    this.#count += 1;
  }

  /** What was announced does not come. */
  withdraw(): void {
    this.#count -= 1;
  }

  /** What was announced is this one. */
  settle(environment: Environment, resolved: Resolved, runner: Runner): void {
    this.#inhabitants.set(environment.id, { resolved, runner, environment, reason: 'init_failed' });
    void environment.ended.then(() => this.#ended(environment));
  }

  /** From now on, what ends by itself was not ended by its initialisation. */
  initialised({ id }: Environment): void {
    const inhabitant = this.#inhabitants.get(id);
    if (inhabitant !== undefined && inhabitant.endingMs === undefined) inhabitant.reason = 'crash';
  }

  /** The same, of one that serves nobody: it becomes a template. */
  settleTemplate(environment: Environment, resolved: Resolved): void {
    this.#templateHomes.set(environment.id, { resolved, environment });
    if (this.#isClosing) void environment.stop();
    void environment.ended.then(() => {
      this.#count -= 1;
      this.#templateHomes.delete(environment.id);
    });
  }

  of(environment: EnvironmentId): Resolved | undefined {
    return this.#inhabitants.get(environment)?.resolved ?? this.#templateHomes.get(environment)?.resolved;
  }

  get runners(): Set<Runner> {
    return new Set([...this.#inhabitants.values()].map(({ runner }) => runner));
  }

  /** Folders of code and of layers that environments have. */
  codeInUse(): ReadonlySet<string> {
    const paths = new Set<string>();
    for (const { resolved } of [...this.#inhabitants.values(), ...this.#templateHomes.values()]) {
      const { bundlePath, layersPath } = resolved;
      paths.add(bundlePath);
      if (layersPath !== undefined) paths.add(layersPath);
    }
    return paths;
  }

  /** Of the version, an environment that is being ended: it is not there any more, and not yet said to have ended. */
  endingOf(resolved: Resolved): Past | undefined {
    const key = versionKey(resolved);
    for (const { resolved: other, reason, endingMs, detail } of this.#inhabitants.values())
      if (endingMs !== undefined && versionKey(other) === key)
        return { status: 'ended', reason, endedMs: endingMs, ...(detail !== undefined && { detail }) };
    return undefined;
  }

  end(environment: Environment, reason: EndReason, detail?: string): void {
    const inhabitant = this.#inhabitants.get(environment.id);
    if (inhabitant !== undefined) {
      inhabitant.reason = reason;
      if (detail !== undefined) inhabitant.detail = detail;
      inhabitant.endingMs = this.#clock.now();
    }
    const stopping: Promise<void> = environment.stop().finally(() => this.#ending.delete(stopping));
    this.#ending.add(stopping);
  }

  /** The platform is going down. */
  async stopAll(): Promise<void> {
    this.#isClosing = true;
    const inhabitants = [...this.#inhabitants.values()];
    for (const inhabitant of inhabitants) if (inhabitant.endingMs === undefined) inhabitant.reason = 'shutdown';
    // Of templates that are being made, the initialisation may take minutes.
    const all = [...inhabitants, ...this.#templateHomes.values()];
    await Promise.all([...all.map(({ environment }) => environment.stop()), ...this.#ending]);
  }

  #ended(environment: Environment): void {
    const inhabitant = this.#inhabitants.get(environment.id);
    if (inhabitant === undefined) return;
    this.#count -= 1;
    this.#inhabitants.delete(environment.id);
    inhabitant.runner.lost(environment);
    this.#left();
    const functionName = inhabitant.resolved.version.name;
    const { reason } = inhabitant;
    this.#telemetry.emit({
      kind: 'environment.ended',
      timeMs: this.#clock.now(),
      environmentId: environment.id,
      functionName,
      reason,
      ...(inhabitant.detail === undefined ? {} : { detail: inhabitant.detail }),
    });
  }
}
