/**
 * What the registry keeps: functions, their immutable numbered versions, and aliases that point to versions.
 * Everything here is a frozen value.
 */
import type { HttpDestinations } from './http-destination.ts';
import type { LimitProfileName } from '../util/limit-profiles.ts';
import type { AccountId, BundleHash, FunctionArn, VersionId } from '../util/ids.ts';
import type { NetworkAccess } from '../util/network-access.ts';
import type { RuntimeName } from '../util/runtime-names.ts';

export type PolicyStatement = {
  effect: 'allow' | 'deny';
  /** `s3:GetObject`; `*` and `?` are wildcards. */
  actions: readonly string[];
  /** ARNs; `*` and `?` are wildcards. */
  resources: readonly string[];
};

/** Statements of one function: its own resources and a few more; Lambda's roles take 10 policies. Patterns of one statement, each kind. */
export const policyLimits = { statementsMax: 100, patternsMax: 100 } as const;

/** What a function asks its processor to be. Absent in settings: this machine's. */
export const architectures = ['x86_64', 'arm64'] as const;
export type Architecture = (typeof architectures)[number];

/** A version of a layer, as it was when the function named it: its content stays even when the layer is deleted. */
export type LayerUse = { arn: string; bundle: BundleHash; zipBytes: number };

/** How lines that the function and the platform write look. https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html */
export type LoggingSettings = {
  format: 'text' | 'json';
  /** With `json` alone: what is less grave is left out. */
  applicationLevel?: 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL';
  systemLevel?: 'DEBUG' | 'INFO' | 'WARN';
  /** Absent: `/aws/lambda/<name>`. */
  group?: string;
};

/** A function's settings, complete (every default filled in; what may be absent has none). */
export type FunctionSettings = {
  runtime: RuntimeName;
  /** `hello.lambda_handler`, `src/index.handler`; ignored by `provided`. */
  handler: string;
  /** Whose limits of time and memory hold; absent: the platform's. */
  limits?: LimitProfileName;
  /** MB; CPU in proportion. */
  memoryMb: number;
  timeoutMs: number;
  environment: Readonly<Record<string, string>>;
  /**
   * A key of a customer's: `environment` is empty, and `sealed` is what KMS made of its JSON, absent where there are no variables.
   * Absent: the platform's own key alone.
   */
  environmentKey?: { arn: string; sealed?: string };
  /** Its variables refer to secrets and parameters, which are filled in when an environment starts. Absent: they are as they stand. */
  references?: true;
  bundle: BundleHash;
  /** Environments at once; absent: only the account's limit. 0: none may run. */
  concurrencyMax?: number;
  /** Invocations that one environment runs at the same time; absent: one after the other. */
  concurrencyPerEnvironment?: number;
  /** What it reaches besides the platform's endpoint. */
  network: NetworkAccess;
  /** Size of /tmp. */
  ephemeralMb: number;
  /** What the function's own credentials may do; what no statement allows is denied. */
  permissions: readonly PolicyStatement[];
  /** Asynchronous invocations: attempts in all, and how old an event may become before it is given up. */
  attemptsMax: number;
  eventAgeMaxMs: number;
  /** Queue (by name) that receives what has no attempts left; absent: the function's own dead letters. */
  deadLetterQueue?: string;
  /** Addresses that hear of events that succeeded or were given up, where the qualifier's own configuration names nothing. */
  destinations?: HttpDestinations;
  description?: string;
  architecture?: Architecture;
  /** ARN of the role that its maker gave it. */
  role?: string;
  /** Merged under /opt, later ones over earlier ones; at most five. */
  layers?: readonly LayerUse[];
  logging?: LoggingSettings;
  tracing?: 'active' | 'pass_through';
  /** How long its idle environments are kept: as its calls are expected, or always so many ms. Absent: as the platform's are. */
  keepWarm?: 'predicted' | number;
  /** False: its environments begin with no template. Absent: they do, where that can be and is worth it. */
  template?: boolean;
  /** Each environment serves one invocation; absent: as many as come. */
  reuse?: 'none';
  /** A repeated event is answered from its first result: what it is known by (a path), and for how long. Absent: it runs again. */
  idempotency?: { key: string; ttlMs: number };
  /** Published versions start from a snapshot. */
  snapStart?: boolean;
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
  /** Another one after each change. */
  revisionId: string;
  settings: FunctionSettings;
};

/** A movable pointer. `weights` sends a share (0 to 1) of invocations to other versions; the rest goes to `version`. */
export type Alias = {
  name: string;
  version: VersionId;
  weights: Readonly<Record<VersionId, number>>;
  /** Versions it pointed to before, newest first, at most 20: what a rollback goes back to. */
  history: readonly VersionId[];
  description?: string;
  revisionId: string;
};

/** Answers to preflight requests and headers on others. https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html */
export type Cors = {
  allowCredentials?: boolean;
  allowHeaders?: readonly string[];
  allowMethods?: readonly string[];
  allowOrigins?: readonly string[];
  exposeHeaders?: readonly string[];
  maxAgeS?: number;
};

/** An address of its own. The one that a deployment gives has the key `live`. */
export type FunctionUrl = {
  /** The host's first label. */
  urlId: string;
  auth: 'none' | 'iam';
  cors?: Cors;
  /** The answer goes out as it is written. */
  streams: boolean;
  createdMs: number;
  modifiedMs: number;
};

/** Who else may do what with a function: one statement of its resource policy. */
export type ResourceStatement = {
  id: string;
  /** `*`, an account, an ARN, or a service (`s3.amazonaws.com`). */
  principal: string;
  /** `lambda:InvokeFunction`, `lambda:*`. */
  action: string;
  sourceArn?: string;
  sourceAccount?: string;
  principalOrgId?: string;
  functionUrlAuth?: 'none' | 'iam';
  /** True: only through its URL. */
  viaUrl?: boolean;
  eventSourceToken?: string;
};

/** What lets everybody call an address without authorisation, and by it alone. https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html */
export const publicUrlStatements: readonly ResourceStatement[] = [
  { id: 'FunctionURLAllowPublicAccess', principal: '*', action: 'lambda:InvokeFunctionUrl', functionUrlAuth: 'none' },
  { id: 'FunctionURLAllowInvokeAction', principal: '*', action: 'lambda:InvokeFunction', viaUrl: true },
];

/** What becomes of asynchronous events of one qualifier; what is absent is as the version's settings say. */
export type EventInvoke = {
  attemptsMax?: number;
  eventAgeMaxMs?: number;
  /** ARNs of a queue, topic, function, bus or bucket. */
  onSuccess?: string;
  onFailure?: string;
  modifiedMs: number;
};

export type ProvisionedConcurrency = { count: number; modifiedMs: number };

/** When a version gets a newer patch release of its runtime. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html */
export type RuntimeManagement = {
  mode: 'auto' | 'function_update' | 'manual';
  /** With `manual`: the release's id. */
  runtimeVersion?: string;
  /** When this was said. */
  sinceMs?: number;
};

/** What belongs to a function as a whole, or to one of its qualifiers, and to no version's content. Keys are qualifiers. */
export type FunctionExtras = {
  tags: Readonly<Record<string, string>>;
  /** Invocations at once that it has to itself, and at most; over what its versions' settings say. */
  reservedConcurrency?: number;
  urls: Readonly<Record<string, FunctionUrl>>;
  policies: Readonly<Record<string, readonly ResourceStatement[]>>;
  eventInvokes: Readonly<Record<string, EventInvoke>>;
  provisioned: Readonly<Record<string, ProvisionedConcurrency>>;
  runtimeManagement: Readonly<Record<string, RuntimeManagement>>;
  /** Where a chain of events leads back to itself: stopped, or let go on. */
  recursion: 'terminate' | 'allow';
  /** Made by deployments, and not published by anybody else since: those that deployments may remove. Absent: none. */
  deployedVersions?: readonly VersionId[];
};

export const noExtras: FunctionExtras = {
  tags: {},
  urls: {},
  policies: {},
  eventInvokes: {},
  provisioned: {},
  runtimeManagement: {},
  recursion: 'terminate',
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
  /** Another one after each change. */
  revisionId: string;
  modifiedMs: number;
  extras: FunctionExtras;
};

/** The policy of a version, an alias, or (`$LATEST`) the function itself. */
export function resourceStatements({ extras }: FunctionRecord, qualifier: string): readonly ResourceStatement[] {
  return Object.hasOwn(extras.policies, qualifier) ? (extras.policies[qualifier] ?? []) : [];
}

/** Rollbacks that an alias can go back. */
export const historyMax = 20;

/** The alias that deployments move and that routes and event sources call. */
export const liveAlias = 'live';

/** What to call of a function that a caller names alone: `live`, or `$LATEST` (undefined) where nothing has been deployed. */
export function liveQualifier({ aliases }: FunctionRecord): string | undefined {
  return Object.hasOwn(aliases, liveAlias) ? liveAlias : undefined;
}

/** Bundles that are its code: its own, and its layers'. */
export const codeOf = ({ bundle, layers = [] }: FunctionSettings): BundleHash[] => [
  bundle,
  ...layers.map((layer) => layer.bundle),
];
