/**
 * What the registry keeps: functions, their immutable numbered versions, and aliases that point to versions.
 * Everything here is a frozen value.
 */
import type { AccountId, BundleHash, FunctionArn, VersionId } from '../util/ids.ts';

/** `python` is the system's; each `nodejs` one is an npm package of that version; `provided` runs `bootstrap`. */
export const runtimeNames = ['nodejs20.x', 'nodejs22.x', 'nodejs24.x', 'nodejs26.x', 'python', 'provided'] as const;
export type RuntimeName = (typeof runtimeNames)[number];

export type PolicyStatement = {
  effect: 'allow' | 'deny';
  /** `s3:GetObject`; `*` and `?` are wildcards. */
  actions: readonly string[];
  /** ARNs; `*` and `?` are wildcards. */
  resources: readonly string[];
};

/** Statements of one function: its own resources and a few more; Lambda's roles take 10 policies. Patterns of one statement, each kind. */
export const policyLimits = { statementsMax: 100, patternsMax: 100 } as const;

/** A function's settings, complete (every default filled in). */
export type FunctionSettings = {
  runtime: RuntimeName;
  /** `hello.lambda_handler`, `src/index.handler`; ignored by `provided`. */
  handler: string;
  /** MB; CPU in proportion. */
  memoryMb: number;
  timeoutMs: number;
  environment: Readonly<Record<string, string>>;
  bundle: BundleHash;
  /** Environments at once; absent: only the account's limit. 0: none may run. */
  concurrencyMax?: number;
  /** `internet`: the platform's endpoint and public addresses. `none`: the platform's endpoint alone. */
  network: 'internet' | 'none';
  /** Size of /tmp. */
  ephemeralMb: number;
  /** What the function's own credentials may do; what no statement allows is denied. */
  permissions: readonly PolicyStatement[];
  /** Asynchronous invocations: attempts in all, and how old an event may become before it is given up. */
  attemptsMax: number;
  eventAgeMaxMs: number;
  /** Queue (by name) that receives what has no attempts left; absent: the function's own dead letters. */
  deadLetterQueue?: string;
};

/** One immutable version (or the present content of `$LATEST`). */
export type FunctionVersion = {
  account: AccountId;
  name: string;
  arn: FunctionArn;
  version: VersionId;
  /** SHA-256 over the settings, bundle included: two versions with equal hashes behave alike. */
  settingsHash: string;
  createdMs: number;
  settings: FunctionSettings;
};

/** A movable pointer. `weights` sends a share (0 to 1) of invocations to other versions; the rest goes to `version`. */
export type Alias = {
  name: string;
  version: VersionId;
  weights: Readonly<Record<VersionId, number>>;
  /** Versions it pointed to before, newest first, at most 20: what a rollback goes back to. */
  history: readonly VersionId[];
};

export type FunctionRecord = {
  account: AccountId;
  name: string;
  arn: FunctionArn;
  /** The deployment that owns it; absent: made by hand. */
  application?: string;
  createdMs: number;
  latest: FunctionVersion;
  /** The highest number given so far; numbers are never reused. */
  versionLast: number;
  aliases: Readonly<Record<string, Alias>>;
  /** Set when the function has a URL: the host's first label. */
  urlId?: string;
};

/** The alias that deployments move and that routes and event sources call. */
export const liveAlias = 'live';

/** What to call of a function that a caller names alone: `live`, or `$LATEST` (undefined) where nothing has been deployed. */
export function liveQualifier({ aliases }: FunctionRecord): string | undefined {
  return Object.hasOwn(aliases, liveAlias) ? liveAlias : undefined;
}
