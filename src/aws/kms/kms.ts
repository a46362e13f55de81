/**
 * AWS Key Management Service over resources/key/. Whoever calls is asked for what the key's own policy says, with grants
 * and the policies of his account (kms-wired.ts); docs/reference/kms.md says what differs.
 * https://docs.aws.amazon.com/kms/latest/APIReference/Welcome.html
 */
import { constrained } from '../constraints.ts';
import { kmsModel, type KmsOperationName } from '../model/kms.ts';
import type { AwsService, OperationTable } from '../service.ts';
import { createAlias, deleteAlias, listAliases, updateAlias } from './alias-operations.ts';
import { memberShapes, shapeConstraints } from './constraint-table.ts';
import {
  generateDataKey,
  generateDataKeyPair,
  generateDataKeyPairWithoutPlaintext,
  generateDataKeyWithoutPlaintext,
  generateRandom,
} from './data-key-operations.ts';
import { decryptOperation, encryptOperation, reEncrypt } from './encrypt-operations.ts';
import { createGrant, listGrants, listRetirableGrants, retireGrant, revokeGrant } from './grant-operations.ts';
import {
  cancelKeyDeletion,
  createKey,
  describeKey,
  disableKey,
  enableKey,
  listKeys,
  scheduleKeyDeletion,
  updateKeyDescription,
} from './key-operations.ts';
import type { KmsParts } from './kms-parts.ts';
import { getKeyPolicy, listKeyPolicies, putKeyPolicy } from './policy-operations.ts';
import {
  disableKeyRotation,
  enableKeyRotation,
  getKeyRotationStatus,
  listKeyRotations,
  rotateKeyOnDemand,
} from './rotation-operations.ts';
import { deriveSharedSecret, generateMac, getPublicKey, sign, verify, verifyMac } from './sign-operations.ts';
import { listResourceTags, tagResource, untagResource } from './tag-operations.ts';

export function createKmsService(parts: KmsParts): AwsService {
  const operations: OperationTable<KmsOperationName> = {
    CancelKeyDeletion: cancelKeyDeletion(parts),
    ConnectCustomKeyStore: 'not built',
    CreateAlias: createAlias(parts),
    CreateCustomKeyStore: 'not built',
    CreateGrant: createGrant(parts),
    CreateKey: createKey(parts),
    Decapsulate: 'not built',
    Decrypt: decryptOperation(parts),
    DeleteAlias: deleteAlias(parts),
    DeleteCustomKeyStore: 'not built',
    DeleteImportedKeyMaterial: 'not built',
    DeriveSharedSecret: deriveSharedSecret(parts),
    DescribeCustomKeyStores: 'not built',
    DescribeKey: describeKey(parts),
    DisableKey: disableKey(parts),
    DisableKeyRotation: disableKeyRotation(parts),
    DisconnectCustomKeyStore: 'not built',
    EnableKey: enableKey(parts),
    EnableKeyRotation: enableKeyRotation(parts),
    Encapsulate: 'not built',
    Encrypt: encryptOperation(parts),
    GenerateDataKey: generateDataKey(parts),
    GenerateDataKeyPair: generateDataKeyPair(parts),
    GenerateDataKeyPairWithoutPlaintext: generateDataKeyPairWithoutPlaintext(parts),
    GenerateDataKeyWithoutPlaintext: generateDataKeyWithoutPlaintext(parts),
    GenerateMac: generateMac(parts),
    GenerateRandom: generateRandom(parts),
    GetKeyLastUsage: 'not built',
    GetKeyPolicy: getKeyPolicy(parts),
    GetKeyRotationStatus: getKeyRotationStatus(parts),
    GetParametersForImport: 'not built',
    GetPublicKey: getPublicKey(parts),
    ImportKeyMaterial: 'not built',
    ListAliases: listAliases(parts),
    ListGrants: listGrants(parts),
    ListKeyPolicies: listKeyPolicies(parts),
    ListKeyRotations: listKeyRotations(parts),
    ListKeys: listKeys(parts),
    ListResourceTags: listResourceTags(parts),
    ListRetirableGrants: listRetirableGrants(parts),
    PutKeyPolicy: putKeyPolicy(parts),
    ReEncrypt: reEncrypt(parts),
    ReplicateKey: 'not built',
    RetireGrant: retireGrant(parts),
    RevokeGrant: revokeGrant(parts),
    RotateKeyOnDemand: rotateKeyOnDemand(parts),
    ScheduleKeyDeletion: scheduleKeyDeletion(parts),
    Sign: sign(parts),
    TagResource: tagResource(parts),
    UntagResource: untagResource(parts),
    UpdateAlias: updateAlias(parts),
    UpdateCustomKeyStore: 'not built',
    UpdateKeyDescription: updateKeyDescription(parts),
    UpdatePrimaryRegion: 'not built',
    Verify: verify(parts),
    VerifyMac: verifyMac(parts),
  };
  return {
    name: 'kms',
    signingNames: ['kms'],
    protocols: ['json-1.1'],
    model: kmsModel,
    operations: constrained(operations, kmsModel, { shapes: shapeConstraints, members: memberShapes }),
  };
}
