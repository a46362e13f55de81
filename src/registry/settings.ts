import { createHash } from 'node:crypto';
import { PlatformError } from '../util/errors.ts';
import { isObject, refuse, wholeNumber } from '../util/field.ts';
import type { BundleHash } from '../util/ids.ts';
import { limits } from '../util/limits.ts';
import { reservedVariables } from './reserved-variables.ts';
import {
  policyLimits,
  runtimeNames,
  type FunctionSettings,
  type PolicyStatement,
  type RuntimeName,
} from './function.ts';

/** As Lambda's. https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
export const functionNamePattern = /[A-Za-z0-9_-]{1,64}/;
const wholeFunctionName = new RegExp(`^${functionNamePattern.source}$`);
const handlerLengthMax = 128;
/** A day more than the longest that a queue keeps a message. */
const eventAgeMsMax = 15 * 24 * 3_600_000;
const eventAgeMsMin = 1_000;

export function checkFunctionName(name: unknown, field: string): asserts name is string {
  if (typeof name !== 'string' || !wholeFunctionName.test(name))
    refuse(field, name, '1 to 64 letters, digits, - and _');
}

export function isBundleHash(value: unknown): value is BundleHash {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
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
    if (typeof text !== 'string' || text.includes('\0')) refuse(`${field}.${name}`, text, 'a string');
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

/**
 * Settings from unknown data, every field present and within its limit; what is not a setting is left out.
 * `at` is what the caller calls them (`functions.hello.settings`), for the message. Errors: `invalid_argument`, `too_large`.
 */
export function parseFunctionSettings(value: unknown, at: string): FunctionSettings {
  if (!isObject(value)) return refuse(at, value, 'an object');
  const field = (name: string): string => (at === '' ? name : `${at}.${name}`);
  const { runtime, handler, bundle, concurrencyMax, network, deadLetterQueue } = value;
  if (!runtimeNames.includes(runtime as RuntimeName)) refuse(field('runtime'), runtime, runtimeNames.join(', '));
  if (typeof handler !== 'string' || handler.length > handlerLengthMax || (handler === '' && runtime !== 'provided')) {
    refuse(field('handler'), handler, `file.function, at most ${handlerLengthMax} characters`);
  }
  if (!isBundleHash(bundle))
    refuse(field('bundle'), bundle, "the SHA-256 of the bundle's zip, 64 lower-case hex digits");
  if (network !== 'internet' && network !== 'none') refuse(field('network'), network, 'internet, none');
  if (deadLetterQueue !== undefined && (typeof deadLetterQueue !== 'string' || deadLetterQueue === '')) {
    refuse(field('deadLetterQueue'), deadLetterQueue, 'the name of a queue');
  }
  return {
    runtime: runtime as RuntimeName,
    handler,
    memoryMb: wholeNumber(value['memoryMb'], field('memoryMb'), [limits.memoryMbMin, limits.memoryMbMax]),
    timeoutMs: wholeNumber(value['timeoutMs'], field('timeoutMs'), [1, limits.timeoutMsMax]),
    environment: parseEnvironment(value['environment'], field('environment')),
    bundle,
    ...(concurrencyMax === undefined
      ? {}
      : { concurrencyMax: wholeNumber(concurrencyMax, field('concurrencyMax'), [0, limits.accountConcurrencyMax]) }),
    network,
    ephemeralMb: wholeNumber(value['ephemeralMb'], field('ephemeralMb'), [
      limits.ephemeralMbMin,
      limits.ephemeralMbMax,
    ]),
    permissions: parsePermissions(value['permissions'], field('permissions')),
    attemptsMax: wholeNumber(value['attemptsMax'], field('attemptsMax'), [1, limits.attemptsMax]),
    eventAgeMaxMs: wholeNumber(value['eventAgeMaxMs'], field('eventAgeMaxMs'), [eventAgeMsMin, eventAgeMsMax]),
    ...(deadLetterQueue === undefined ? {} : { deadLetterQueue }),
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
