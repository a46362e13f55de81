import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../../util/clock.ts';
import { assert } from '../../../util/assert.ts';
import { PlatformError, messageOf } from '../../../util/errors.ts';
import type { PrivateService } from '../../../util/network-access.ts';
import { Turns } from '../../../util/turns.ts';
import type { Code, Isolation, IsolatedProcess, ProcessSpec } from '../process.ts';
import type { Child, Children } from './children.ts';
import { ControlGroup, type ControlGroupLayout } from './control-groups.ts';
import { eventually } from './eventually.ts';
import type { Way } from './find-way.ts';
import type { Ground } from './ground.ts';
import { environmentsMax } from './instance.ts';
import type { Libc } from './libc.ts';
import { bubblewrapArguments, commandLine, launcherArguments, launchScript } from './launch.ts';
import { becomeBlock, enterBlock, isShort } from './launcher-program.ts';
import { Launchers, type Launcher } from './launchers.ts';
import type { NetworkNamespace, NetworkNamespaces } from './network-namespaces.ts';
import { narrowAccess } from './narrow-access.ts';
import { NumberPool } from './number-pool.ts';
import { Pulse } from './pulse.ts';
import { limitedCommand, limitProcesses } from './single-process-limits.ts';
import { SpawnedProcess } from './spawned-process.ts';

/**
 * Until a function's own limits are known: memory that every runtime boots within, and the number of processes that
 * Lambda allows. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const bootLimits = { memoryMb: 1_536, processes: 1_024 } as const;
/** Launchers kept ready: for the calls that come at once, without a thing of many kilobytes for each that could. */
const launchersReadyMax = 4;
/** Empty sandboxes kept ready of each kind, and kinds: those used last. Each is three small processes, some 1.5 MB. */
const sandboxesReadyMax = 4;
const kindsMax = 4;
/** Tries, at most 50 ms apart, at freeing what a dead process held: some ten seconds. */
const freeAttemptsMax = 200;

export type Parts = {
  clock: Clock;
  /** Closed with this. */
  children: Children;
  bubblewrap: string;
  filterFile: string;
  ground: Ground;
  groups: { layout: ControlGroupLayout; prefix: string } | undefined;
  libc: Libc;
  /** Used where there are no groups: the program's path, if there is one. */
  prlimit: string | undefined;
  /** What environments begin with where code can be attached; undefined: a shell. */
  launcher: Buffer | undefined;
  /** Undefined: no environment has a network. */
  network: NetworkNamespaces | undefined;
  /** What functions may be attached to. */
  privateServices: readonly PrivateService[];
  log: (message: string) => void;
};

/** What must be known to make a sandbox. `code`: given when it must be there from the start. */
type Kind = Pick<ProcessSpec, 'variables' | 'network' | 'ephemeralMb' | 'bundlePath' | 'layersPath' | 'expected'> & {
  mounts: readonly { from: string; to: string }[];
};

/** One environment's share: all of it is named by, or chosen by, its number. */
type Share = {
  number: number;
  group: ControlGroup | undefined;
  namespace: NetworkNamespace | undefined;
  /** Whether it is made by our own program, and not by a shell. */
  isOurs: boolean;
  /** What is there already of what is to be attached. */
  code?: Code;
};

export class ProcessIsolation implements Isolation {
  readonly attachesCode: boolean;
  readonly #parts: Parts;
  readonly #numbers = new NumberPool(environmentsMax);
  readonly #processes = new Set<SpawnedProcess>();
  /** In their control groups. */
  readonly #launchers: Launchers<Share>;
  /** In empty sandboxes, by kind: the one used last is last. */
  readonly #sandboxes = new Map<string, Launchers<Share>>();
  readonly #closing = new Set<Promise<void>>();
  /** Control groups are made and left, and what was mounted is unmounted. */
  readonly #starts = new Turns();
  readonly #ends = new Turns();
  readonly #starting = new Set<Promise<SpawnedProcess>>();
  readonly #pulse: Pulse;
  /** Our own program, if it can be for this machine. */
  readonly #program: string | undefined;
  /** What environments begin with; undefined: a shell. */
  #launcherFile: string | undefined;
  #closed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#launchers = new Launchers({
      clock: parts.clock,
      // Without control groups there is nothing that takes its time.
      readyMax: parts.groups === undefined ? 0 : launchersReadyMax,
      make: () => this.#makeLauncher(),
      discard: (launcher) => this.#discard(launcher),
      log: parts.log,
    });
    this.attachesCode = parts.ground.attachesCode;
    const { children, libc, ground, log } = parts;
    this.#pulse = new Pulse({ children, libc, folder: ground.folder, log });
    if (!this.attachesCode || parts.launcher === undefined) return;
    this.#program = join(ground.folder, 'launcher');
    writeFileSync(this.#program, parts.launcher, { mode: 0o700 });
    this.#launcherFile = this.#program;
  }

  get hasProgram(): boolean {
    return this.#program !== undefined;
  }

  /** With our own program, if there is one, or with a shell; as the ground says from now on. What is ready may be otherwise, and is given up. */
  async beginAnew({ withProgram }: Pick<Way, 'withProgram'>): Promise<void> {
    this.#launcherFile = withProgram ? this.#program : undefined;
    const sandboxes = [...this.#sandboxes.values()];
    this.#sandboxes.clear();
    // First: those that are being made take launchers.
    await Promise.all(sandboxes.map((launchers) => launchers.close()));
    await this.#launchers.empty();
  }

  spawn(spec: ProcessSpec): Promise<IsolatedProcess> {
    const starting = this.#start(spec);
    this.#starting.add(starting);
    const forget = (): void => void this.#starting.delete(starting);
    starting.then(forget, forget);
    return starting;
  }

  setPulse(isWanted: boolean): void {
    this.#pulse.set(isWanted);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#pulse[Symbol.asyncDispose]();
    await Promise.allSettled(this.#starting);
    await Promise.all([...this.#sandboxes.values()].map((launchers) => launchers.close()));
    await Promise.all(this.#closing);
    await this.#launchers.close();
    const processes = [...this.#processes];
    for (const process of processes) process.kill();
    await Promise.all(processes.map((process) => process.ended));
    await this.#parts.network?.[Symbol.asyncDispose]();
    this.#parts.ground.close();
    this.#parts.children[Symbol.dispose]();
  }

  async #start(spec: ProcessSpec): Promise<SpawnedProcess> {
    this.#refuseIfClosed();
    const { prlimit } = this.#parts;
    try {
      const isLimitedApart = this.#parts.groups === undefined && prlimit !== undefined;
      const command = isLimitedApart ? limitedCommand(prlimit, spec.command) : spec.command;
      const { child, share } = await this.#sandboxFor(spec, command);
      // Where there is no second shell nobody reads this.
      child.stdin.end(commandLine(command));
      return this.#watch(child, share);
    } catch (error) {
      throw asUnavailable(error, `could not start environment ${spec.id}`);
    }
  }

  /** One that is ready, with a shell in it that waits for its command; or a new one, with the command in it. */
  #sandboxFor(
    { variables, network, ephemeralMb, bundlePath, layersPath, expected, ...spec }: ProcessSpec,
    command: readonly string[],
  ): Launcher<Share> | Promise<Launcher<Share>> {
    const { ground } = this.#parts;
    // Where they come from is part of the kind: when the host has another file at a path, they come from another place.
    const mounts = spec.mounts.map((mount) => ({ from: ground.source(mount), to: mount.to }));
    const kind = { variables, network, ephemeralMb, mounts };
    if (bundlePath !== undefined)
      return this.#makeSandbox({ ...kind, bundlePath, ...(layersPath !== undefined && { layersPath }) }, command);
    const key = JSON.stringify(kind);
    const launchers = this.#sandboxes.get(key) ?? this.#sandboxesOf(kind);
    this.#sandboxes.delete(key);
    this.#sandboxes.set(key, launchers);
    const [oldest] = this.#sandboxes;
    if (oldest !== undefined && this.#sandboxes.size > kindsMax) {
      this.#sandboxes.delete(oldest[0]);
      const closing: Promise<void> = oldest[1].close().finally(() => this.#closing.delete(closing));
      this.#closing.add(closing);
    }
    return launchers.take(() => this.#makeSandbox({ ...kind, ...(expected && { expected }) }, command));
  }

  #sandboxesOf(kind: Kind): Launchers<Share> {
    return new Launchers({
      clock: this.#parts.clock,
      readyMax: this.#parts.groups === undefined ? 0 : sandboxesReadyMax,
      make: () => this.#makeSandbox(kind),
      discard: (launcher) => this.#discard(launcher),
      log: this.#parts.log,
    });
  }

  async #makeSandbox(kind: Kind, command?: readonly string[]): Promise<Launcher<Share>> {
    const { child, share } = await this.#launchers.take();
    try {
      const access = narrowAccess(kind.network, this.#parts.privateServices);
      if (kind.network !== 'none') share.namespace = await this.#parts.network?.lease(access);
      this.#refuseIfClosed();
      this.#launch(kind, child, share, command);
      return { child, share };
    } catch (error) {
      await this.#discard({ child, share });
      throw error;
    }
  }

  async #makeLauncher(): Promise<Launcher<Share>> {
    const number = this.#numbers.take();
    if (number === undefined) {
      throw new PlatformError(
        'unavailable',
        `${environmentsMax} environments exist already, which is the most that one platform keeps`,
      );
    }
    const launcherFile = this.#launcherFile;
    const isOurs = launcherFile !== undefined;
    const share: Share = { number, group: undefined, namespace: undefined, isOurs };
    try {
      await this.#starts.next();
      this.#refuseIfClosed();
      const { groups } = this.#parts;
      if (groups !== undefined) share.group = new ControlGroup(groups.layout, `${groups.prefix}${number}`, bootLimits);
      mkdirSync(this.#folder(number), { mode: 0o711 });
      const entrances = share.group?.entrances ?? [];
      const words = isOurs ? [launcherFile] : ['/bin/sh', ...launcherArguments(this.#nextFile(number), entrances)];
      // Before there is anybody to be told: it may be more than can be.
      const block = isOurs ? enterBlock(entrances) : undefined;
      const child = this.#parts.children.start(words);
      if (block !== undefined) child.stdin.write(block);
      return { child, share };
    } catch (error) {
      await this.#free(share);
      throw asUnavailable(error, 'could not start a process');
    }
  }

  async #discard({ child, share }: Launcher<Share>): Promise<void> {
    child.kill();
    child.close();
    await this.#free(share).catch((error: unknown) =>
      this.#parts.log(`environment number ${share.number} was not freed: ${String(error)}`),
    );
  }

  #refuseIfClosed(): void {
    if (this.#closed) throw new PlatformError('unavailable', 'the isolation is closing');
  }

  /** Tells the launcher what sandbox to make around itself, and what to become there if that is known. */
  #launch(
    { mounts, ephemeralMb, variables, expected, ...code }: Kind,
    child: Child,
    share: Share,
    command: readonly string[] | undefined,
  ): void {
    const { ground, filterFile, bubblewrap } = this.#parts;
    const { number, namespace } = share;
    const shared = expected && ground.sharedCode(number, expected);
    if (expected !== undefined && shared !== undefined) share.code = expected;
    const argumentsFile = join(this.#folder(number), 'arguments');
    const inside = bubblewrapArguments({
      root: ground.root,
      code: shared ?? ground.code(number, code),
      mounts,
      ephemeralMb,
      ownNetwork: namespace === undefined,
      variables,
    });
    writeFileSync(argumentsFile, inside, { mode: 0o600 });
    const entrance = ground.entrance(number, namespace?.path);
    const launch = { filterFile, argumentsFile, entrance, bubblewrap };
    if (share.isOurs) {
      // One that is longer is told to a shell inside.
      const told = command !== undefined && isShort(command) ? { ...launch, command } : launch;
      child.stdin.write(becomeBlock(told, share.group?.entrances.length ?? 0));
      return;
    }
    const script = launchScript(command === undefined ? launch : { ...launch, command });
    writeFileSync(this.#nextFile(number), script, { mode: 0o600 });
    child.stdin.write('go\n');
  }

  #watch(child: Child, share: Share): SpawnedProcess {
    let ended = false;
    const process = new SpawnedProcess(child, {
      group: share.group,
      limit: (limits) => {
        if (share.group !== undefined) share.group.limit(limits);
        else limitProcesses(this.#parts.libc, child.pid, limits);
      },
      attach: (code) => {
        if (ended) throw new PlatformError('unavailable', 'the environment has ended: no code can be attached to it');
        if (share.code === undefined) return this.#parts.ground.attach(share.number, code);
        // Who is given code is up.
        this.#parts.ground.bound(share.number);
        assert(
          share.code.bundlePath === code.bundlePath && share.code.layersPath === code.layersPath,
          'what an environment was made with is what is attached to it',
        );
      },
      onRefusal: (listener) => {
        if (share.namespace !== undefined) this.#parts.network?.onRefusal(share.namespace, listener);
      },
      free: async () => {
        ended = true;
        // What cannot be freed is kept, and swept by the next platform; nothing of it is used again.
        await this.#free(share).catch((error: unknown) =>
          this.#parts.log(`environment number ${share.number} was not freed: ${String(error)}`),
        );
        this.#processes.delete(process);
      },
    });
    this.#processes.add(process);
    return process;
  }

  async #free({ number, group, namespace }: Share): Promise<void> {
    const { ground, network, log } = this.#parts;
    await this.#ends.next();
    // The last process out of the group is the last out of the network, too.
    if (group !== undefined && !(await eventually(() => group.remove(), freeAttemptsMax))) {
      log(`processes of environment number ${number} do not end: its number is not used again`);
      return;
    }
    ground.free(number);
    rmSync(this.#folder(number), { recursive: true, force: true });
    if (namespace !== undefined) network?.giveBack(namespace);
    this.#numbers.giveBack(number);
  }

  #nextFile(number: number): string {
    return join(this.#folder(number), 'next');
  }

  #folder(number: number): string {
    return join(this.#parts.ground.environmentsFolder, String(number));
  }
}

function asUnavailable(error: unknown, what: string): PlatformError {
  if (error instanceof PlatformError) return error;
  return new PlatformError('unavailable', `${what}: ${messageOf(error)}`, { cause: error });
}
