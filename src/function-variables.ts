/** The environment variables that a function's process sees: its own, the runtime's, and its credentials. */
import { functionBearer } from './identity/principal.ts';
import type { TemporaryCredentials } from './identity/temporary-credentials.ts';
import type { FunctionVersion } from './registry/function.ts';
import type { Resolved } from './registry/registry.ts';
import { bootVariables, packageVariables, runtimeVariables } from './sandbox/process/runtimes/variables.ts';
import type { Initialization } from './runners/runners.ts';
import type { EnvironmentId } from './util/ids.ts';

/** Longer than an environment is kept (8 h), so that credentials never end under a running one. */
const credentialsMs = 12 * 3_600_000;

/** What of a version's variables is the same in all its environments, and names that its function may not set. */
type Fixed = { given: Readonly<Record<string, string>>; reserved: ReadonlySet<string> };

export type FunctionVariables = (
  resolved: Resolved,
  environmentId: EnvironmentId,
  options: {
    nowMs: number;
    initialization: Initialization;
    /** The function's own, filled in. */
    environment: Readonly<Record<string, string>>;
  },
) => Record<string, string>;

/**
 * A function may set what its process is booted with (PATH, LANG, TZ …) and where packages are looked for (NODE_PATH);
 * the names that Lambda reserves stay the platform's. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export function createFunctionVariables({
  region,
  sessions,
}: {
  region: string;
  sessions: TemporaryCredentials;
}): FunctionVariables {
  const known = new WeakMap<FunctionVersion, Fixed>();
  const fixedOf = (version: FunctionVersion): Fixed => {
    const before = known.get(version);
    if (before !== undefined) return before;
    const given = runtimeVariables(version, { region, logStream: '' });
    const changeable = { ...bootVariables, ...packageVariables(version.settings.runtime) };
    const reserved = new Set(Object.keys(given).filter((name) => !(name in changeable)));
    const fixed = { given, reserved };
    known.set(version, fixed);
    return fixed;
  };
  return ({ version }, environmentId, { nowMs, initialization, environment }) => {
    const { given, reserved } = fixedOf(version);
    const variables: Record<string, string> = { ...given };
    for (const [name, value] of Object.entries(environment)) if (!reserved.has(name)) variables[name] = value;
    const day = new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '/');
    const { account, arn, name } = version;
    const identity = { account, functionArn: arn, functionName: name, environmentId };
    const session = sessions.issue(functionBearer(identity), nowMs + credentialsMs);
    variables['AWS_LAMBDA_LOG_STREAM_NAME'] = `${day}/[${version.version}]${environmentId}`;
    variables['AWS_LAMBDA_INITIALIZATION_TYPE'] = initialization;
    variables['AWS_ACCESS_KEY_ID'] = session.accessKeyId;
    variables['AWS_SECRET_ACCESS_KEY'] = session.secretAccessKey;
    variables['AWS_SESSION_TOKEN'] = session.sessionToken;
    return variables;
  };
}
