/**
 * The command line's port: what a command is, and what it sees of the world.
 *
 * One file for each command beside this one, and one line for it in commands.ts. A command has no logic of its own: it
 * packs files (manifest/), talks HTTP to the platform's control API (client.ts) and prints. It never opens the store.
 */
import type { RuntimeName } from '../util/runtime-names.ts';
import type { Capability, InstallOutcome, RuntimeReport } from '../sandbox/sandbox.ts';
import type { ReleaseView } from '../runners/runtime-releases.ts';
import type { Clock } from '../util/clock.ts';
import type { MasterKeyChoice } from './master-key-options.ts';
import type { LimitProfileName } from '../util/limit-profiles.ts';
import type { PrivateService } from '../util/network-access.ts';

export type Terminal = {
  write(text: string): void;
  readonly isTty: boolean;
  /** Columns; undefined where it is no terminal. */
  readonly width: number | undefined;
};

/** How long idle environments are kept, of functions that do not say. */
export type KeepWarm = { kind: 'predicted'; season: boolean } | { kind: 'fixed'; idleMs: number };

export type OpenOptions = {
  dataFolder: string;
  apiPort: number;
  httpPort: number;
  listen: string;
  mode: 'serve' | 'dev';
  prebooted?: number;
  keep?: KeepWarm;
  warmBytesMax?: number;
  keepsControlGroupMounts?: boolean;
  privateIssuers?: readonly string[];
  privateServices?: readonly PrivateService[];
  masterKey?: MasterKeyChoice;
  smtpRelay?: string;
  smtpPort?: number;
  limitProfile?: LimitProfileName;
  log: (message: string) => void;
};

type RunningPlatform = { apiPort: number; httpPort: number; smtpPort?: number; close(): Promise<void> };

export type HostReport = {
  /** Releases that the platform has had of the runtimes that its functions use; absent where none runs. */
  releases?: readonly ReleaseView[];
  capabilities: readonly Capability[];
  runtimes: readonly RuntimeReport[];
};

/** The platform in this process; loaded only by the commands that need it. */
export type Host = {
  openPlatform(options: OpenOptions): Promise<RunningPlatform>;
  /** Rejects when it is to stop. */
  inspectHost(signal: AbortSignal): Promise<HostReport>;
  /** On this machine. `progress` is told each step, and what installers print. */
  installRuntime(name: RuntimeName, progress: (line: string) => void): Promise<InstallOutcome>;
};

export type World = {
  environment: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  workingFolder: string;
  homeFolder: string;
  stdout: Terminal;
  stderr: Terminal;
  /** Everything on standard input. */
  readStdin(): Promise<Uint8Array>;
  clock: Clock;
  host: Host;
  /** Calls back at each SIGINT and SIGTERM, which then do not end the process by themselves. */
  onStop(listener: () => void): { remove(): void };
  /** Ends the process at once. */
  exit(code: number): never;
};

export type Option = {
  type: 'string' | 'boolean';
  short?: string;
  /** What stands for the value in the help: `DIR`. */
  value?: string;
  description: string;
};

export type Invoked = {
  world: World;
  positionals: readonly string[];
  /** The last one, where an option is given more than once. */
  text(option: string): string | undefined;
  all(option: string): readonly string[];
  flag(option: string): boolean;
  /** Standard output carries JSON and nothing else. */
  json: boolean;
  /** The answer: as JSON, or as the text for people. Called once. */
  answer(value: unknown, forPeople: () => string): void;
};

export type Command = {
  /** After `mayfly `: `deploy [PROJECT] [--plan]`. */
  usage: string;
  /** A paragraph, what it does and what it needs. */
  description: string;
  options: Readonly<Record<string, Option>>;
  /** How many words besides the options it takes. */
  positionalsMin: number;
  positionalsMax: number;
  /** Lines that work as they stand. */
  examples: readonly string[];
  /** Answers the exit code. Errors go up. */
  run(invoked: Invoked): Promise<number>;
};

/** The command line itself is wrong: exit code 2. `command` is whose help would say more. */
export class UsageError extends Error {
  readonly command: string | undefined;

  constructor(message: string, command?: string) {
    super(message);
    this.name = 'UsageError';
    this.command = command;
  }
}

/** How every command that talks to a platform finds it. */
export const dataOption: Option = {
  type: 'string',
  value: 'DIR',
  description: "The platform's data folder (otherwise $MAYFLY_ENDPOINT, $MAYFLY_DATA, the nearest .mayfly/, ~/.mayfly)",
};
