import type { KeyMetadata } from '@aws-sdk/client-kms';
import type { Key } from '../../resources/key.ts';
import { algorithmsOf, isSymmetric } from '../../resources/key/key-specs.ts';
import type { Keys } from '../../resources/key/keys.ts';

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html */
export function keyMetadata(keys: Keys, key: Key): KeyMetadata {
  const current = key.materials.at(-1);
  return {
    AWSAccountId: key.account,
    KeyId: key.id,
    Arn: keys.arnOf(key),
    CreationDate: new Date(key.createdMs),
    Enabled: key.state.kind === 'enabled',
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: stateName(key),
    ...(key.state.kind === 'pending_deletion' && { DeletionDate: new Date(key.state.atMs) }),
    Origin: 'AWS_KMS',
    KeyManager: key.manager,
    CustomerMasterKeySpec: key.spec as NonNullable<KeyMetadata['CustomerMasterKeySpec']>,
    KeySpec: key.spec,
    ...algorithmMembers(key),
    MultiRegion: false,
    ...(isSymmetric(key) && current !== undefined && { CurrentKeyMaterialId: current.id }),
  };
}

export function stateName({ state }: Key): 'Enabled' | 'Disabled' | 'PendingDeletion' {
  switch (state.kind) {
    case 'enabled':
      return 'Enabled';
    case 'disabled':
      return 'Disabled';
    case 'pending_deletion':
      return 'PendingDeletion';
  }
}

type AlgorithmMembers = Pick<
  KeyMetadata,
  'EncryptionAlgorithms' | 'SigningAlgorithms' | 'MacAlgorithms' | 'KeyAgreementAlgorithms'
>;

/** The SDK's own words, as the table of specs has them. */
export function algorithmMembers(key: Key): AlgorithmMembers {
  const algorithms = algorithmsOf(key);
  switch (key.usage) {
    case 'ENCRYPT_DECRYPT':
      return { EncryptionAlgorithms: algorithms as NonNullable<AlgorithmMembers['EncryptionAlgorithms']> };
    case 'SIGN_VERIFY':
      return { SigningAlgorithms: algorithms as NonNullable<AlgorithmMembers['SigningAlgorithms']> };
    case 'GENERATE_VERIFY_MAC':
      return { MacAlgorithms: algorithms as NonNullable<AlgorithmMembers['MacAlgorithms']> };
    case 'KEY_AGREEMENT':
      return { KeyAgreementAlgorithms: algorithms as NonNullable<AlgorithmMembers['KeyAgreementAlgorithms']> };
  }
}
