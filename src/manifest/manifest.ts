/**
 * A project file, read and checked: what is to be deployed, before its code is packed. Complete, defaults filled in.
 *
 * manifest/ turns files into a `Deployment` and never talks to a platform: cli/ sends what comes out of here.
 * Reading: found.ts (text to values with positions) → fields/ (what may be written, one file for each part; shape/ is
 * what they are made of) → read-manifest.ts (rules between parts). Packing: package/.
 */
import type { FunctionSettings } from '../registry/function.ts';
import type { Position } from './complaint.ts';
import type { DeployedFunction, DeployedQueue, DeployedTable } from './deployment.ts';

type CodeSource = {
  /** A folder or a file, or patterns. From the project's folder. */
  paths: string | readonly string[];
  /** Absent: TypeScript is, the rest is not. */
  bundled?: boolean;
};

/** A variable that something of the function is nothing without, one of several; if the manifest does not set it, who deploys does. */
export type WantedVariable = {
  /** `the webhook at /hooks/github`. */
  of: string;
  /** What it lacks without: `secret`. */
  what: 'secret' | 'token';
  names: readonly string[];
  at: Position;
  /** Where it is named: `functions.hello.events[0].webhook.secret`. */
  path: string;
};

export type ManifestFunction = Omit<DeployedFunction, 'settings'> & {
  settings: Omit<FunctionSettings, 'bundle'>;
  code: CodeSource;
  /** Files (patterns) that may hold what looks like a key. */
  allowSecrets: readonly string[];
  wantedVariables: readonly WantedVariable[];
  /** Where complaints about its files point: its code, its handler, or itself. */
  at: { code: Position; handler: Position };
};

export type Manifest = {
  application: string;
  functions: readonly ManifestFunction[];
  buckets: readonly { name: string }[];
  queues: readonly DeployedQueue[];
  topics: readonly { name: string }[];
  /** Without the default one, which is always there. */
  buses: readonly { name: string }[];
  tables: readonly DeployedTable[];
};
