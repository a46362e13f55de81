/**
 * The sandbox port: an isolated place in which one function's code runs.
 *
 * It never decides how many there are or who gets one (runners/ does), knows no registry and no store, and passes
 * nothing in that is not in the specification: no ambient environment, files, network or credentials.
 *
 * An environment's life:  start → booted (runtime up, no code) → init → ready ⇄ busy → stopped.
 * Any failure on the way (time-out, crash, out of memory, protocol error) ends it; it is never used again.
 * Next: sandbox/process/ (namespaces and control groups).
 */
import type { Socket } from 'node:net';
import type { FunctionVersion } from '../registry/function.ts';
import type { RuntimeName } from '../util/runtime-names.ts';
import type { EnvironmentId, RequestId } from '../util/ids.ts';
import type { NetworkAccess } from '../util/network-access.ts';

/** What must be known to boot a runtime, before any function is chosen. */
export type BootSpec = {
  id: EnvironmentId;
  runtime: RuntimeName;
  /** The `id` of a release that the sandbox has; absent: the one that this machine has now. */
  release?: string;
  network: NetworkAccess;
  ephemeralMb: number;
  /** What the function will have, where that is known: a runtime that sizes its heap when it boots does so by it. */
  memoryMb?: number;
  /**
   * Where its memory comes from; absent: the runtime boots. `template`: `init` will bring one, and nothing need run before
   * that. A template that was taken before `init`, of the same runtime and release: it goes on from there, as if it had booted.
   */
  memory?: 'template' | Template;
  /** Given when the code must be there from the start (see `Sandbox.bootsWithoutCode`). */
  bundlePath?: string;
  /** With `bundlePath`: the merged layers, if it has any. */
  layersPath?: string;
  /** What `init` will bring, where that is known. Nothing of it is there while a runtime boots. */
  expected?: Pick<InitSpec, 'bundlePath' | 'layersPath'>;
  /** It will be initialised to become a template: there are runtimes that must know when they boot. */
  forTemplate?: true;
  /** With `bundlePath`. */
  template?: ArchiveTemplate;
  /** Names of the programs in its /opt/extensions, which will be started before the runtime loads the code (see external-extensions.ts). */
  extensions?: readonly string[];
};

/** What makes a booted environment the environment of one version. */
export type InitSpec = {
  version: FunctionVersion;
  bundlePath: string;
  /** Folder with the merged layers; absent: it has none. */
  layersPath?: string;
  /** The complete environment variables of the function's process: its own, and the ones the platform gives. */
  variables: Readonly<Record<string, string>>;
  /** How long the runtime's initialisation may take. */
  timeoutMs: number;
  /**
   * It is initialised to become a template: hooks for that run, and `becomeTemplate` comes next. `imports`: modules to
   * load besides, see `Environment.lateImports`.
   */
  forTemplate?: { imports: readonly string[] };
  /** The code is not loaded: the process goes on from there. Only in a sandbox that made it, booted as that one was. */
  template?: Template;
};

/**
 * A version as it was when its initialisation had ended, or a runtime as it was when it was up. Environments that begin with it are isolated as any other, and
 * share its memory until they write to it; it counts as the platform's.
 */
export type Template = ImageTemplate | CompiledCode | ArchiveTemplate;

type Shared = {
  readonly bytes: number;
  /** Gives its memory back; environments that began with it stay. */
  release(): void;
};

/** The memory of a process, which is loaded. */
export type ImageTemplate = Shared & { readonly kind: 'image' };

/** What a runtime has compiled of the code, which is loaded and run as ever, and sooner. */
export type CompiledCode = Shared & { readonly kind: 'compiled' };

/**
 * Likewise, and an environment must be booted with it, so that none of those that are booted already can use it.
 * `loadUs`: what loading the code took of the processors where it was made.
 */
export type ArchiveTemplate = Shared & { readonly kind: 'archive'; readonly loadUs: number };

/** Of a version, what can be loaded before anybody calls it. */
export type Ahead = Required<Pick<InitSpec, 'template'>> & Pick<InitSpec, 'bundlePath' | 'layersPath'>;

/**
 * Of a version, what its runtime can be told of before anybody calls it. `variables` are complete; under the same names `init` may
 * bring other values. `template`: what is compiled of its code.
 */
export type CodeAhead = Pick<InitSpec, 'version' | 'bundlePath' | 'layersPath' | 'variables' | 'template'>;

export type InvokeRequest = {
  requestId: RequestId;
  /** Qualified ARN, as the handler's context shows it. */
  invokedFunctionArn: string;
  event: Uint8Array;
  /** Epoch ms; the environment is stopped when it passes. */
  deadlineMs: number;
  timeoutMs: number;
  traceId: string;
  /** JSON, for handlers called by mobile SDKs. */
  clientContext?: string;
  /** Called when the handler's turn comes: at once, or, for what was handed over ahead, when the one before has answered. */
  began?: () => void;
  /** Takes the answer of a handler that streams it. Absent: it is gathered, and answered whole. */
  taker?: AnswerTaker;
};

/**
 * Takes an answer while it is written: began → bytes … → ended. How it came out (a failure half-way) is told by the
 * outcome, which may come without any of these: most handlers answer whole.
 */
export type AnswerTaker = {
  /** `contentType`: what the handler says that it is. */
  began(contentType: string | undefined): void;
  /** `taken`: to be called once, when the bytes have gone on. Until then they count, and what may be counted is bounded. */
  bytes(bytes: Uint8Array, taken: () => void): void;
  /** That was all of it; the invocation goes on until its outcome. */
  ended(): void;
};

/** What the function's code reported: an error of theirs, with Lambda's names (`errorType` …). */
export type FunctionError = {
  errorType: string;
  errorMessage: string;
  stackTrace?: readonly string[];
  /** What Node.js has instead. */
  trace?: readonly string[];
  [key: string]: unknown;
};

export const stackLines = ({ stackTrace, trace }: FunctionError): readonly string[] => stackTrace ?? trace ?? [];

export type InitOutcome = { status: 'ready' } | Failure;

/**
 * `not_started`: the environment ended, or gave it back, before the handler saw it; it may run elsewhere.
 * `payload`: empty where a taker has taken the answer. `streamed`: the handler wrote it bit by bit, whoever took it.
 * `over`: the answer is here, and the invocation goes on: extensions are still busy with it. Resolves when they have
 * finished; until then it is the environment's only one, and its time-out runs on.
 * `sharedMs`: where several run at the same time, what of the environment's time is its share: the time is divided among
 * those that run, so that the shares together are the time in which any did.
 * `tookUs`: how long the handler ran by the clock inside, which no delay of ours is part of. The function's code can
 * falsify it: good for deciding how its own invocations are handed over, never for billing.
 */
export type InvokeOutcome =
  | {
      status: 'response';
      payload: Uint8Array;
      tookUs?: number;
      streamed?: Streamed;
      over?: Promise<void>;
      sharedMs?: number;
    }
  | { status: 'not_started' }
  | (Failure & { over?: Promise<void>; sharedMs?: number });

export type Streamed = { bytes: number; contentType: string | undefined };

/**
 * `error`: thrown or returned by the handler; the environment lives on. Every other one has ended the environment.
 * `exit`: the process ended by itself (code or signal).
 */
export type Failure =
  | { status: 'error'; error: FunctionError }
  | { status: 'timeout' }
  | { status: 'exit'; code: number | undefined; signal: string | undefined }
  | { status: 'out_of_memory' };

export type Usage = {
  /** The most that the environment's processes have used, in bytes; undefined where the kernel does not tell. */
  memoryBytesMax: number | undefined;
  cpuMs: number | undefined;
};

export type OutputLine = {
  text: string;
  /** The invocation during which it was written; undefined during init. */
  requestId: RequestId | undefined;
  timeMs: number;
  /** Absent: the function. `platform`: what there is to say of its extensions. */
  origin?: 'extension' | 'platform';
};

export interface Environment {
  readonly id: EnvironmentId;
  /**
   * At most once, before `init`, which will bring this template: the process has its memory then, and nothing of it has run.
   * Only of one that was started with no code. Errors: `unavailable`; then it ends.
   */
  loadAhead(what: Ahead): Promise<void>;
  /**
   * Likewise, in place of that, before `init` with the same version and template: its code is in place, and read and compiled as far
   * as that can be done while nothing of it runs. Whatever is wrong with the code `init` tells. Errors: `unavailable`; then it ends.
   */
  readAhead(what: CodeAhead): Promise<void>;
  /**
   * At most once, before `init` with the same version: its runtime is told what follows from that alone, and is at it while
   * the caller finds out the rest.
   */
  expect(version: FunctionVersion): void;
  /** Loads the code. Called once. CPU is not limited yet, as on Lambda. */
  init(spec: InitSpec): Promise<InitOutcome>;
  /**
   * After `init`, or while it is under way and there is room: then it begins as soon as the code is loaded, and has not run
   * (`not_started`) where that fails. The handler runs one at a time, unless its version says how many (`concurrencyPerEnvironment`): then `room` is for so many
   * that run at once, answers are never streamed, and a time-out lets the others end first. Otherwise, what is handed over meanwhile waits inside, in order, so that the runtime goes on
   * without waiting for the platform; it is given back (`not_started`) when the one before it is slow, and at once when
   * there is no room. When it resolves, everything that the handler printed before its answer has been passed to `output`.
   */
  invoke(request: InvokeRequest): Promise<InvokeOutcome>;
  /** How many more may be handed over now, the one that would run at once included. */
  readonly room: number;
  /**
   * Known once it is initialised: nothing has printed but by the runtime, and no extension has come up. The first invocation
   * of others of its version may be handed over while they are initialised, with no word in between that would tell
   * what was printed by which. Absent: it is not so.
   */
  readonly isOnlyOnChannel?: boolean;
  /** What its processes hold now; undefined where the kernel does not tell. Some tens of microseconds. */
  memoryBytes(): number | undefined;
  usage(): Promise<Usage>;
  /**
   * Modules that its first invocation has loaded, by names that its runtime understands: a template that has them loaded
   * spares that to others. Told by code inside, and good for nothing else. Undefined: it is not known yet.
   */
  readonly lateImports: readonly string[] | undefined;
  /**
   * Once, instead of the first invocation, after an initialisation `forTemplate`; or instead of `init`, to become a template
   * of the runtime itself (`BootSpec.memory`), without code of anybody's. It ends. `refused`: why its state
   * cannot be another process's, or that it takes more than `bytesMax`; ends the sentence "its process …". Errors: `unavailable`.
   */
  becomeTemplate(bytesMax: number): Promise<Template | { refused: string }>;
  /** Ends every process in it and frees what it held; resolves when that is done. Idempotent. */
  stop(): Promise<void>;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
}

export type SandboxEvents = {
  /** A line of the function's output (standard output and error), without its line end. */
  output(environment: EnvironmentId, line: OutputLine): void;
  /**
   * The function's code has connected to the platform's endpoint (127.0.0.1:4566 as seen from inside, in whatever
   * network it has). The connection itself proves which environment it comes from.
   */
  connection(environment: EnvironmentId, socket: Socket): void;
};

/** Where the platform's endpoint is, seen from inside any environment. */
export const endpointInside = 'http://127.0.0.1:4566';

/** What this machine lets the sandbox do; `mayfly doctor` prints it. */
export type Capability = {
  name: string;
  status: 'ok' | 'degraded' | 'missing';
  /** What was found, in a sentence. */
  finding: string;
  /** What to do about it; absent when all is well. */
  remedy?: string;
};

/** One patch release of a runtime, together with our program around it. `id`: 64 hex digits, others for another release. */
export type RuntimeRelease = { id: string; version: string };

/** One runtime as this machine has it: where it comes from, or why it is `missing` and what to do about it. */
export type RuntimeReport = { name: RuntimeName; version?: string; from?: string; missing?: string };

/** What came of bringing a runtime to this machine. `by_hand`: what its operator has to do, in a sentence. */
export type InstallOutcome =
  | { status: 'present' | 'installed'; version: string; from: string }
  | { status: 'by_hand'; what: string };

export interface Sandbox extends AsyncDisposable {
  /** True: environments can boot before their code is known, so they can be kept ready. */
  readonly bootsWithoutCode: boolean;
  /** Undefined: environments of this runtime can begin with a template. Otherwise why not, in a sentence. */
  templatesRefused(runtime: RuntimeName): string | undefined;
  /** Of an initialisation that takes less than so many microseconds, none is worth making. */
  templateWorthUs(runtime: RuntimeName): number;
  /** Environments of this runtime can be given a version's code before it is called (`Environment.readAhead`). */
  readsAhead(runtime: RuntimeName): boolean;
  /** Environments of this runtime can begin with a template of the runtime itself (`BootSpec.memory`). */
  bootsFromTemplates(runtime: RuntimeName): boolean;
  /** Resolves when the runtime is up and waits for `init`. Rejects with `unavailable` and what is missing. */
  start(spec: BootSpec): Promise<Environment>;
  /** Runtimes that this machine can run; for the others, why not. */
  runtimes(): Promise<RuntimeReport[]>;
  capabilities(): Promise<Capability[]>;

  /** What this machine has of a runtime. `anew`: looks again, for a newer one that was installed meanwhile. */
  release(runtime: RuntimeName, anew?: 'anew'): Promise<RuntimeRelease | { missing: string }>;
  /** Keeps that, for when the machine has another. False: it cannot be kept. */
  keep(runtime: RuntimeName): Promise<boolean>;
  /** Whether environments can start with it: it is what the machine has, or is kept. */
  hasRelease(runtime: RuntimeName, id: string): boolean;
  /** Kept releases of a runtime that are not among `ids` go. */
  keepOnly(runtime: RuntimeName, ids: ReadonlySet<string>): Promise<void>;
}
