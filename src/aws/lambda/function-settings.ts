/**
 * A function's settings out of what CreateFunction and UpdateFunctionConfiguration say. What is absent stays as it was.
 *
 * Gaps, each refused by name: VpcConfig, FileSystemConfigs, ImageConfig, CodeSigningConfigArn,
 * CapacityProviderConfig, DurableConfig, TenancyConfig, PublishTo, a dead-letter topic, another processor's architecture.
 * SnapStart is kept for every runtime that Lambda has it for, and does something for those whose
 * environments can begin with a template here (Python, on x86-64, as root; Java, with an archive of its classes);
 * elsewhere its OptimizationStatus is Off.
 * A role that IAM has is the function's identity: what it may is what the role's policies say, if the role lets Lambda
 * have it. One that IAM does not have is kept and named, and grants nothing.
 */
import type { CreateFunctionRequest, UpdateFunctionConfigurationRequest } from '@aws-sdk/client-lambda';
import type { FunctionSettings, LoggingSettings } from '../../registry/function.ts';
import { isRuntimeName, runtimesByProvided } from '../../util/runtime-names.ts';
import { reservedVariables } from '../../registry/reserved-variables.ts';
import { parseArn } from '../../util/arn.ts';
import { functionArn } from '../../util/ids.ts';
import { limits } from '../../util/limits.ts';
import { passRole } from '../pass-role.ts';
import type { Access, AwsContext } from '../service.ts';
import { checkSnapStart } from './check-snap-start.ts';
import { currentRuntimes, formerRuntimes } from './current-runtimes.ts';
import { changedEnvironment } from './environment-key.ts';
import { roleMayNot } from './event-invoke-config.ts';
import { functionLayers } from './function-layers.ts';
import { invalidParameterValue, notHere } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';

export type ConfigurationInput = Omit<UpdateFunctionConfigurationRequest, 'FunctionName' | 'RevisionId'> &
  Pick<CreateFunctionRequest, 'Architectures' | 'CodeSigningConfigArn' | 'TenancyConfig' | 'PublishTo'>;

/** What Lambda gives a function that says nothing. https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
const defaultSettings = {
  memoryMb: 128,
  timeoutMs: 3_000,
  environment: {},
  network: 'internet',
  ephemeralMb: 512,
  permissions: [],
  attemptsMax: 3,
  eventAgeMaxMs: 6 * 3_600_000,
} as const satisfies Partial<FunctionSettings>;

/** All but the code, which costs more to look at than the rest does. */
type Configuration = Omit<FunctionSettings, 'bundle'>;

/**
 * What the settings themselves need, besides the operation: the role, the layers whose content the function will have,
 * and the queue that will have its events.
 */
export function settingsAccess(
  context: AwsContext,
  { Role, Layers = [], DeadLetterConfig }: ConfigurationInput,
): readonly Access[] {
  const queue = parseArn(DeadLetterConfig?.TargetArn ?? '');
  return [
    ...passRole('lambda.amazonaws.com', Role),
    ...Layers.map((resource) => ({ action: 'lambda:GetLayerVersion', resource })),
    ...(queue === undefined
      ? []
      : [
          { action: 'sqs:SendMessage', resource: `arn:aws:sqs:${context.region}:${context.account}:${queue.resource}` },
        ]),
  ];
}

/** `before` with what `input` says. Errors: InvalidParameterValueException. */
export async function changedSettings(
  parts: LambdaParts,
  context: AwsContext,
  input: ConfigurationInput,
  before: Configuration,
  functionName: string,
): Promise<Configuration> {
  refuseWhatIsNotHere(input);
  checkRole(parts, input.Role);
  const { Handler, Description, Role, Timeout, MemorySize, EphemeralStorage, TracingConfig, SnapStart } = input;
  const given: Partial<Configuration> = {
    ...(input.Runtime === undefined ? {} : { runtime: await runtimeOf(parts, input.Runtime) }),
    ...(Handler === undefined ? {} : { handler: Handler }),
    ...(Description === undefined ? {} : { description: Description }),
    ...(Role === undefined ? {} : { role: Role }),
    ...(Timeout === undefined ? {} : { timeoutMs: Timeout * 1_000 }),
    ...(MemorySize === undefined ? {} : { memoryMb: MemorySize }),
    ...(EphemeralStorage?.Size === undefined ? {} : { ephemeralMb: EphemeralStorage.Size }),
    ...(TracingConfig?.Mode === undefined
      ? {}
      : { tracing: TracingConfig.Mode === 'Active' ? 'active' : 'pass_through' }),
    ...(SnapStart?.ApplyOn === undefined ? {} : { snapStart: SnapStart.ApplyOn === 'PublishedVersions' }),
    ...(input.Layers === undefined ? {} : { layers: functionLayers(parts, context, input.Layers) }),
    ...(input.LoggingConfig === undefined ? {} : { logging: loggingOf(input.LoggingConfig, before.logging) }),
    ...(input.Architectures === undefined ? {} : architectureOf(parts, input.Architectures)),
  };
  const { environmentKey: _before, ...others } = { ...before, ...given };
  const environment = await changedEnvironment(
    parts,
    context,
    functionArn(context.region, context.account, functionName),
    before,
    {
      ...(input.Environment !== undefined && { variables: variablesOf(input.Environment.Variables ?? {}) }),
      keyArn: input.KMSKeyArn,
    },
  );
  const changed: Configuration = { ...others, ...environment };
  if (changed.snapStart === true) await checkSnapStart(parts, changed.runtime);
  const { deadLetterQueue: present, ...rest } = changed;
  const queue =
    input.DeadLetterConfig === undefined ? present : deadLetterQueueOf(context, input.DeadLetterConfig.TargetArn);
  if (queue === undefined) return rest;
  if (input.DeadLetterConfig !== undefined || Role !== undefined)
    checkDeadLetters(parts, context, changed.role, { functionName, queue });
  return { ...rest, deadLetterQueue: queue };
}

/** Errors: InvalidParameterValueException. */
function checkDeadLetters(
  { delivering }: LambdaParts,
  { account, region }: AwsContext,
  role: string | undefined,
  { functionName, queue }: { functionName: string; queue: string },
): void {
  const arn = `arn:aws:sqs:${region}:${account}:${queue}`;
  const refused = role === undefined ? undefined : delivering?.whyRoleMayNot(role, { account, functionName }, arn);
  if (refused !== undefined) throw roleMayNot(refused.action, arn);
}

/** Errors: InvalidParameterValueException. */
function checkRole({ isRefusedByRole }: LambdaParts, role: string | undefined): void {
  if (role !== undefined && isRefusedByRole(role))
    throw invalidParameterValue('The role defined for the function cannot be assumed by Lambda.', { field: 'Role' });
}

function refuseWhatIsNotHere(input: ConfigurationInput): void {
  const { VpcConfig, FileSystemConfigs = [], ImageConfig } = input;
  const { SubnetIds = [], SecurityGroupIds = [], Ipv6AllowedForDualStack = false } = VpcConfig ?? {};
  if (SubnetIds.length > 0 || SecurityGroupIds.length > 0 || Ipv6AllowedForDualStack) {
    throw notHere('VpcConfig', 'there are no private networks; leave its lists empty.');
  }
  if (FileSystemConfigs.length > 0) throw notHere('FileSystemConfigs', 'there are no shared file systems.');
  if (Object.keys(ImageConfig ?? {}).length > 0) throw notHere('ImageConfig', 'functions are made of zips.');
  if (input.CodeSigningConfigArn !== undefined && input.CodeSigningConfigArn !== '') {
    throw notHere('CodeSigningConfigArn', 'code is not signed.');
  }
  const { CapacityProviderConfig, DurableConfig, TenancyConfig, PublishTo } = input;
  for (const [member, value] of Object.entries({ CapacityProviderConfig, DurableConfig, TenancyConfig, PublishTo })) {
    if (value !== undefined) throw notHere(member, 'leave it out.');
  }
}

/** Errors: names that Lambda does not know, has given up, or this machine cannot run, each in its own words. */
async function runtimeOf(parts: LambdaParts, name: string): Promise<FunctionSettings['runtime']> {
  if (!isRuntimeName(name)) {
    const instead = Object.hasOwn(runtimesByProvided, name) ? runtimesByProvided[name] : undefined;
    if (instead !== undefined) throw notHere(`Runtime ${name}`, `${instead}.`);
    if (formerRuntimes.has(name)) {
      throw invalidParameterValue(
        `The runtime parameter of ${name} is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.`,
        { field: 'Runtime' },
      );
    }
    throw invalidParameterValue(
      `Value ${name} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${currentRuntimes.join(', ')}] or be a valid ARN`,
      { field: 'Runtime' },
    );
  }
  const findings = await parts.runtimes();
  const missing = findings.find((finding) => finding.name === name)?.missing;
  if (missing === undefined) return name;
  const there = findings.filter((finding) => finding.missing === undefined).map((finding) => finding.name);
  throw notHere(`Runtime ${name}`, `${missing}; this machine has ${there.join(', ')}.`);
}

function variablesOf(variables: Readonly<Record<string, string>>): Record<string, string> {
  const cannot =
    'Lambda was unable to configure your environment variables because the environment variables you have provided';
  const reserved = Object.keys(variables).filter((name) => reservedVariables.has(name));
  if (reserved.length > 0) {
    throw invalidParameterValue(
      `${cannot} contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
      { field: 'Environment' },
    );
  }
  // Lambda measures their JSON.
  const measured = JSON.stringify(variables);
  if (Buffer.byteLength(measured) > limits.environmentBytesMax) {
    throw invalidParameterValue(`${cannot} exceeded the 4KB limit. String measured: ${measured}`, {
      field: 'Environment',
    });
  }
  return { ...variables };
}

function loggingOf(
  input: NonNullable<ConfigurationInput['LoggingConfig']>,
  before: LoggingSettings = { format: 'text' },
): LoggingSettings {
  const format = input.LogFormat === undefined ? before.format : input.LogFormat === 'JSON' ? 'json' : 'text';
  const group = input.LogGroup ?? before.group;
  if (format === 'text') {
    if (input.ApplicationLogLevel !== undefined || input.SystemLogLevel !== undefined) {
      throw invalidParameterValue('Log levels need LogFormat JSON: lines of text have no level.', {
        field: 'LoggingConfig',
      });
    }
    return { format, ...(group === undefined ? {} : { group }) };
  }
  const applicationLevel = input.ApplicationLogLevel ?? before.applicationLevel;
  const systemLevel = input.SystemLogLevel ?? before.systemLevel;
  return {
    format,
    ...(applicationLevel === undefined ? {} : { applicationLevel }),
    ...(systemLevel === undefined ? {} : { systemLevel }),
    ...(group === undefined ? {} : { group }),
  };
}

/** One alone may be named, and it must be this machine's: nothing here runs another's. */
export function architectureOf(
  { architecture }: LambdaParts,
  wanted: readonly string[],
): Pick<FunctionSettings, 'architecture'> {
  if (wanted[0] === architecture) return { architecture };
  throw notHere(`Architectures [${wanted.join(', ')}]`, `this machine is ${architecture}.`);
}

/** Undefined: none. */
function deadLetterQueueOf(context: AwsContext, arn: string | undefined): string | undefined {
  if (arn === undefined || arn === '') return undefined;
  const own = `arn:aws:sqs:${context.region}:${context.account}:`;
  if (arn.startsWith(own) && arn.length > own.length) return arn.slice(own.length);
  throw notHere('DeadLetterConfig', `${arn} is not a queue of this account and region.`);
}

/** Errors: InvalidParameterValueException, where a new function lacks what a zip needs. */
export function newSettings(input: ConfigurationInput): Configuration {
  const { Runtime, Handler } = input;
  if (Runtime === undefined || Handler === undefined) {
    throw invalidParameterValue(
      'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
    );
  }
  return { ...defaultSettings, runtime: 'provided', handler: Handler };
}
