import type {
  DisableKeyRotationRequest,
  EnableKeyRotationRequest,
  GetKeyRotationStatusRequest,
  GetKeyRotationStatusResponse,
  ListKeyRotationsRequest,
  ListKeyRotationsResponse,
  RotateKeyOnDemandRequest,
  RotateKeyOnDemandResponse,
} from '@aws-sdk/client-kms';
import type { Key } from '../../resources/key.ts';
import { unsupportedKeyOperation } from '../../resources/key/key-errors.ts';
import { isSymmetric } from '../../resources/key/key-specs.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { needManagedKey, onKey } from './key-reference.ts';
import type { KmsParts } from './kms-parts.ts';
import { markerPage } from './marker-page.ts';

const dayMs = 86_400_000;
/** https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html */
const periodDaysDefault = 365;

function needRotatable({ keys }: KmsParts, context: AwsContext, reference: string | undefined): Key {
  const key = needManagedKey(keys, context, reference);
  if (!isSymmetric(key)) throw unsupportedKeyOperation(`${keys.arnOf(key)} is no symmetric key: it is not rotated.`);
  return key;
}

export const enableKeyRotation = (parts: KmsParts): OperationEntry => ({
  access: (context, input: EnableKeyRotationRequest) =>
    onKey(parts.keys, context, 'EnableKeyRotation', input.KeyId, {
      conditions: { 'kms:rotationperiodindays': String(input.RotationPeriodInDays ?? periodDaysDefault) },
    }),
  async run(context: AwsContext, input: EnableKeyRotationRequest): Promise<object> {
    const { id } = needRotatable(parts, context, input.KeyId);
    const nowMs = parts.clock.now();
    await parts.keys.update(id, (key) => {
      parts.keys.requireUsable(key);
      const periodDays = input.RotationPeriodInDays ?? key.rotation?.periodDays ?? periodDaysDefault;
      // Saying it again does not put the next one off.
      if (key.rotation?.periodDays === periodDays) return {};
      return { rotation: { periodDays, nextMs: nowMs + periodDays * dayMs } };
    });
    return {};
  },
});

export const disableKeyRotation = (parts: KmsParts): OperationEntry => ({
  access: (context, input: DisableKeyRotationRequest) => onKey(parts.keys, context, 'DisableKeyRotation', input.KeyId),
  async run(context: AwsContext, input: DisableKeyRotationRequest): Promise<object> {
    const key = needRotatable(parts, context, input.KeyId);
    parts.keys.requireUsable(key);
    await parts.keys.stopRotating(key.id);
    return {};
  },
});

export const getKeyRotationStatus = (parts: KmsParts): OperationEntry => ({
  access: (context, input: GetKeyRotationStatusRequest) =>
    onKey(parts.keys, context, 'GetKeyRotationStatus', input.KeyId),
  run(context: AwsContext, input: GetKeyRotationStatusRequest): Promise<GetKeyRotationStatusResponse> {
    const key = needRotatable(parts, context, input.KeyId);
    return Promise.resolve({
      KeyId: parts.keys.arnOf(key),
      KeyRotationEnabled: key.rotation !== undefined,
      ...(key.rotation !== undefined && {
        RotationPeriodInDays: key.rotation.periodDays,
        NextRotationDate: new Date(key.rotation.nextMs),
      }),
    });
  },
});

/** Done when it is answered. */
export const rotateKeyOnDemand = (parts: KmsParts): OperationEntry => ({
  access: (context, input: RotateKeyOnDemandRequest) => onKey(parts.keys, context, 'RotateKeyOnDemand', input.KeyId),
  async run(context: AwsContext, input: RotateKeyOnDemandRequest): Promise<RotateKeyOnDemandResponse> {
    const key = needRotatable(parts, context, input.KeyId);
    parts.keys.requireUsable(key);
    await parts.keys.rotate(key.id, 'on_demand');
    return { KeyId: parts.keys.arnOf(key) };
  },
});

export const listKeyRotations = (parts: KmsParts): OperationEntry => ({
  access: (context, input: ListKeyRotationsRequest) => onKey(parts.keys, context, 'ListKeyRotations', input.KeyId),
  run(context: AwsContext, input: ListKeyRotationsRequest): Promise<ListKeyRotationsResponse> {
    const key = needRotatable(parts, context, input.KeyId);
    const current = key.materials.at(-1);
    const wanted = key.materials
      .map((material, index) => ({ ...material, place: String(index).padStart(6, '0') }))
      .filter(({ how }) => how !== 'created' || input.IncludeKeyMaterial === 'ALL_KEY_MATERIAL');
    const { page, ...next } = markerPage(wanted, input, ({ place }) => place);
    return Promise.resolve({
      Rotations: page.map(({ id, how, createdMs }) => ({
        KeyId: parts.keys.arnOf(key),
        KeyMaterialId: id,
        KeyMaterialState: id === current?.id ? 'CURRENT' : 'NON_CURRENT',
        ...(how !== 'created' && {
          RotationDate: new Date(createdMs),
          RotationType: how === 'automatic' ? 'AUTOMATIC' : 'ON_DEMAND',
        }),
      })),
      ...next,
    });
  },
});
