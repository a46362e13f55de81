/** A queue's settings as SQS names them: strings, in seconds. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
import type { Queue, Queues } from '../../resources/queue.ts';
import { queueSettingsBounds, type QueueSettings } from '../../resources/queue-settings.ts';
import type { Depth } from '../../store/log.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import type { AwsContext } from '../service.ts';
import { queueArn } from './queue-url.ts';

export type SettingsChange = { [Setting in keyof QueueSettings]?: QueueSettings[Setting] | undefined };

type Numeric = keyof Omit<QueueSettings, 'redrive'>;

/** `unit`: what one of SQS's is in ours. */
const numeric: ReadonlyMap<string, { setting: Numeric; unit: number }> = new Map([
  ['VisibilityTimeout', { setting: 'visibilityMs', unit: 1_000 }],
  ['DelaySeconds', { setting: 'delayMs', unit: 1_000 }],
  ['MessageRetentionPeriod', { setting: 'retentionMs', unit: 1_000 }],
  ['ReceiveMessageWaitTimeSeconds', { setting: 'waitMs', unit: 1_000 }],
  ['MaximumMessageSize', { setting: 'messageBytesMax', unit: 1 }],
]);

/** They would promise what is not there: access rules and encryption of their own. Each with its "off" value, which is accepted. */
const notBuilt: ReadonlyMap<string, string> = new Map([
  ['Policy', ''],
  ['RedriveAllowPolicy', ''],
  ['KmsMasterKeyId', ''],
  ['KmsDataKeyReusePeriodSeconds', ''],
  ['SqsManagedSseEnabled', 'false'],
  ['FifoQueue', 'false'],
  ['ContentBasedDeduplication', 'false'],
  ['DeduplicationScope', ''],
  ['FifoThroughputLimit', ''],
]);

/** Throws InvalidAttributeName, InvalidAttributeValue, and UnsupportedOperation for what is not built. */
export function parseAttributes(
  queues: Queues,
  context: AwsContext,
  attributes: Readonly<Record<string, string | undefined>>,
): SettingsChange {
  const change: SettingsChange = {};
  for (const [name, value = ''] of Object.entries(attributes)) {
    const known = numeric.get(name);
    if (known !== undefined) change[known.setting] = parseNumber(name, value, known);
    else if (name === 'RedrivePolicy') change.redrive = parseRedrive(queues, context, value);
    else if (!notBuilt.has(name)) throw unknownAttribute(name);
    else if (notBuilt.get(name) !== value) {
      throw new PlatformError(
        'not_implemented',
        `The queue attribute ${name} is not built, so its value "${value.slice(0, 80)}" cannot be kept.`,
        {
          field: name,
          reason: 'UnsupportedOperation',
        },
      );
    }
  }
  return change;
}

function parseNumber(name: string, value: string, { setting, unit }: { setting: Numeric; unit: number }): number {
  const number = /^\d{1,9}$/.test(value) ? Number(value) * unit : Number.NaN;
  const [min, max] = queueSettingsBounds[setting];
  if (number >= min && number <= max) return number;
  throw invalidValue(name, value, `a whole number from ${min / unit} to ${max / unit} is accepted`);
}

function parseRedrive(queues: Queues, context: AwsContext, value: string): QueueSettings['redrive'] {
  if (value === '') return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch (cause) {
    throw invalidValue('RedrivePolicy', value, 'it is no JSON', cause);
  }
  const { deadLetterTargetArn, maxReceiveCount } = (parsed ?? {}) as {
    deadLetterTargetArn?: unknown;
    maxReceiveCount?: unknown;
  };
  const count = /^\d{1,4}$/.test(String(maxReceiveCount)) ? Number(maxReceiveCount) : Number.NaN;
  const [min, max] = queueSettingsBounds.receivesMax;
  if (!(count >= min && count <= max)) {
    throw invalidValue('RedrivePolicy', value, `maxReceiveCount must be a whole number from ${min} to ${max}`);
  }
  const arn = /^arn:aws:sqs:([a-z0-9-]+):(\d{12}):([A-Za-z0-9_.-]+)$/.exec(String(deadLetterTargetArn));
  const [, region, account, name] = arn ?? [];
  if (region !== context.region || account !== context.account || name === undefined) {
    throw invalidValue(
      'RedrivePolicy',
      value,
      `deadLetterTargetArn must be a queue's ARN of the same account and region, such as ${queueArn(context, { account: context.account, name: 'dead' })}`,
    );
  }
  if (queues.get(account as AccountId, name) === undefined) {
    throw invalidValue('RedrivePolicy', value, `the dead-letter target "${name}" does not exist`);
  }
  return { deadLetterQueue: name, receivesMax: count };
}

/** Every attribute that this queue has, by SQS's name. */
export function attributesOf(context: AwsContext, queue: Queue, depth: Depth): Record<string, string> {
  const { settings } = queue;
  const attributes: Record<string, string> = {
    QueueArn: queueArn(context, queue),
    ApproximateNumberOfMessages: String(depth.ready),
    ApproximateNumberOfMessagesNotVisible: String(depth.leased),
    ApproximateNumberOfMessagesDelayed: String(depth.delayed),
    CreatedTimestamp: String(Math.floor(queue.createdMs / 1_000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedMs / 1_000)),
    SqsManagedSseEnabled: 'false',
  };
  for (const [name, { setting, unit }] of numeric) attributes[name] = String(settings[setting] / unit);
  if (settings.redrive !== undefined) {
    const deadLetterTargetArn = queueArn(context, { account: queue.account, name: settings.redrive.deadLetterQueue });
    attributes['RedrivePolicy'] = JSON.stringify({
      deadLetterTargetArn,
      maxReceiveCount: settings.redrive.receivesMax,
    });
  }
  return attributes;
}

/** Those of `attributes` that were asked for; one that this queue merely does not have is left out. */
export function pickAttributes(
  attributes: Readonly<Record<string, string>>,
  names: readonly string[],
): Record<string, string> {
  if (names.includes('All')) return { ...attributes };
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (value !== undefined) picked[name] = value;
    else if (name !== 'RedrivePolicy' && !notBuilt.has(name)) throw unknownAttribute(name);
  }
  return picked;
}

function unknownAttribute(name: string): PlatformError {
  return new PlatformError('invalid_argument', `Unknown Attribute ${name}.`, {
    field: name,
    reason: 'InvalidAttributeName',
  });
}

function invalidValue(name: string, value: string, why: string, cause?: unknown): PlatformError {
  return new PlatformError(
    'invalid_argument',
    `Value ${value.slice(0, 200)} for parameter ${name} is invalid. Reason: ${why}.`,
    {
      field: name,
      reason: 'InvalidAttributeValue',
      ...(cause !== undefined && { cause }),
    },
  );
}
