/**
 * The seam between an environment and the language in it. A runtime says what to start and mount; its conversation
 * turns `init` and `invoke` into whatever its process understands, and what the process says into calls of `Heard`.
 *
 * A conversation keeps no time and ends no process: the environment does. It never throws for what comes from inside.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FunctionVersion } from '../../../registry/function.ts';
import type { RuntimeName } from '../../../util/runtime-names.ts';
import type { FunctionError, InitSpec, InvokeRequest } from '../../sandbox.ts';
import type { RestoreFrame } from '../channel/frame.ts';
import type { IsolatedProcess } from '../process.ts';

/** What the process has said. The environment decides whether it was its turn. */
export type Heard = {
  booted(): void;
  ready(): void;
  initFailed(error: FunctionError): void;
  /** `slot`: of which invocation, where several run at the same time. */
  answered(answer: Answer, slot?: number): void;
  /** The answer is written bit by bit: began, any number of pieces, ended, and then `answered` with an empty response. */
  streamBegan(contentType: string | undefined): void;
  streamed(bytes: Uint8Array): void;
  streamEnded(): void;
  /** The last so many of the invocations that it was given will not begin. */
  gaveBack(count: number): void;
  /** Modules that the first invocation imported. */
  imported(names: readonly string[]): void;
  /** One whole line (or record) of output. */
  output(text: string, slot?: number): void;
  /** What it has compiled of the function's code, for others of its version: see `Runtime.makesTemplates`. */
  compiled(code: Uint8Array): void;
  /** The answer to `Conversation.readAhead`. */
  hasRead(): void;
  /** It no longer speaks the protocol; `how` ends the sentence "its channel carried …". */
  breach(how: string): void;
};

export type Answer =
  /** `tookUs`: by the runtime's own clock, where it says so. Code inside can make it say anything. */
  | { status: 'response'; payload: Uint8Array; tookUs?: number }
  /** `fatal`: the process is not to be used again. */
  | { status: 'error'; error: FunctionError; fatal: boolean };

/**
 * What is said of code that is read ahead. `variables` are complete, but may be other ones when `init` comes, under the same names;
 * `compiled` is as for `init`.
 */
export type ToRead = { handler: string; variables: Readonly<Record<string, string>>; compiled?: Uint8Array };

export interface Conversation {
  /**
   * Once, after `booted` and before `init`, whose variables have all the names that follow from the version (`processVariables`): it
   * sets those meanwhile. Answers what it was told. Absent, or undefined: it cannot be told.
   */
  expect?(version: FunctionVersion): Readonly<Record<string, string>> | undefined;
  /**
   * Once, after `booted`, in place of `expect`, where the code is there: it does of `init` what runs nothing of that, and says `hasRead`
   * then. Absent, or false: it cannot.
   */
  readAhead?(what: ToRead): boolean;
  /**
   * Once, after `booted`. `variables` are complete. `forTemplate`: only of a runtime that makes templates. `compiled`: what
   * `Heard.compiled` told of another process. `atOnce`: so many invocations will run at the same time; over 1 only where
   * `atOnceMax` is.
   */
  init(
    handler: string,
    variables: Readonly<Record<string, string>>,
    options: { forTemplate: InitSpec['forTemplate']; atOnce: number; compiled?: Uint8Array },
  ): void;
  /** Instead of `init`: it is `ready`, and waits for an image of it to be taken. False: it cannot. */
  pause?(): boolean;
  /** What is written to its channel, instead of `init`, when a template has been loaded into the process; it answers as to that. */
  encodeRestore?: (frame: RestoreFrame) => Uint8Array;
  /** How many invocations its runtime can run at the same time; absent: one. */
  readonly atOnceMax?: number;
  /** After `ready`, where `init` was told that several will run: whenever it has room. What comes of it has the same slot. */
  invokeInSlot?(request: InvokeRequest, slot: number): void;
  /** After `ready`. While one runs, at most `aheadMax` more, `ahead`: they are in no hurry and may be sent together. */
  invoke(request: InvokeRequest, ahead: boolean): void;
  /** Its runtime can be given the first invocation before it is `ready`, and begins it then by itself. Absent: it cannot. */
  readonly beginsOnceLoaded?: boolean;
  /** Where that is so: once, after `init` and before `ready`. Nothing of it runs where the code is not loaded. */
  invokeOnceLoaded?(request: InvokeRequest): void;
  /** How many invocations may wait inside behind the one that runs. */
  readonly aheadMax: number;
  /** Asks for those back that have not begun; the answer is `gaveBack`. Only where `aheadMax` is over 0. */
  recall(): void;
  /** So much more of a streamed answer may come (see `streamCost`). It keeps to it: who does not is ended. */
  credit(cost: number): void;
  /** Its end of the conversation is gone: it has ended, or is about to. */
  readonly closed: boolean;
  /** It has printed past its channel: what it prints next can no longer be told apart from what it printed before. */
  readonly printedRaw: boolean;
  /** What has been printed without a line end is a line now: an answer has come, or the end. */
  flushOutput(): void;
  /** The runtime itself has said that its memory is used up. */
  readonly ranOutOfMemory: boolean;
  /** Reads nothing more, until `readOn`: not even the rest of what has been read already. Answers wait as well, behind what was printed before them. */
  stopReading(): void;
  /** What is done with what was there already may stop it again. */
  readOn(): void;
  /** Resolves when nothing more can come from the process, which has ended. What has been read may wait for `readOn` still. */
  drained(): Promise<void>;
  /** Frees what it holds. */
  close(): void;
  /** Answers requests to the Runtime API, from inside. Absent: the runtime has its channel for that. */
  runtimeApi?(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** What must be started, as seen from inside, and what of the host's files it needs there. */
export type Installed = {
  version: string;
  /** Where it comes from: `/usr/bin/python3.11`, `npm package node-22`. */
  from: string;
  /**
   * What must be made on this machine before the first start: until `make` has resolved, mounts may not be there.
   * `identity` says all that it is made from. `make` does nothing when it is there.
   */
  build?: { identity: string; make(): Promise<void> };
  /** `memoryMb`: what the function will have, where that is known. */
  command(memoryMb: number | undefined): readonly string[];
  /**
   * The same of a runtime that makes archives of classes: to make one, or with the one that is shown at `archiveRoot`. Absent: this
   * release of it cannot.
   */
  withClasses?(memoryMb: number | undefined, how: 'record' | 'use'): readonly string[];
  mounts: readonly { from: string; to: string }[];
  /**
   * How to start it from copies of all its files, for what is part of the base system: that is how it is kept when the
   * system gets another. Absent: `command` and `mounts` are all of it, or it cannot be kept.
   */
  apart?: Pick<Installed, 'command' | 'mounts'>;
};

/** Why this machine does not run it. */
export type Missing = {
  missing: string;
  /** Debian packages that bring it, where its distribution has them. */
  debianPackages?: readonly string[];
};

export type Runtime = {
  name: RuntimeName;
  /**
   * `image`: its process can wait after `init`, for an image to be taken of it, and goes on from that in another process.
   * `compiled-code`: it tells what it has compiled, and other processes load the code without compiling it.
   * `class-archive`: it tells, in pieces, what it has made of the classes, with which other processes are started.
   */
  makesTemplates?: 'image' | 'compiled-code' | 'class-archive';
  /** Its code can be read before it is called: see `Conversation.readAhead`. Releases that were kept from before there was that wait with the code in place. */
  readsAhead?: true;
  /** Looks at this machine. */
  find(): Promise<Installed | Missing>;
  converse(process: IsolatedProcess, heard: Heard): Conversation;
};
