/**
 * When a message is posted again that an endpoint did not take, and how fast it is posted at all. Pure.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
 */
import { PlatformError } from '../util/errors.ts';
import { isObject } from '../util/field.ts';

const backOffs = ['linear', 'arithmetic', 'geometric', 'exponential'] as const;
type BackOff = (typeof backOffs)[number];

/** Seconds and counts, as SNS names and bounds them. */
export type HealthyRetryPolicy = {
  minDelayTarget: number;
  maxDelayTarget: number;
  /** Retries in all, those of the three named phases included. */
  numRetries: number;
  numNoDelayRetries: number;
  numMinDelayRetries: number;
  numMaxDelayRetries: number;
  backoffFunction: BackOff;
};

export type DeliveryPolicy = {
  healthyRetryPolicy: HealthyRetryPolicy;
  /** Of one endpoint; absent: as many as it takes. */
  throttlePolicy?: { maxReceivesPerSecond: number };
  requestPolicy?: { headerContentType: string };
};

const healthyRetryDefault: HealthyRetryPolicy = Object.freeze({
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numMaxDelayRetries: 0,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  backoffFunction: 'linear',
});

/** Each inclusive. Same page, "Creating an HTTP/S delivery policy". */
const bounds = {
  minDelayTarget: [1, 3_600],
  maxDelayTarget: [1, 3_600],
  numRetries: [0, 100],
  numNoDelayRetries: [0, 100],
  numMinDelayRetries: [0, 100],
  numMaxDelayRetries: [0, 100],
} as const satisfies Partial<Record<keyof HealthyRetryPolicy, readonly [number, number]>>;

/** All retries together. Same page. */
const retryingMsMax = 3_600_000;

const contentTypes: readonly string[] = [
  'text/plain',
  'application/json',
  'application/xml',
  'text/html',
  'text/css',
  'text/csv',
  'text/xml',
  'application/octet-stream',
  'application/soap+xml',
  'application/x-www-form-urlencoded',
];

/** A subscription's `DeliveryPolicy`. Throws InvalidParameter. */
export function parseDeliveryPolicy(text: string): Partial<DeliveryPolicy> {
  return readPolicy(parsed(text), ['healthyRetryPolicy', 'throttlePolicy', 'requestPolicy']);
}

/** A topic's, where everything is under `http` and a default. Throws InvalidParameter. */
export function parseTopicDeliveryPolicy(text: string): { policy: Partial<DeliveryPolicy>; isFinal: boolean } {
  const { http = {}, ...others } = parsed(text);
  if (!isObject(http) || Object.keys(others).length > 0) return refuse('only http is accepted in it');
  const { disableSubscriptionOverrides = false, ...policies } = http;
  if (typeof disableSubscriptionOverrides !== 'boolean') refuse('disableSubscriptionOverrides is no true or false');
  const names = ['defaultHealthyRetryPolicy', 'defaultThrottlePolicy', 'defaultRequestPolicy'] as const;
  return { policy: readPolicy(policies, names), isFinal: disableSubscriptionOverrides === true };
}

/** What holds for a subscription, of what it and its topic are set to. */
export function effectivePolicy(topic: string | undefined, subscription: string | undefined): DeliveryPolicy {
  const { policy: general, isFinal } =
    topic === undefined ? { policy: {}, isFinal: false } : parseTopicDeliveryPolicy(topic);
  const own = subscription === undefined || isFinal ? {} : parseDeliveryPolicy(subscription);
  return { healthyRetryPolicy: healthyRetryDefault, ...general, ...own };
}

/** After `attempts` that failed (from 1); undefined: no more. */
export function retryDelayMs(policy: HealthyRetryPolicy, attempts: number): number | undefined {
  const { numRetries, numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries } = policy;
  if (attempts > numRetries) return undefined;
  if (attempts <= numNoDelayRetries) return 0;
  const [min, max] = [policy.minDelayTarget * 1_000, policy.maxDelayTarget * 1_000];
  const past = attempts - numNoDelayRetries;
  if (past <= numMinDelayRetries) return min;
  const steps = numRetries - numNoDelayRetries - numMinDelayRetries - numMaxDelayRetries;
  const step = past - numMinDelayRetries;
  if (step > steps || steps <= 1) return step > steps ? max : min;
  return min + (max - min) * growth(policy.backoffFunction, (step - 1) / (steps - 1));
}

/** How much of the way from the shortest delay to the longest is gone, at `fraction` of the steps. */
function growth(backOff: BackOff, fraction: number): number {
  switch (backOff) {
    case 'linear':
      return fraction;
    case 'arithmetic':
      return (fraction * (fraction + 1)) / 2;
    case 'geometric':
      return (2 ** (4 * fraction) - 1) / 15;
    case 'exponential':
      return (Math.E ** (6 * fraction) - 1) / (Math.E ** 6 - 1);
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  return isObject(value) ? value : refuse('it is no JSON object');
}

/** `names`: what the three parts are called, in the order of `DeliveryPolicy`. */
function readPolicy(
  given: Readonly<Record<string, unknown>>,
  [retry, throttle, request]: readonly [string, string, string],
): Partial<DeliveryPolicy> {
  const unknown = Object.keys(given).find((name) => ![retry, throttle, request, 'guaranteed'].includes(name));
  if (unknown !== undefined) refuse(`${unknown} is not accepted in it`);
  const { [retry]: healthy, [throttle]: throttled, [request]: requested } = given;
  return {
    ...(healthy !== undefined && healthy !== null && { healthyRetryPolicy: readRetryPolicy(healthy) }),
    ...(throttled !== undefined && throttled !== null && { throttlePolicy: readThrottle(throttled) }),
    ...(requested !== undefined && requested !== null && { requestPolicy: readRequest(requested) }),
  };
}

function readRetryPolicy(given: unknown): HealthyRetryPolicy {
  if (!isObject(given)) return refuse('healthyRetryPolicy is no object');
  const { backoffFunction = 'linear', ...numbers } = given;
  const backOff = backOffs.find((one) => one === backoffFunction);
  if (backOff === undefined) return refuse(`backoffFunction must be one of ${backOffs.join(', ')}`);
  const policy = { ...healthyRetryDefault, backoffFunction: backOff };
  for (const [name, value] of Object.entries(numbers)) {
    if (value === null) continue;
    if (!isBounded(name)) return refuse(`healthyRetryPolicy.${name} is not accepted`);
    const [min, max] = bounds[name];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
      return refuse(`healthyRetryPolicy.${name} must be between ${min} and ${max}`);
    policy[name] = value;
  }
  if (policy.minDelayTarget > policy.maxDelayTarget)
    refuse('healthyRetryPolicy.minDelayTarget must be at most maxDelayTarget');
  if (policy.numNoDelayRetries + policy.numMinDelayRetries + policy.numMaxDelayRetries > policy.numRetries)
    refuse('healthyRetryPolicy.numRetries must be at least the sum of the retries of its phases');
  let totalMs = 0;
  for (let attempts = 1; attempts <= policy.numRetries; attempts += 1) totalMs += retryDelayMs(policy, attempts) ?? 0;
  if (totalMs > retryingMsMax)
    refuse(`healthyRetryPolicy would go on for ${Math.ceil(totalMs / 1_000)} seconds; at most 3600 are accepted`);
  return policy;
}

function isBounded(name: string): name is keyof typeof bounds {
  return Object.hasOwn(bounds, name);
}

function readThrottle(given: unknown): { maxReceivesPerSecond: number } {
  const value = isObject(given) ? given['maxReceivesPerSecond'] : undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return { maxReceivesPerSecond: value };
  return refuse('throttlePolicy.maxReceivesPerSecond must be 1 or greater');
}

function readRequest(given: unknown): { headerContentType: string } {
  const value = isObject(given) ? given['headerContentType'] : undefined;
  const [type = ''] = typeof value === 'string' ? value.split(';') : [];
  if (typeof value === 'string' && contentTypes.includes(type.trim().toLowerCase()) && !/[^\x20-\x7e]/.test(value))
    return { headerContentType: value };
  return refuse(`requestPolicy.headerContentType must be one of ${contentTypes.join(', ')}`);
}

function refuse(why: string): never {
  throw new PlatformError('invalid_argument', `Invalid parameter: DeliveryPolicy: ${why}`, {
    field: 'DeliveryPolicy',
    reason: 'InvalidParameter',
  });
}
