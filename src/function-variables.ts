/** The environment variables that a function's process sees: its own, the runtime's, and its credentials. */
import { functionBearer } from './identity/principal.ts';
import type { TemporaryCredentials } from './identity/temporary-credentials.ts';
import type { Resolved } from './registry/registry.ts';
import { bootVariables, packageVariables, runtimeVariables } from './sandbox/process/runtimes/variables.ts';
import type { Initialization } from './runners/runners.ts';
import type { EnvironmentId } from './util/ids.ts';

/** Longer than an environment is kept (8 h), so that credentials never end under a running one. */
const credentialsMs = 12 * 3_600_000;

/**
 * A function may set what its process is booted with (PATH, LANG, TZ …) and where packages are looked for (NODE_PATH);
 * the names that Lambda reserves stay the platform's. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export function functionVariables(
  resolved: Resolved,
  environmentId: EnvironmentId,
  options: {
    region: string;
    nowMs: number;
    sessions: TemporaryCredentials;
    initialization: Initialization;
    /** The function's own, filled in. */
    environment: Readonly<Record<string, string>>;
  },
): Record<string, string> {
  const { version } = resolved;
  const day = new Date(options.nowMs).toISOString().slice(0, 10).replaceAll('-', '/');
  const given = runtimeVariables(version, {
    region: options.region,
    logStream: `${day}/[${version.version}]${environmentId}`,
  });
  const changeable = { ...bootVariables, ...packageVariables(version.settings.runtime) };
  const isReserved = (name: string): boolean => name in given && !(name in changeable);
  const own = Object.entries(options.environment).filter(([name]) => !isReserved(name));
  const { account, arn, name } = version;
  const identity = { account, functionArn: arn, functionName: name, environmentId };
  const session = options.sessions.issue(functionBearer(identity), options.nowMs + credentialsMs);
  return {
    ...given,
    ...Object.fromEntries(own),
    AWS_LAMBDA_INITIALIZATION_TYPE: options.initialization,
    AWS_ACCESS_KEY_ID: session.accessKeyId,
    AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
    AWS_SESSION_TOKEN: session.sessionToken,
  };
}
