import { createHash } from 'node:crypto';
import { PlatformError } from '../util/errors.ts';
import { isObject, refuse, wholeNumber } from '../util/field.ts';
import type { BundleHash } from '../util/ids.ts';
import {
  defaultLimitProfile,
  limitProfileNames,
  limitProfiles,
  type LimitProfileName,
} from '../util/limit-profiles.ts';
import { parseKeyPath } from '../util/key-path.ts';
import { limits } from '../util/limits.ts';
import {
  destinationAccepts,
  destinationsMax,
  isPrivateRange,
  parseDestination,
  privateServicePattern,
  privateServicesMax,
  type NetworkAccess,
} from '../util/network-access.ts';
import { reservedVariables } from './reserved-variables.ts';
import {
  architectures,
  policyLimits,
  type FunctionSettings,
  type LayerUse,
  type LoggingSettings,
  type PolicyStatement,
} from './function.ts';
import { parseHttpDestinations } from './http-destination.ts';
import {
  isRuntimeName,
  runtimeFamily,
  runtimeNames,
  runtimesByProvided,
  type RuntimeName,
} from '../util/runtime-names.ts';

/** As Lambda's. https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
export const functionNamePattern = /[A-Za-z0-9_-]{1,64}/;
const wholeFunctionName = new RegExp(`^${functionNamePattern.source}$`);
const handlerLengthMax = 128;
const descriptionLengthMax = 256;
/** As IAM's. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
const arnLengthMax = 2_048;
/** https://docs.aws.amazon.com/lambda/latest/api/API_LoggingConfig.html */
const logGroupLengthMax = 512;
/** A day more than the longest that a queue keeps a message. */
const eventAgeMsMax = 15 * 24 * 3_600_000;
const eventAgeMsMin = 1_000;
/** No environment grows older than this: its credentials run out. */
export const keepWarmMsMax = 8 * 3_600_000;

export function checkFunctionName(name: unknown, field: string): asserts name is string {
  if (typeof name !== 'string' || !wholeFunctionName.test(name))
    refuse(field, name, '1 to 64 letters, digits, - and _');
}

export function isBundleHash(value: unknown): value is BundleHash {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

/** Made by who configures a function through Lambda's API; a deployment says nothing of it. */
function parseEnvironmentKey(value: unknown, field: string): Pick<FunctionSettings, 'environmentKey'> {
  if (value === undefined) return {};
  const { arn, sealed } = isObject(value) ? value : {};
  if (typeof arn !== 'string' || (sealed !== undefined && typeof sealed !== 'string'))
    return refuse(field, value, 'an object with the ARN of a key, and what it has sealed');
  return { environmentKey: { arn, ...(sealed !== undefined && { sealed }) } };
}

function parseEnvironment(value: unknown, field: string): Record<string, string> {
  if (!isObject(value)) refuse(field, value, 'an object of strings');
  const environment: Record<string, string> = {};
  let bytes = 0;
  for (const [name, text] of Object.entries(value)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) refuse(`${field}.${name}`, name, 'a name of letters, digits and _');
    if (reservedVariables.has(name)) {
      throw new PlatformError('invalid_argument', `${field}.${name} is set by the platform; accepted: another name`, {
        field: `${field}.${name}`,
      });
    }
    if (typeof text !== 'string' || text.includes('\0')) {
      // Without the value: it may be a secret, and messages are logged.
      throw new PlatformError(
        'invalid_argument',
        `${field}.${name} is not text; accepted: a string without the character NUL`,
        { field: `${field}.${name}` },
      );
    }
    bytes += Buffer.byteLength(name) + Buffer.byteLength(text);
    environment[name] = text;
  }
  if (bytes > limits.environmentBytesMax) {
    throw new PlatformError(
      'too_large',
      `${field} has ${bytes} bytes of names and values; accepted: ${limits.environmentBytesMax} in all`,
      { field },
    );
  }
  return environment;
}

function parsePatterns(value: unknown, field: string): string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > policyLimits.patternsMax) {
    refuse(field, value, `1 to ${policyLimits.patternsMax} strings`);
  }
  return value.map((one, index) =>
    typeof one === 'string' && one !== '' ? one : refuse(`${field}[${index}]`, one, 'a string that is not empty'),
  );
}

function parsePermissions(value: unknown, field: string): PolicyStatement[] {
  if (!Array.isArray(value) || value.length > policyLimits.statementsMax)
    refuse(field, value, `a list of at most ${policyLimits.statementsMax} statements`);
  return value.map((statement: unknown, index) => {
    const at = `${field}[${index}]`;
    if (!isObject(statement)) return refuse(at, statement, '{ effect, actions, resources }');
    const { effect } = statement;
    if (effect !== 'allow' && effect !== 'deny') return refuse(`${at}.effect`, effect, 'allow, deny');
    return {
      effect,
      actions: parsePatterns(statement['actions'], `${at}.actions`),
      resources: parsePatterns(statement['resources'], `${at}.resources`),
    };
  });
}

function refuseRuntime(value: unknown, field: string): never {
  const advice =
    typeof value === 'string' && Object.hasOwn(runtimesByProvided, value) ? runtimesByProvided[value] : undefined;
  if (advice === undefined) return refuse(field, value, runtimeNames.join(', '));
  throw new PlatformError('invalid_argument', `${field} is ${String(value)}, which is not there by name: ${advice}`, {
    field,
  });
}

/**
 * Settings from unknown data, every field present and within its limit; what is not a setting is left out.
 * `at` is what the caller calls them (`functions.hello.settings`), for the message. `platformLimits`: of what names no
 * profile itself. Errors: `invalid_argument`, `too_large`.
 */
export function parseFunctionSettings(
  value: unknown,
  at: string,
  platformLimits: LimitProfileName = defaultLimitProfile,
): FunctionSettings {
  if (!isObject(value)) return refuse(at, value, 'an object');
  const field = (name: string): string => (at === '' ? name : `${at}.${name}`);
  const { runtime, handler, bundle, concurrencyMax, network, deadLetterQueue } = value;
  if (!isRuntimeName(runtime)) refuseRuntime(runtime, field('runtime'));
  if (
    typeof handler !== 'string' ||
    handler.length > handlerLengthMax ||
    (handler === '' && runtimeFamily(runtime) !== 'provided')
  ) {
    refuse(field('handler'), handler, `file.function, at most ${handlerLengthMax} characters`);
  }
  if (!isBundleHash(bundle))
    refuse(field('bundle'), bundle, "the SHA-256 of the bundle's zip, 64 lower-case hex digits");
  if (deadLetterQueue !== undefined && (typeof deadLetterQueue !== 'string' || deadLetterQueue === '')) {
    refuse(field('deadLetterQueue'), deadLetterQueue, 'the name of a queue');
  }
  const own = value['limits'] === undefined ? undefined : oneOf(value['limits'], field('limits'), limitProfileNames);
  const profile = limitProfiles[own ?? platformLimits];
  return {
    runtime,
    handler,
    ...(own === undefined ? {} : { limits: own }),
    memoryMb: wholeNumber(value['memoryMb'], field('memoryMb'), [limits.memoryMbMin, profile.memoryMbMax]),
    timeoutMs: wholeNumber(value['timeoutMs'], field('timeoutMs'), [1, profile.timeoutMsMax]),
    environment: parseEnvironment(value['environment'], field('environment')),
    ...parseEnvironmentKey(value['environmentKey'], field('environmentKey')),
    bundle,
    ...(concurrencyMax === undefined
      ? {}
      : { concurrencyMax: wholeNumber(concurrencyMax, field('concurrencyMax'), [0, limits.accountConcurrencyMax]) }),
    network: parseNetwork(network, field('network')),
    ephemeralMb: wholeNumber(value['ephemeralMb'], field('ephemeralMb'), [
      limits.ephemeralMbMin,
      limits.ephemeralMbMax,
    ]),
    permissions: parsePermissions(value['permissions'], field('permissions')),
    attemptsMax: wholeNumber(value['attemptsMax'], field('attemptsMax'), [1, limits.attemptsMax]),
    eventAgeMaxMs: wholeNumber(value['eventAgeMaxMs'], field('eventAgeMaxMs'), [eventAgeMsMin, eventAgeMsMax]),
    ...(deadLetterQueue === undefined ? {} : { deadLetterQueue }),
    ...(value['destinations'] !== undefined && {
      destinations: parseHttpDestinations(value['destinations'], field('destinations')),
    }),
    ...parseOptional(value, field),
    ...parseAtOnce(value, runtime, field('concurrencyPerEnvironment')),
  };
}

function parseNetwork(value: unknown, field: string): NetworkAccess {
  if (value === 'internet' || value === 'none') return value;
  if (!isObject(value)) return refuse(field, value, 'internet, none, or { egress, private }');
  const { egress, private: services } = value;
  return {
    ...(egress === undefined
      ? {}
      : { egress: parseTexts(egress, `${field}.egress`, destinationsMax, isDestination, destinationAccepts) }),
    ...(services === undefined
      ? {}
      : { private: parseTexts(services, `${field}.private`, privateServicesMax, isServiceName, 'names of services') }),
  };
}

function isDestination(text: string): boolean {
  const destination = parseDestination(text);
  return destination !== undefined && !(destination.kind === 'range' && isPrivateRange(destination.range));
}

const isServiceName = (text: string): boolean => new RegExp(`^(?:${privateServicePattern.source})$`).test(text);

function parseTexts(
  value: unknown,
  field: string,
  countMax: number,
  is: (text: string) => boolean,
  accepts: string,
): readonly string[] {
  if (!Array.isArray(value) || value.length > countMax) return refuse(field, value, `a list of at most ${countMax}`);
  return value.map((one: unknown, index) =>
    typeof one === 'string' && is(one) ? one : refuse(`${field}[${index}]`, one, accepts),
  );
}

/** Of runtimes whose handlers give way to each other while they wait. */
function parseAtOnce(
  { concurrencyPerEnvironment: count, reuse }: Readonly<Record<string, unknown>>,
  runtime: RuntimeName,
  at: string,
): Pick<FunctionSettings, 'concurrencyPerEnvironment'> {
  if (count === undefined) return {};
  const concurrencyPerEnvironment = wholeNumber(count, at, [1, limits.concurrencyPerEnvironmentMax]);
  if (concurrencyPerEnvironment === 1) return {};
  if (runtimeFamily(runtime) !== 'nodejs') refuse(at, count, `1 for ${runtime}; more for nodejs runtimes`);
  if (reuse === 'none') refuse(at, count, '1 with reuse none');
  return { concurrencyPerEnvironment };
}

/** What may be absent and then is. */
function parseOptional(value: Readonly<Record<string, unknown>>, field: (name: string) => string): OptionalSettings {
  const {
    description,
    architecture,
    role,
    layers,
    logging,
    tracing,
    keepWarm,
    snapStart,
    template,
    reuse,
    idempotency,
    references,
  } = value;
  return {
    ...(description === undefined
      ? {}
      : { description: text(description, field('description'), descriptionLengthMax) }),
    ...(architecture === undefined ? {} : { architecture: oneOf(architecture, field('architecture'), architectures) }),
    ...(role === undefined ? {} : { role: text(role, field('role'), arnLengthMax) }),
    ...(layers === undefined ? {} : { layers: parseLayers(layers, field('layers')) }),
    ...(logging === undefined ? {} : { logging: parseLogging(logging, field('logging')) }),
    ...(tracing === undefined ? {} : { tracing: oneOf(tracing, field('tracing'), ['active', 'pass_through']) }),
    ...(keepWarm === undefined ? {} : { keepWarm: parseKeepWarm(keepWarm, field('keepWarm')) }),
    ...(snapStart === undefined
      ? {}
      : {
          snapStart: typeof snapStart === 'boolean' ? snapStart : refuse(field('snapStart'), snapStart, 'true, false'),
        }),
    ...(template === undefined
      ? {}
      : { template: typeof template === 'boolean' ? template : refuse(field('template'), template, 'true, false') }),
    ...(reuse === undefined ? {} : { reuse: oneOf(reuse, field('reuse'), ['none']) }),
    ...(idempotency === undefined ? {} : { idempotency: parseIdempotency(idempotency, field('idempotency')) }),
    ...(references === undefined
      ? {}
      : { references: references === true ? references : refuse(field('references'), references, 'true') }),
  };
}

type OptionalSettings = Pick<
  FunctionSettings,
  | 'description'
  | 'architecture'
  | 'role'
  | 'layers'
  | 'logging'
  | 'tracing'
  | 'keepWarm'
  | 'snapStart'
  | 'template'
  | 'reuse'
  | 'idempotency'
  | 'references'
>;

/** How long a first result is remembered: at most about twice as long as a queue keeps a message, whatever comes again. */
export const idempotencyTtlMs = { min: 1_000, max: 31 * 24 * 3_600_000 } as const;

function parseIdempotency(value: unknown, field: string): { key: string; ttlMs: number } {
  if (!isObject(value)) return refuse(field, value, '{ key, ttlMs }');
  const { key, ttlMs } = value;
  if (typeof key !== 'string' || parseKeyPath(key) === undefined)
    return refuse(`${field}.key`, key, 'a path such as $.detail.orderId');
  return { key, ttlMs: wholeNumber(ttlMs, `${field}.ttlMs`, [idempotencyTtlMs.min, idempotencyTtlMs.max]) };
}

function text(value: unknown, field: string, lengthMax: number): string {
  return typeof value === 'string' && value.length <= lengthMax
    ? value
    : refuse(field, value, `a string of at most ${lengthMax} characters`);
}

function oneOf<Word extends string>(value: unknown, field: string, words: readonly Word[]): Word {
  return words.find((word) => word === value) ?? refuse(field, value, words.join(', '));
}

/** `predicted`, or milliseconds. */
function parseKeepWarm(value: unknown, field: string): 'predicted' | number {
  return value === 'predicted' ? value : wholeNumber(value, field, [0, keepWarmMsMax]);
}

function parseLayers(value: unknown, field: string): LayerUse[] {
  if (!Array.isArray(value) || value.length > limits.layersMax)
    refuse(field, value, `a list of at most ${limits.layersMax} layers`);
  return value.map((one: unknown, index) => {
    const at = `${field}[${index}]`;
    if (!isObject(one)) return refuse(at, one, '{ arn, bundle, zipBytes }');
    const { arn, bundle, zipBytes } = one;
    if (!isBundleHash(bundle)) return refuse(`${at}.bundle`, bundle, 'the SHA-256 of its zip');
    return {
      arn: text(arn, `${at}.arn`, arnLengthMax),
      bundle,
      zipBytes: wholeNumber(zipBytes, `${at}.zipBytes`, [0, limits.bundleBytesMax]),
    };
  });
}

function parseLogging(value: unknown, field: string): LoggingSettings {
  if (!isObject(value)) return refuse(field, value, '{ format, applicationLevel, systemLevel, group }');
  const { format, applicationLevel, systemLevel, group } = value;
  return {
    format: oneOf(format, `${field}.format`, ['text', 'json']),
    ...(applicationLevel === undefined
      ? {}
      : {
          applicationLevel: oneOf(applicationLevel, `${field}.applicationLevel`, [
            'TRACE',
            'DEBUG',
            'INFO',
            'WARN',
            'ERROR',
            'FATAL',
          ]),
        }),
    ...(systemLevel === undefined
      ? {}
      : { systemLevel: oneOf(systemLevel, `${field}.systemLevel`, ['DEBUG', 'INFO', 'WARN']) }),
    ...(group === undefined ? {} : { group: text(group, `${field}.group`, logGroupLengthMax) }),
  };
}

/** JSON with the keys of every object in order, so that equal settings have equal text. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const names = Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .toSorted();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name])}`).join(',')}}`;
}

/** SHA-256 in hex: equal for settings that behave alike. */
export function settingsHash(settings: FunctionSettings): string {
  return createHash('sha256').update(canonicalJson(settings)).digest('hex');
}
