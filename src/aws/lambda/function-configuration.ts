/** A version's settings as Lambda names them. https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html */
import type { EnvironmentResponse, FunctionConfiguration, LoggingConfig } from '@aws-sdk/client-lambda';
import type { LoggingSettings, FunctionVersion } from '../../registry/function.ts';
import { never } from '../../util/assert.ts';
import { latestVersion, type AccountId } from '../../util/ids.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { runtimeVersionArnOf } from './runtime-version-arn.ts';
import type { VersionState } from './version-states.ts';

/** `2024-01-01T00:00:00.000+0000`, as Lambda writes most of its times. */
export const lambdaTime = (timeMs: number): string => new Date(timeMs).toISOString().replace('Z', '+0000');

/** `CodeSha256`: of the zip, in base64. */
export const codeSha256 = (bundle: string): string => Buffer.from(bundle, 'hex').toString('base64');

/** The role of a function whose maker named none: its credentials are its own. */
const ownRole = (account: AccountId, name: string): string => `arn:aws:iam::${account}:role/${name}`;

type Configured = {
  version: FunctionVersion;
  state: VersionState;
  /** As who asks may see it (environment-key.ts). */
  environment: EnvironmentResponse | undefined;
  /** What the ARN ends with: the qualifier that was asked for. Absent: a number, and nothing for $LATEST. */
  qualifier?: string | undefined;
};

export function functionConfiguration(
  parts: Pick<LambdaParts, 'registry' | 'architecture' | 'releases' | 'region' | 'templatesRefused'>,
  { version, state, environment, qualifier }: Configured,
): FunctionConfiguration {
  const { registry, architecture } = parts;
  const { settings } = version;
  const runtimeVersion = runtimeVersionArnOf(parts, version);
  const numbered = version.version === latestVersion ? undefined : version.version;
  const ending = qualifier ?? numbered;
  return {
    FunctionName: version.name,
    FunctionArn: ending === undefined ? version.arn : `${version.arn}:${ending}`,
    Runtime: settings.runtime as NonNullable<FunctionConfiguration['Runtime']>,
    Role: settings.role ?? ownRole(version.account, version.name),
    Handler: settings.handler,
    CodeSize: registry.bundleBytes(settings.bundle) ?? 0,
    Description: settings.description ?? '',
    Timeout: Math.ceil(settings.timeoutMs / 1_000),
    MemorySize: settings.memoryMb,
    LastModified: lambdaTime(version.createdMs),
    CodeSha256: codeSha256(settings.bundle),
    Version: version.version,
    ...(settings.deadLetterQueue === undefined
      ? {}
      : { DeadLetterConfig: { TargetArn: queueArnOf(version, settings.deadLetterQueue) } }),
    ...(environment === undefined ? {} : { Environment: environment }),
    ...(settings.environmentKey === undefined ? {} : { KMSKeyArn: settings.environmentKey.arn }),
    TracingConfig: { Mode: settings.tracing === 'active' ? 'Active' : 'PassThrough' },
    RevisionId: version.revisionId,
    ...(settings.layers === undefined || settings.layers.length === 0
      ? {}
      : { Layers: settings.layers.map(({ arn, zipBytes }) => ({ Arn: arn, CodeSize: zipBytes })) }),
    ...stateMembers(state),
    PackageType: 'Zip',
    Architectures: [settings.architecture ?? architecture],
    EphemeralStorage: { Size: settings.ephemeralMb },
    SnapStart: snapStartOf(version, parts.templatesRefused(settings.runtime) === undefined),
    ...(runtimeVersion === undefined ? {} : { RuntimeVersionConfig: { RuntimeVersionArn: runtimeVersion } }),
    LoggingConfig: loggingConfig(version.name, settings.logging),
  };
}

/** What it is for: versions that are published, of runtimes whose environments can begin with a template here. */
function snapStartOf({ version, settings }: FunctionVersion, canBegin: boolean): FunctionConfiguration['SnapStart'] {
  const isOn = settings.snapStart === true && settings.template !== false && version !== latestVersion && canBegin;
  return {
    ApplyOn: settings.snapStart === true ? 'PublishedVersions' : 'None',
    OptimizationStatus: isOn ? 'On' : 'Off',
  };
}

/** The same region and account as the function's. */
function queueArnOf({ arn, account }: FunctionVersion, queue: string): string {
  return `arn:aws:sqs:${arn.split(':')[3] ?? ''}:${account}:${queue}`;
}

function loggingConfig(functionName: string, logging: LoggingSettings = { format: 'text' }): LoggingConfig {
  const { format, applicationLevel, systemLevel, group } = logging;
  return {
    LogFormat: format === 'json' ? 'JSON' : 'Text',
    ...(format === 'json'
      ? { ApplicationLogLevel: applicationLevel ?? 'INFO', SystemLogLevel: systemLevel ?? 'INFO' }
      : {}),
    LogGroup: group ?? `/aws/lambda/${functionName}`,
  };
}

type StateMembers = Pick<
  FunctionConfiguration,
  | 'State'
  | 'StateReason'
  | 'StateReasonCode'
  | 'LastUpdateStatus'
  | 'LastUpdateStatusReason'
  | 'LastUpdateStatusReasonCode'
>;

/** https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html */
function stateMembers(state: VersionState): StateMembers {
  const creating = 'The function is being created.';
  switch (state.status) {
    case 'creating':
      return { State: 'Pending', StateReason: creating, StateReasonCode: 'Creating' };
    case 'updating':
      return {
        State: 'Active',
        LastUpdateStatus: 'InProgress',
        LastUpdateStatusReason: creating,
        // Answered by Lambda, and missing in its model.
        LastUpdateStatusReasonCode: 'Creating' as NonNullable<FunctionConfiguration['LastUpdateStatusReasonCode']>,
      };
    case 'active':
      return { State: 'Active', LastUpdateStatus: 'Successful' };
    case 'failed':
      return {
        State: 'Failed',
        StateReason: state.reason,
        StateReasonCode: state.code,
        LastUpdateStatus: 'Failed',
        LastUpdateStatusReason: state.reason,
        LastUpdateStatusReasonCode: state.code,
      };
    default:
      return never(state);
  }
}
