/**
 * The environment variables that Lambda promises to every function, in one place.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
import type { FunctionVersion } from '../../../registry/function.ts';
import { runtimeFamily, type RuntimeName } from '../../../util/runtime-names.ts';
import { endpointInside } from '../../sandbox.ts';

const taskRoot = '/var/task';
export const runtimeRoot = '/var/runtime';
/** Where an environment is shown what was made of its version's classes. */
export const archiveRoot = '/var/archive';
/** The Runtime API, the Extensions API and the Telemetry API, seen from inside. */
const runtimeApiInside = '127.0.0.1:9001';

/** What the process itself is started with: what the loader, the C library and subprocesses read. */
export const bootVariables: Readonly<Record<string, string>> = {
  PATH: '/usr/local/bin:/usr/bin:/bin:/opt/bin',
  LD_LIBRARY_PATH: `${taskRoot}:${taskRoot}/lib:/opt/lib`,
  // Lambda says en_US.UTF-8, which a plain Debian does not have; this one is in the C library itself.
  LANG: 'C.UTF-8',
  TZ: ':UTC',
};

/**
 * Where the language of a runtime looks for packages besides the bundle: what layers bring to /opt.
 * https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html#packaging-layers-paths
 */
export function packageVariables(runtime: RuntimeName): Readonly<Record<string, string>> {
  const [, major] = /^nodejs(\d+)\.x$/.exec(runtime) ?? [];
  if (major === undefined) return {};
  const folders = [`/opt/nodejs/node${major}/node_modules`, '/opt/nodejs/node_modules', runtimeRoot, taskRoot];
  return { NODE_PATH: folders.join(':') };
}

/** Variables that follow from the version alone: what a process gets where nobody says otherwise. */
export function processVariables(version: FunctionVersion): Record<string, string> {
  const { handler, logging, memoryMb, runtime } = version.settings;
  return {
    ...bootVariables,
    ...packageVariables(runtime),
    _HANDLER: handler,
    LAMBDA_TASK_ROOT: taskRoot,
    LAMBDA_RUNTIME_DIR: runtimeRoot,
    ...executionEnvironment(runtime),
    AWS_LAMBDA_FUNCTION_NAME: version.name,
    AWS_LAMBDA_FUNCTION_VERSION: version.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: logging?.group ?? `/aws/lambda/${version.name}`,
    AWS_LAMBDA_LOG_FORMAT: logging?.format === 'json' ? 'JSON' : 'Text',
    ...(logging?.format === 'json' && { AWS_LAMBDA_LOG_LEVEL: logging.applicationLevel ?? 'INFO' }),
    AWS_LAMBDA_RUNTIME_API: runtimeApiInside,
  };
}

/**
 * All variables that the platform gives a function of this version: what `processVariables` says, and what depends on
 * where it runs. Credentials and the function's own variables are for the caller to add.
 */
export function runtimeVariables(
  version: FunctionVersion,
  place: { region: string; logStream: string },
): Record<string, string> {
  return {
    ...processVariables(version),
    AWS_REGION: place.region,
    AWS_DEFAULT_REGION: place.region,
    AWS_ENDPOINT_URL: endpointInside,
    AWS_LAMBDA_LOG_STREAM_NAME: place.logStream,
  };
}

/** Lambda defines it for every runtime but those that are the function's own. */
function executionEnvironment(runtime: RuntimeName): Record<string, string> {
  const names: Partial<Record<RuntimeName, string>> = { python: 'python3', ruby: 'ruby3' };
  if (runtimeFamily(runtime) === 'provided') return {};
  return { AWS_EXECUTION_ENV: `AWS_Lambda_${names[runtime] ?? runtime}` };
}
