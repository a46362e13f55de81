/** A queue's settings as SQS names them: strings, in seconds. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
import type { Queue, Queues } from '../../resources/queue.ts';
import {
  isFifoName,
  queueSettingsBounds,
  type FifoSettings,
  type QueueEncryption,
  type QueueSettings,
} from '../../resources/queue-settings.ts';
import type { Depth } from '../../store/log.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext } from '../service.ts';
import { parsePolicy } from './queue-policy.ts';
import { queueArn } from './queue-url.ts';
import { invalidValue, parseRedrive, parseRedriveAllow, redriveAllowText, redriveText } from './redrive-policy.ts';

export type SettingsChange = { [Setting in keyof QueueSettings]?: QueueSettings[Setting] | undefined };

type Numeric = 'visibilityMs' | 'delayMs' | 'retentionMs' | 'waitMs' | 'messageBytesMax' | 'dataKeyReuseMs';

const reusePeriod = 'KmsDataKeyReusePeriodSeconds';

/** `unit`: what one of SQS's is in ours. */
const numeric: ReadonlyMap<string, { setting: Numeric; unit: number }> = new Map([
  ['VisibilityTimeout', { setting: 'visibilityMs', unit: 1_000 }],
  ['DelaySeconds', { setting: 'delayMs', unit: 1_000 }],
  ['MessageRetentionPeriod', { setting: 'retentionMs', unit: 1_000 }],
  ['ReceiveMessageWaitTimeSeconds', { setting: 'waitMs', unit: 1_000 }],
  ['MaximumMessageSize', { setting: 'messageBytesMax', unit: 1 }],
  [reusePeriod, { setting: 'dataKeyReuseMs', unit: 1_000 }],
]);

const fifoAttributes: ReadonlySet<string> = new Set([
  'FifoQueue',
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'FifoThroughputLimit',
]);
const otherAttributes: ReadonlySet<string> = new Set([
  'Policy',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'KmsMasterKeyId',
  'SqsManagedSseEnabled',
]);

/** SQS's own name of a setting; of a FIFO queue's several the first that is no name of a queue. */
export function attributeName(setting: string): string {
  const known = [...numeric].find(([, numbered]) => numbered.setting === setting);
  if (known !== undefined) return known[0];
  switch (setting) {
    case 'redrive':
      return 'RedrivePolicy';
    case 'redriveAllow':
      return 'RedriveAllowPolicy';
    case 'fifo':
      return 'ContentBasedDeduplication';
    case 'encryption':
      return 'KmsMasterKeyId';
    default:
      return 'Policy';
  }
}

/** Whose attributes they are: a queue that is there, or one that is to be made. */
export type Subject = { name: string; settings?: QueueSettings };

/** Throws InvalidAttributeName, InvalidAttributeValue. */
export function parseAttributes(
  queues: Queues,
  context: AwsContext,
  subject: Subject,
  attributes: Readonly<Record<string, string | undefined>>,
): SettingsChange {
  const change: SettingsChange = {};
  const fifo: Partial<FifoSettings> = {};
  for (const [name, value = ''] of Object.entries(attributes)) {
    const known = numeric.get(name);
    if (known !== undefined) change[known.setting] = parseNumber(name, value, known);
    else if (fifoAttributes.has(name)) Object.assign(fifo, parseFifo(subject, name, value));
    else if (name === 'RedrivePolicy') change.redrive = parseRedrive(queues, context, subject, value);
    else if (name === 'RedriveAllowPolicy') change.redriveAllow = parseRedriveAllow(context, value);
    else if (name === 'Policy') change.policy = parsePolicy(value);
    else if (!otherAttributes.has(name)) throw unknownAttribute(name);
  }
  const encryption = parseEncryption(attributes, subject.settings?.encryption);
  if (encryption !== undefined) change.encryption = encryption;
  const present = subject.settings?.fifo;
  if (isFifoName(subject.name) && (present === undefined || Object.keys(fifo).length > 0))
    change.fifo = { ...unchosen, ...present, ...fifo };
  return change;
}

/** An ARN of an alias with the longest name is far below. https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html */
const keyIdCharactersMax = 2_048;

const unchosen: FifoSettings = {
  contentDeduplication: false,
  deduplicationScope: 'queue',
  throughputLimit: 'perQueue',
};

/** Undefined: nothing is said of it. */
function parseEncryption(
  { KmsMasterKeyId: keyId, SqsManagedSseEnabled: managed }: Readonly<Record<string, string | undefined>>,
  present: QueueEncryption | undefined,
): QueueEncryption | undefined {
  if (managed !== undefined && managed !== 'true' && managed !== 'false')
    throw invalidValue('SqsManagedSseEnabled', managed, 'true and false are accepted');
  if (keyId !== undefined && keyId.length > keyIdCharactersMax)
    throw invalidValue('KmsMasterKeyId', keyId, `at most ${keyIdCharactersMax} characters are accepted`);
  if (keyId !== undefined && keyId !== '') {
    if (managed !== 'true') return { kind: 'kms', keyId };
    throw new PlatformError(
      'invalid_argument',
      'You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.',
      { field: 'KmsMasterKeyId', reason: 'InvalidAttributeValue' },
    );
  }
  if (managed === 'true') return { kind: 'managed' };
  // Who switches the one off has not switched the other on, or off.
  if (managed === 'false' && present?.kind !== 'kms') return { kind: 'none' };
  return keyId === '' && present?.kind === 'kms' ? { kind: 'none' } : undefined;
}

function parseNumber(name: string, value: string, { setting, unit }: { setting: Numeric; unit: number }): number {
  const number = /^\d{1,9}$/.test(value) ? Number(value) * unit : Number.NaN;
  const [min, max] = queueSettingsBounds[setting];
  if (number >= min && number <= max) return number;
  throw invalidValue(name, value, `a whole number from ${min / unit} to ${max / unit} is accepted`);
}

function parseFifo({ name: queue, settings }: Subject, name: string, value: string): Partial<FifoSettings> {
  const isFifo = isFifoName(queue);
  switch (name) {
    case 'FifoQueue':
      // What a queue is, it stays; and a standard queue may be called one.
      if (value === String(isFifo)) return {};
      throw settings === undefined
        ? invalidValue(name, value, `the name of a FIFO queue, and of no other, ends in .fifo ("${queue}")`)
        : invalidValue(name, value, 'a queue cannot be changed from one type to the other');
    case 'ContentBasedDeduplication':
      if (!isFifo && value === 'false') return {};
      checkOneOf(isFifo, name, value, ['true', 'false']);
      return { contentDeduplication: value === 'true' };
    case 'DeduplicationScope':
      checkOneOf(isFifo, name, value, ['messageGroup', 'queue']);
      return { deduplicationScope: value === 'queue' ? 'queue' : 'messageGroup' };
    default:
      checkOneOf(isFifo, name, value, ['perQueue', 'perMessageGroupId']);
      return { throughputLimit: value === 'perQueue' ? 'perQueue' : 'perMessageGroupId' };
  }
}

function checkOneOf(isFifo: boolean, name: string, value: string, accepted: readonly string[]): void {
  if (!isFifo) throw unknownAttribute(name);
  if (!accepted.includes(value)) throw invalidValue(name, value, `${accepted.join(' and ')} are accepted`);
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
    SqsManagedSseEnabled: String(settings.encryption.kind === 'managed'),
  };
  for (const [name, { setting, unit }] of numeric) attributes[name] = String(settings[setting] / unit);
  if (settings.encryption.kind === 'kms') attributes['KmsMasterKeyId'] = settings.encryption.keyId;
  else delete attributes[reusePeriod];
  const { fifo, policy, redrive, redriveAllow } = settings;
  if (policy !== undefined) attributes['Policy'] = policy;
  if (redrive !== undefined) attributes['RedrivePolicy'] = redriveText(context, queue, redrive);
  if (redriveAllow !== undefined) attributes['RedriveAllowPolicy'] = redriveAllowText(context, queue, redriveAllow);
  if (fifo !== undefined) {
    attributes['FifoQueue'] = 'true';
    attributes['ContentBasedDeduplication'] = String(fifo.contentDeduplication);
    attributes['DeduplicationScope'] = fifo.deduplicationScope;
    attributes['FifoThroughputLimit'] = fifo.throughputLimit;
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
    else if (!otherAttributes.has(name) && !fifoAttributes.has(name) && name !== reusePeriod)
      throw unknownAttribute(name);
  }
  return picked;
}

function unknownAttribute(name: string): PlatformError {
  return new PlatformError('invalid_argument', `Unknown Attribute ${name}.`, {
    field: name,
    reason: 'InvalidAttributeName',
  });
}
