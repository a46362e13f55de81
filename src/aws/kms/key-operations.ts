import type {
  CancelKeyDeletionRequest,
  CancelKeyDeletionResponse,
  CreateKeyRequest,
  CreateKeyResponse,
  DescribeKeyRequest,
  DescribeKeyResponse,
  DisableKeyRequest,
  EnableKeyRequest,
  ListKeysRequest,
  ListKeysResponse,
  ScheduleKeyDeletionRequest,
  ScheduleKeyDeletionResponse,
  UpdateKeyDescriptionRequest,
} from '@aws-sdk/client-kms';
import type { ConditionContext } from '../../identity/policy-document.ts';
import { invalidState, keyValidation } from '../../resources/key/key-errors.ts';
import { isKeySpec, isKeyUsage, specOf, type KeySpec, type KeyUsage } from '../../resources/key/key-specs.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { checkedPolicy } from './checked-policy.ts';
import { keyMetadata, stateName } from './key-metadata.ts';
import { needKey, needManagedKey, onKey } from './key-reference.ts';
import type { KmsParts } from './kms-parts.ts';
import { markerPage } from './marker-page.ts';
import { checkTags, requestTagKeys } from './tag-operations.ts';

const dayMs = 86_400_000;
const windowDaysDefault = 30;

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html */
export const createKey = ({ keys }: KmsParts): OperationEntry => ({
  access: (_context, input: CreateKeyRequest) => [
    { action: 'kms:CreateKey', resource: '*', conditions: creationConditions(input) },
    ...(input.Tags === undefined
      ? []
      : [{ action: 'kms:TagResource', resource: '*', conditions: requestTagKeys(input.Tags) }]),
  ],
  async run(context: AwsContext, input: CreateKeyRequest): Promise<CreateKeyResponse> {
    refuseForeignMaterial(input);
    const { spec, usage } = kindOf(input);
    const tags = Object.fromEntries((input.Tags ?? []).map(({ TagKey = '', TagValue = '' }) => [TagKey, TagValue]));
    checkTags(tags);
    const key = await keys.create(context.account, {
      spec,
      usage,
      description: input.Description ?? '',
      policy: checkedPolicy(context, input.Policy, input.BypassPolicyLockoutSafetyCheck),
      tags,
    });
    return { KeyMetadata: keyMetadata(keys, key) };
  },
});

function creationConditions(input: CreateKeyRequest): ConditionContext {
  return {
    'kms:keyspec': input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT',
    'kms:keyusage': input.KeyUsage ?? 'ENCRYPT_DECRYPT',
    'kms:keyorigin': input.Origin ?? 'AWS_KMS',
    'kms:multiregion': String(input.MultiRegion ?? false),
    'kms:bypasspolicylockoutsafetycheck': String(input.BypassPolicyLockoutSafetyCheck ?? false),
    ...requestTagKeys(input.Tags ?? []),
  };
}

function refuseForeignMaterial(input: CreateKeyRequest): void {
  if (input.MultiRegion === true) throw notHere('MultiRegion', 'there is one region');
  if (input.CustomKeyStoreId !== undefined) throw notHere('CustomKeyStoreId', 'there are no custom key stores');
  if (input.XksKeyId !== undefined) throw notHere('XksKeyId', 'there are no external key stores');
  if (input.Origin !== undefined && input.Origin !== 'AWS_KMS')
    throw notHere(`Origin ${input.Origin}`, 'key material is made here and not brought along');
}

const notHere = (what: string, why: string): PlatformError =>
  new PlatformError('invalid_argument', `${what} is not available here: ${why}.`, {
    reason: 'UnsupportedOperationException',
  });

function kindOf(input: CreateKeyRequest): { spec: KeySpec; usage: KeyUsage } {
  if (input.KeySpec !== undefined && input.CustomerMasterKeySpec !== undefined)
    throw keyValidation(
      'You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.',
    );
  const spec = input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT';
  if (!isKeySpec(spec)) throw notHere(`KeySpec ${spec}`, 'it is offered in regions of China alone');
  const { usages, needsUsage } = specOf(spec);
  if (input.KeyUsage === undefined && needsUsage)
    throw keyValidation('You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.');
  const usage = input.KeyUsage ?? 'ENCRYPT_DECRYPT';
  if (!isKeyUsage(usage) || usages[usage] === undefined)
    throw keyValidation(`KeyUsage ${usage} is not compatible with KeySpec ${spec}`);
  return { spec, usage };
}

export const describeKey = ({ keys }: KmsParts): OperationEntry => ({
  access: (context, input: DescribeKeyRequest) => onKey(keys, context, 'DescribeKey', input.KeyId),
  run(context: AwsContext, input: DescribeKeyRequest): Promise<DescribeKeyResponse> {
    return Promise.resolve({ KeyMetadata: keyMetadata(keys, needKey(keys, context, input.KeyId)) });
  },
});

export const listKeys = ({ keys }: KmsParts): OperationEntry => ({
  access: () => [{ action: 'kms:ListKeys', resource: '*' }],
  run(context: AwsContext, input: ListKeysRequest): Promise<ListKeysResponse> {
    const { page, ...next } = markerPage(keys.list(context.account), input, ({ id }) => id);
    return Promise.resolve({ Keys: page.map((key) => ({ KeyId: key.id, KeyArn: keys.arnOf(key) })), ...next });
  },
});

export const enableKey = (parts: KmsParts): OperationEntry => switched(parts, 'EnableKey', 'enabled');
export const disableKey = (parts: KmsParts): OperationEntry => switched(parts, 'DisableKey', 'disabled');

function switched({ keys }: KmsParts, action: string, kind: 'enabled' | 'disabled'): OperationEntry {
  return {
    access: (context, input: EnableKeyRequest | DisableKeyRequest) => onKey(keys, context, action, input.KeyId),
    async run(context: AwsContext, input: EnableKeyRequest | DisableKeyRequest): Promise<object> {
      await keys.update(needManagedKey(keys, context, input.KeyId).id, (key) => {
        if (key.state.kind === 'pending_deletion') throw invalidState(`${keys.arnOf(key)} is pending deletion.`);
        return { state: { kind } };
      });
      return {};
    },
  };
}

export const updateKeyDescription = ({ keys }: KmsParts): OperationEntry => ({
  access: (context, input: UpdateKeyDescriptionRequest) => onKey(keys, context, 'UpdateKeyDescription', input.KeyId),
  async run(context: AwsContext, input: UpdateKeyDescriptionRequest): Promise<object> {
    await keys.update(needManagedKey(keys, context, input.KeyId).id, (key) => {
      if (key.state.kind === 'pending_deletion') throw invalidState(`${keys.arnOf(key)} is pending deletion.`);
      return { description: input.Description ?? '' };
    });
    return {};
  },
});

export const scheduleKeyDeletion = ({ keys, clock }: KmsParts): OperationEntry => ({
  access: (context, input: ScheduleKeyDeletionRequest) =>
    onKey(keys, context, 'ScheduleKeyDeletion', input.KeyId, {
      conditions: {
        'kms:schedulekeydeletionpendingwindowindays': String(input.PendingWindowInDays ?? windowDaysDefault),
      },
    }),
  async run(context: AwsContext, input: ScheduleKeyDeletionRequest): Promise<ScheduleKeyDeletionResponse> {
    const days = input.PendingWindowInDays ?? windowDaysDefault;
    const atMs = clock.now() + days * dayMs;
    const key = await keys.update(needManagedKey(keys, context, input.KeyId).id, (before) => {
      if (before.state.kind === 'pending_deletion') throw invalidState(`${keys.arnOf(before)} is pending deletion.`);
      return { state: { kind: 'pending_deletion', atMs, days } };
    });
    return {
      KeyId: keys.arnOf(key),
      DeletionDate: new Date(atMs),
      KeyState: stateName(key),
      PendingWindowInDays: days,
    };
  },
});

/** Disabled afterwards, so that nobody comes to depend on it unawares. */
export const cancelKeyDeletion = ({ keys }: KmsParts): OperationEntry => ({
  access: (context, input: CancelKeyDeletionRequest) => onKey(keys, context, 'CancelKeyDeletion', input.KeyId),
  async run(context: AwsContext, input: CancelKeyDeletionRequest): Promise<CancelKeyDeletionResponse> {
    const key = await keys.update(needManagedKey(keys, context, input.KeyId).id, (before) => {
      if (before.state.kind !== 'pending_deletion')
        throw invalidState(`${keys.arnOf(before)} is not pending deletion.`);
      return { state: { kind: 'disabled' } };
    });
    return { KeyId: keys.arnOf(key) };
  },
});
