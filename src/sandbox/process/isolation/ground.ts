/**
 * What environments stand on: the part of isolation that depends on what the platform itself may do. Root makes mounts
 * and users (privileged-ground.ts); anybody else leaves all to bwrap (plain-ground.ts).
 */
import type { Mount } from '../process.ts';

export type Code = { bundlePath: string; layersPath?: string | undefined };

/** Undefined: nothing is bound there. */
export type CodeSources = { task: string | undefined; opt: string | undefined };

export interface Ground {
  /** Of this platform alone, for files that the launching shell reads. */
  readonly folder: string;
  /** Where each environment has a folder of its own, named by its number. */
  readonly environmentsFolder: string;
  /** bwrap's options that make the root file system, with /dev, and those that follow when all else is in place. */
  readonly root: { begin: readonly string[]; end: readonly string[] };
  /** Whether code can be made to appear in a process that already runs. */
  readonly attachesCode: boolean;
  /** Where bwrap finds what is to be mounted. */
  source(mount: Mount): string;
  /** Where bwrap finds what it binds at /var/task and /opt. */
  code(number: number, code: Partial<Code>): CodeSources;
  attach(number: number, code: Code): void;
  /** Takes back what `code` and `attach` made. */
  free(number: number): void;
  /** The programs that must come before bwrap, which enter the network namespace and become the environment's user. */
  entry(number: number, networkNamespace: string | undefined): readonly string[];
  /** After all environments have been freed. */
  close(): void;
}
