/**
 * What environments stand on: the part of isolation that depends on what the platform itself may do. Root makes mounts
 * and users (privileged-ground.ts); anybody else leaves all to bwrap (plain-ground.ts).
 */
import type { Code, Mount } from '../process.ts';
import type { Entrance } from './launch.ts';

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
  /**
   * The same of code that several environments have: bound from there it takes no mount of its own where environments are made.
   * Undefined: it is to be attached. It stays until `bound`, or `free`.
   */
  sharedCode(number: number, code: Code): CodeSources | undefined;
  /** Its bwrap has bound what it was to bind. */
  bound(number: number): void;
  attach(number: number, code: Code): void;
  /** Takes back what `code`, `sharedCode` and `attach` made. */
  free(number: number): void;
  /** What must come before bwrap: the namespaces to enter, and the environment's user to become; undefined: nothing. */
  entrance(number: number, networkNamespace: string | undefined): Entrance | undefined;
  /** After all environments have been freed. */
  close(): void;
}
