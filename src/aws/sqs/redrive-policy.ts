/** RedrivePolicy and RedriveAllowPolicy. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html */
import type { Queue, Queues } from '../../resources/queue.ts';
import { isFifoName, queueSettingsBounds, type QueueSettings } from '../../resources/queue-settings.ts';
import { parseArn } from '../../util/arn.ts';
import { PlatformError } from '../../util/errors.ts';
import { isObject } from '../../util/field.ts';
import type { AwsContext } from '../service.ts';
import type { Subject } from './queue-attributes.ts';
import { invalid, queueArn, queueOfArn } from './queue-url.ts';

type Redrive = NonNullable<QueueSettings['redrive']>;
type RedriveAllow = NonNullable<QueueSettings['redriveAllow']>;

/** Sources that one `byQueue` may name (API_SetQueueAttributes). */
const sourcesMax = 10;

export function parseRedrive(queues: Queues, context: AwsContext, source: Subject, value: string): Redrive | undefined {
  const name = 'RedrivePolicy';
  const policy = parseJson(name, value);
  if (policy === undefined) return undefined;
  const { deadLetterTargetArn, maxReceiveCount } = policy;
  const count = /^\d{1,4}$/.test(String(maxReceiveCount)) ? Number(maxReceiveCount) : Number.NaN;
  const [min, max] = queueSettingsBounds.receivesMax;
  if (!(count >= min && count <= max))
    throw invalid(name, value, `maxReceiveCount must be a whole number from ${min} to ${max}`);
  const arn = parseArn(String(deadLetterTargetArn));
  if (arn?.service !== 'sqs' || arn.region !== context.region || arn.account !== context.account) {
    const example = queueArn(context, { account: context.account, name: 'dead' });
    throw invalid(
      name,
      value,
      `deadLetterTargetArn must be a queue's ARN of the same account and region, such as ${example}`,
    );
  }
  const target = queueOfArn(queues, context, String(deadLetterTargetArn));
  if (target === undefined) throw invalid(name, value, 'Dead letter target does not exist.');
  if (isFifoName(target.name) !== isFifoName(source.name))
    throw invalid(name, value, 'Dead-letter queue must be same type of queue as the source.');
  const { redriveAllow } = target.settings;
  if (redriveAllow !== undefined && (redriveAllow.kind === 'none' || !redriveAllow.names.includes(source.name)))
    throw invalid(name, value, `The redrive allow policy of "${target.name}" does not allow "${source.name}".`);
  return { deadLetterQueue: target.name, receivesMax: count };
}

export function redriveText(context: AwsContext, { account }: Queue, redrive: Redrive): string {
  return JSON.stringify({
    deadLetterTargetArn: queueArn(context, { account, name: redrive.deadLetterQueue }),
    maxReceiveCount: redrive.receivesMax,
  });
}

export function parseRedriveAllow(context: AwsContext, value: string): RedriveAllow | undefined {
  const name = 'RedriveAllowPolicy';
  const policy = parseJson(name, value);
  if (policy === undefined) return undefined;
  const { redrivePermission, sourceQueueArns } = policy;
  if (redrivePermission !== 'byQueue') {
    if (sourceQueueArns !== undefined)
      throw invalidValue(name, value, 'sourceQueueArns belongs to the redrivePermission byQueue alone');
    if (redrivePermission === 'denyAll') return { kind: 'none' };
    if (redrivePermission === 'allowAll') return undefined;
    throw invalidValue(name, value, 'redrivePermission must be allowAll, denyAll or byQueue');
  }
  const arns: readonly unknown[] = Array.isArray(sourceQueueArns) ? sourceQueueArns : [];
  if (arns.length === 0 || arns.length > sourcesMax)
    throw invalidValue(name, value, `sourceQueueArns must be a list of 1 to ${sourcesMax} ARNs of queues`);
  const names = arns.map((text) => {
    const arn = parseArn(String(text));
    if (arn?.service === 'sqs' && arn.region === context.region && arn.account === context.account) return arn.resource;
    throw invalidValue(name, value, `${String(text)} is no ARN of a queue of this account and region`);
  });
  return { kind: 'queues', names };
}

export function redriveAllowText(context: AwsContext, { account }: Queue, allow: RedriveAllow): string {
  if (allow.kind === 'none') return JSON.stringify({ redrivePermission: 'denyAll' });
  const sourceQueueArns = allow.names.map((name) => queueArn(context, { account, name }));
  return JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns });
}

/** Undefined: it is to be taken away. */
function parseJson(name: string, value: string): Readonly<Record<string, unknown>> | undefined {
  if (value === '') return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch (cause) {
    throw invalidValue(name, value, 'it is no JSON', cause);
  }
  if (!isObject(parsed)) throw invalidValue(name, value, 'it is no JSON object');
  return Object.keys(parsed).length === 0 ? undefined : parsed;
}

export function invalidValue(name: string, value: string, why: string, cause?: unknown): PlatformError {
  return new PlatformError(
    'invalid_argument',
    `Invalid value for the parameter ${name}. Reason: ${why}; given was ${value.slice(0, 200)}.`,
    { field: name, reason: 'InvalidAttributeValue', ...(cause !== undefined && { cause }) },
  );
}
