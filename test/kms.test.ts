/** KMS through the genuine SDK: what keys do, who may use them, and what is refused in which words. */
import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify as verifyHere, constants } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  DeleteAliasCommand,
  DeriveSharedSecretCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  DisableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyPairCommand,
  GenerateDataKeyPairWithoutPlaintextCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateMacCommand,
  GenerateRandomCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  GetPublicKeyCommand,
  ListAliasesCommand,
  ListGrantsCommand,
  ListKeyPoliciesCommand,
  ListKeyRotationsCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  ListRetirableGrantsCommand,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  RetireGrantCommand,
  RevokeGrantCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
  VerifyCommand,
  VerifyMacCommand,
  type CreateKeyCommandInput,
} from '@aws-sdk/client-kms';
import type { AccountId } from '../src/util/ids.ts';
import { eventually } from './harness/eventually.ts';
import { account, arnOf, openKmsRig, type KmsRig } from './harness/kms-rig.ts';

let rig: KmsRig;
before(async () => void (rig = await openKmsRig()));
after(async () => {
  await rig[Symbol.asyncDispose]();
  assert.deepEqual(rig.errors, []);
});

const dayMs = 86_400_000;
const text = (value: string) => Buffer.from(value);
const named = (name: string) => ({ name });

async function newKey(input: CreateKeyCommandInput = {}): Promise<{ id: string; arn: string }> {
  const { KeyMetadata } = await rig.kms.send(new CreateKeyCommand(input));
  assert.ok(KeyMetadata?.KeyId !== undefined && KeyMetadata.Arn !== undefined);
  return { id: KeyMetadata.KeyId, arn: KeyMetadata.Arn };
}

/** Lets the account's owner alone manage it, and `statement`'s principal what it says. */
const policyOf = (...statements: object[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' },
      ...statements,
    ],
  });

/** As above, but policies of the account let nobody: only the owner's own session, by its ARN, may manage it. */
const closedPolicy = (...statements: object[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: ['kms:PutKeyPolicy', 'kms:CreateGrant', 'kms:Encrypt', 'kms:RevokeGrant'],
        Resource: '*',
        Condition: { StringEquals: { 'aws:PrincipalType': 'Account' } },
      },
      ...statements,
    ],
  });

test('a key tells what it is, and is listed, described, tagged, switched off and on', async () => {
  const { kms } = rig;
  const { KeyMetadata: made } = await kms.send(
    new CreateKeyCommand({ Description: 'for pictures', Tags: [{ TagKey: 'team', TagValue: 'red' }] }),
  );
  const { CreationDate, KeyId, Arn, CurrentKeyMaterialId, ...facts } = made ?? {};
  assert.ok(CreationDate instanceof Date);
  assert.match(String(KeyId), /^[0-9a-f-]{36}$/);
  assert.equal(Arn, `arn:aws:kms:us-east-1:${account}:key/${KeyId}`);
  assert.match(String(CurrentKeyMaterialId), /^[0-9a-f]{64}$/);
  assert.deepEqual(facts, {
    AWSAccountId: account,
    Enabled: true,
    Description: 'for pictures',
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: 'Enabled',
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
  });
  const listed: (string | undefined)[] = [];
  for (let marker: string | undefined, truncated = true; truncated;) {
    const page = await kms.send(new ListKeysCommand({ Limit: 2, ...(marker !== undefined && { Marker: marker }) }));
    listed.push(...(page.Keys ?? []).map((key) => key.KeyArn));
    [marker, truncated] = [page.NextMarker, page.Truncated === true];
  }
  assert.ok(listed.includes(Arn));

  await kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description: 'for more' }));
  await kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'a', TagValue: '1' }] }));
  await kms.send(new UntagResourceCommand({ KeyId, TagKeys: ['team'] }));
  assert.deepEqual((await kms.send(new ListResourceTagsCommand({ KeyId }))).Tags, [{ TagKey: 'a', TagValue: '1' }]);
  await kms.send(new DisableKeyCommand({ KeyId: Arn }));
  const disabled = await kms.send(new DescribeKeyCommand({ KeyId }));
  assert.deepEqual(
    [disabled.KeyMetadata?.Description, disabled.KeyMetadata?.Enabled, disabled.KeyMetadata?.KeyState],
    ['for more', false, 'Disabled'],
  );
  await assert.rejects(kms.send(new EncryptCommand({ KeyId, Plaintext: text('x') })), {
    name: 'DisabledException',
    message: `${Arn} is disabled.`,
  });
  await kms.send(new EnableKeyCommand({ KeyId }));
  await kms.send(new EncryptCommand({ KeyId, Plaintext: text('x') }));
});

test('what is encrypted decrypts with its context alone, by id, ARN or alias of the key', async () => {
  const { kms } = rig;
  const { id, arn } = await newKey();
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/pictures', TargetKeyId: id }));
  const EncryptionContext = { purpose: 'test', user: 'ü' };
  for (const KeyId of [id, arn, 'alias/pictures', `arn:aws:kms:us-east-1:${account}:alias/pictures`]) {
    const sealed = await kms.send(new EncryptCommand({ KeyId, Plaintext: text('geheim'), EncryptionContext }));
    assert.equal(sealed.KeyId, arn);
    const CiphertextBlob = sealed.CiphertextBlob;
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
    assert.deepEqual([Buffer.from(opened.Plaintext ?? '').toString(), opened.KeyId], ['geheim', arn]);
    await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext, KeyId }));
    for (const wrong of [{}, { purpose: 'test' }, { ...EncryptionContext, user: 'u' }])
      await assert.rejects(kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: wrong })), {
        name: 'InvalidCiphertextException',
      });
    const other = await newKey();
    await assert.rejects(kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext, KeyId: other.id })), {
      name: 'IncorrectKeyException',
    });
  }
  await assert.rejects(kms.send(new DecryptCommand({ CiphertextBlob: text('nonsense') })), {
    name: 'InvalidCiphertextException',
  });
  await assert.rejects(kms.send(new EncryptCommand({ KeyId: id, Plaintext: Buffer.alloc(4_097) })), (error: Error) => {
    assert.equal(error.name, 'ValidationException');
    assert.match(
      error.message,
      /at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096/,
    );
    assert.ok(!error.message.includes('0,0,0'), 'a plaintext is repeated to nobody');
    return true;
  });
});

test('data keys, pairs and chance come out in the asked length, and decrypt to what was given', async () => {
  const { kms } = rig;
  const { id: KeyId } = await newKey();
  const decrypted = async (CiphertextBlob: Uint8Array | undefined): Promise<Buffer> =>
    Buffer.from((await kms.send(new DecryptCommand({ CiphertextBlob }))).Plaintext ?? '');
  const lengths = [
    [{ KeySpec: 'AES_256' }, 32],
    [{ KeySpec: 'AES_128' }, 16],
    [{ NumberOfBytes: 1_000 }, 1_000],
  ] as const;
  for (const [input, bytes] of lengths) {
    const made = await kms.send(new GenerateDataKeyCommand({ KeyId, ...input }));
    assert.equal(made.Plaintext?.length, bytes);
    assert.deepEqual(await decrypted(made.CiphertextBlob), Buffer.from(made.Plaintext ?? ''));
    const hidden = await kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId, ...input }));
    assert.equal((await decrypted(hidden.CiphertextBlob)).length, bytes);
  }
  await assert.rejects(kms.send(new GenerateDataKeyCommand({ KeyId })), { name: 'ValidationException' });
  const pair = await kms.send(new GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: 'ECC_NIST_P256' }));
  assert.deepEqual(await decrypted(pair.PrivateKeyCiphertextBlob), Buffer.from(pair.PrivateKeyPlaintext ?? ''));
  const hiddenPair = await kms.send(new GenerateDataKeyPairWithoutPlaintextCommand({ KeyId, KeyPairSpec: 'RSA_2048' }));
  assert.ok(!('PrivateKeyPlaintext' in hiddenPair));
  assert.ok((await decrypted(hiddenPair.PrivateKeyCiphertextBlob)).length > 1_000);
  const chance = await kms.send(new GenerateRandomCommand({ NumberOfBytes: 64 }));
  assert.equal(chance.Plaintext?.length, 64);
});

test('what is encrypted again is under the other key and context, and was never given out', async () => {
  const { kms } = rig;
  const [first, second] = [await newKey(), await newKey()];
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId: first.id, Plaintext: text('moved'), EncryptionContext: { a: '1' } }),
  );
  const moved = await kms.send(
    new ReEncryptCommand({
      CiphertextBlob,
      SourceEncryptionContext: { a: '1' },
      DestinationKeyId: second.id,
      DestinationEncryptionContext: { b: '2' },
    }),
  );
  assert.deepEqual([moved.SourceKeyId, moved.KeyId], [first.arn, second.arn]);
  const opened = await kms.send(
    new DecryptCommand({ CiphertextBlob: moved.CiphertextBlob, EncryptionContext: { b: '2' } }),
  );
  assert.equal(Buffer.from(opened.Plaintext ?? '').toString(), 'moved');
});

test('pairs sign and encrypt, and what they give out is checked with other programs', async () => {
  const { kms } = rig;
  const message = text('to be signed');
  const rsa = await newKey({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: rsa.id }));
  const theirs = createPublicKey({ key: Buffer.from(PublicKey ?? ''), format: 'der', type: 'spki' });
  const digest = createHash('sha256').update(message).digest();
  for (const SigningAlgorithm of ['RSASSA_PSS_SHA_256', 'RSASSA_PKCS1_V1_5_SHA_256'] as const) {
    const padding =
      SigningAlgorithm === 'RSASSA_PSS_SHA_256'
        ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
        : { padding: constants.RSA_PKCS1_PADDING };
    for (const given of [{ Message: message }, { Message: digest, MessageType: 'DIGEST' as const }]) {
      const { Signature } = await kms.send(new SignCommand({ KeyId: rsa.id, SigningAlgorithm, ...given }));
      assert.ok(verifyHere('sha256', message, { key: theirs, ...padding }, Buffer.from(Signature ?? '')));
      const checked = await kms.send(new VerifyCommand({ KeyId: rsa.id, SigningAlgorithm, ...given, Signature }));
      assert.equal(checked.SignatureValid, true);
      await assert.rejects(
        kms.send(new VerifyCommand({ KeyId: rsa.id, SigningAlgorithm, Message: text('another'), Signature })),
        { name: 'KMSInvalidSignatureException' },
      );
    }
  }
  await assert.rejects(
    kms.send(new SignCommand({ KeyId: rsa.id, SigningAlgorithm: 'ECDSA_SHA_256', Message: message })),
    { name: 'InvalidKeyUsageException', message: 'Algorithm ECDSA_SHA_256 and key spec RSA_2048 are incompatible.' },
  );
  await assert.rejects(kms.send(new EncryptCommand({ KeyId: rsa.id, Plaintext: message })), {
    name: 'InvalidKeyUsageException',
  });

  const box = await newKey({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' });
  const EncryptionAlgorithm = 'RSAES_OAEP_SHA_256';
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId: box.id, Plaintext: message, EncryptionAlgorithm }),
  );
  const opened = await kms.send(new DecryptCommand({ KeyId: box.id, CiphertextBlob, EncryptionAlgorithm }));
  assert.equal(Buffer.from(opened.Plaintext ?? '').toString(), 'to be signed');

  const ec = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' } as const;
  const [here, there] = [await newKey(ec), await newKey(ec)];
  const secrets = await Promise.all(
    [
      [here, there],
      [there, here],
    ].map(async ([own, other]) => {
      const { PublicKey: point } = await kms.send(new GetPublicKeyCommand({ KeyId: other?.id }));
      const derived = await kms.send(
        new DeriveSharedSecretCommand({ KeyId: own?.id, KeyAgreementAlgorithm: 'ECDH', PublicKey: point }),
      );
      return Buffer.from(derived.SharedSecret ?? '').toString('hex');
    }),
  );
  assert.equal(secrets[0], secrets[1]);
  await assert.rejects(kms.send(new GetPublicKeyCommand({ KeyId: (await newKey()).id })), {
    name: 'UnsupportedOperationException',
  });
});

test('keyed digests are made and checked', async () => {
  const { kms } = rig;
  const { id: KeyId } = await newKey({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
  const given = { KeyId, MacAlgorithm: 'HMAC_SHA_256', Message: text('m') } as const;
  const { Mac } = await kms.send(new GenerateMacCommand(given));
  assert.equal(Mac?.length, 32);
  assert.equal((await kms.send(new VerifyMacCommand({ ...given, Mac }))).MacValid, true);
  await assert.rejects(kms.send(new VerifyMacCommand({ ...given, Message: text('n'), Mac })), {
    name: 'KMSInvalidMacException',
  });
});

test('a key is rotated by itself and on demand, and all its materials go on decrypting', async () => {
  const { kms, keyClock } = rig;
  const { id: KeyId } = await newKey();
  const oldest = await kms.send(new EncryptCommand({ KeyId, Plaintext: text('old') }));
  await kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }));
  const status = await kms.send(new GetKeyRotationStatusCommand({ KeyId }));
  assert.deepEqual([status.KeyRotationEnabled, status.RotationPeriodInDays], [true, 90]);
  await kms.send(new RotateKeyOnDemandCommand({ KeyId }));
  await keyClock.advance(90 * dayMs + 1);
  const rotations = await eventually('the rotation', 60_000, async () => {
    const { Rotations = [] } = await kms.send(new ListKeyRotationsCommand({ KeyId }));
    return Rotations.length === 2 ? Rotations : undefined;
  });
  assert.deepEqual(
    rotations.map(({ RotationType, KeyMaterialState }) => [RotationType, KeyMaterialState]),
    [
      ['ON_DEMAND', 'NON_CURRENT'],
      ['AUTOMATIC', 'CURRENT'],
    ],
  );
  const opened = await kms.send(new DecryptCommand({ CiphertextBlob: oldest.CiphertextBlob }));
  assert.equal(Buffer.from(opened.Plaintext ?? '').toString(), 'old');
  const newest = await kms.send(new EncryptCommand({ KeyId, Plaintext: text('new') }));
  const again = await kms.send(new DecryptCommand({ CiphertextBlob: newest.CiphertextBlob }));
  assert.equal(again.KeyMaterialId, rotations[1]?.KeyMaterialId);
  await kms.send(new DisableKeyRotationCommand({ KeyId }));
  assert.equal((await kms.send(new GetKeyRotationStatusCommand({ KeyId }))).KeyRotationEnabled, false);
  const rsa = await newKey({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
  await assert.rejects(kms.send(new EnableKeyRotationCommand({ KeyId: rsa.id })), {
    name: 'UnsupportedOperationException',
  });
});

test('a deletion can be called off until its day, and then the key is really gone', async () => {
  const { kms, keyClock } = rig;
  const { id: KeyId, arn } = await newKey();
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: text('x') }));
  for (const PendingWindowInDays of [6, 31])
    await assert.rejects(kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays })), {
      name: 'ValidationException',
    });
  const planned = await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  assert.deepEqual([planned.KeyState, planned.PendingWindowInDays], ['PendingDeletion', 7]);
  await assert.rejects(kms.send(new DecryptCommand({ CiphertextBlob })), {
    name: 'KMSInvalidStateException',
    message: `${arn} is pending deletion.`,
  });
  await keyClock.advance(6 * dayMs);
  await kms.send(new CancelKeyDeletionCommand({ KeyId }));
  await kms.send(new EnableKeyCommand({ KeyId }));
  await kms.send(new DecryptCommand({ CiphertextBlob }));
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  await keyClock.advance(7 * dayMs + 1);
  const refused = await eventually('the deletion', 60_000, () =>
    kms.send(new DescribeKeyCommand({ KeyId })).then(
      () => undefined,
      (error: Error) => error,
    ),
  );
  assert.deepEqual([refused.name, refused.message], ['NotFoundException', `Key '${arn}' does not exist`]);
  await assert.rejects(kms.send(new DecryptCommand({ CiphertextBlob })), { name: 'InvalidCiphertextException' });
});

test('aliases are made, moved, listed and deleted, and their names are held to the rules', async () => {
  const { kms } = rig;
  const [first, second] = [await newKey(), await newKey()];
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/moving', TargetKeyId: first.id }));
  await assert.rejects(kms.send(new CreateAliasCommand({ AliasName: 'alias/moving', TargetKeyId: second.id })), {
    name: 'AlreadyExistsException',
  });
  await kms.send(new UpdateAliasCommand({ AliasName: 'alias/moving', TargetKeyId: second.id }));
  const { Aliases = [] } = await kms.send(new ListAliasesCommand({ KeyId: second.id }));
  assert.deepEqual(
    Aliases.map(({ AliasName, TargetKeyId }) => [AliasName, TargetKeyId]),
    [['alias/moving', second.id]],
  );
  await kms.send(new DeleteAliasCommand({ AliasName: 'alias/moving' }));
  await assert.rejects(kms.send(new DescribeKeyCommand({ KeyId: 'alias/moving' })), {
    name: 'NotFoundException',
    message: `Alias arn:aws:kms:us-east-1:${account}:alias/moving is not found.`,
  });
  for (const [AliasName, name] of [
    ['alias/aws/own', 'InvalidAliasNameException'],
    ['moving', 'ValidationException'],
    ['alias/', 'ValidationException'],
  ])
    await assert.rejects(kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: first.id })), { name });
  await assert.rejects(kms.send(new EnableKeyCommand({ KeyId: 'alias/moving' })), { name: 'NotFoundException' });
});

test('the key’s policy is the root of access: policies of the account count only where it lets the account', async () => {
  const { kms } = rig;
  const bob = named('bob');
  const encrypting = (client: typeof kms, KeyId: string) =>
    client.send(new EncryptCommand({ KeyId, Plaintext: text('x') }));
  const open = await newKey({ Policy: policyOf() });
  const closed = await newKey({ Policy: closedPolicy() });
  const bobs = rig.clientOf(bob);
  await encrypting(bobs, open.id);
  await assert.rejects(encrypting(bobs, closed.id), (error: Error) => {
    assert.equal(error.name, 'AccessDeniedException');
    assert.match(
      error.message,
      /federated-user\/bob is not authorized to perform: kms:Encrypt on resource: .*resource-based policy/,
    );
    return true;
  });

  const direct = { Effect: 'Allow', Principal: { AWS: arnOf(bob) }, Action: 'kms:Encrypt', Resource: '*' };
  const mayNothing = {
    ...bob,
    policy: { Version: '2012-10-17', Statement: { Effect: 'Deny', Action: 's3:*', Resource: '*' } },
  };
  const named1 = await newKey({ Policy: closedPolicy(direct) });
  await encrypting(rig.clientOf(mayNothing), named1.id);
  await assert.rejects(bobs.send(new DescribeKeyCommand({ KeyId: named1.id })), { name: 'AccessDeniedException' });

  const denied = await newKey({ Policy: policyOf({ ...direct, Effect: 'Deny' }) });
  await assert.rejects(encrypting(bobs, denied.id), /explicit deny in a resource-based policy/);
  await encrypting(rig.clientOf(named('eve')), denied.id);

  const conditional = await newKey({
    Policy: closedPolicy({ ...direct, Condition: { StringEquals: { 'kms:EncryptionContext:team': 'red' } } }),
  });
  await assert.rejects(encrypting(bobs, conditional.id), { name: 'AccessDeniedException' });
  await bobs.send(
    new EncryptCommand({ KeyId: conditional.id, Plaintext: text('x'), EncryptionContext: { team: 'red' } }),
  );
});

test('a key of another account needs both its policy and that of who asks', async () => {
  const other = '111111111111' as AccountId;
  const carol = { name: 'carol', account: other };
  const letsOther = { Effect: 'Allow', Principal: { AWS: other }, Action: 'kms:Encrypt', Resource: '*' };
  const [shared, own] = [await newKey({ Policy: policyOf(letsOther) }), await newKey()];
  const encrypting = (who: Parameters<KmsRig['clientOf']>[0], KeyId: string) =>
    rig.clientOf(who).send(new EncryptCommand({ KeyId, Plaintext: text('x') }));
  await encrypting(carol, shared.arn);
  await assert.rejects(encrypting(carol, own.arn), { name: 'AccessDeniedException' });
  await assert.rejects(encrypting(carol, shared.id), { name: 'NotFoundException' });
  const policy = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } };
  await assert.rejects(encrypting({ ...carol, policy }, shared.arn), { name: 'AccessDeniedException' });
});

test('a policy that would shut its maker out is refused, or taken if that is what he wants', async () => {
  const { kms } = rig;
  const { id: KeyId } = await newKey();
  const shut = JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { AWS: arnOf(named('bob')) }, Action: 'kms:*', Resource: '*' },
  });
  await assert.rejects(kms.send(new PutKeyPolicyCommand({ KeyId, Policy: shut })), {
    name: 'MalformedPolicyDocumentException',
  });
  await assert.rejects(kms.send(new PutKeyPolicyCommand({ KeyId, Policy: '{"no":1}' })), {
    name: 'MalformedPolicyDocumentException',
  });
  await kms.send(new PutKeyPolicyCommand({ KeyId, Policy: shut, BypassPolicyLockoutSafetyCheck: true }));
  assert.equal((await kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' }))).Policy, shut);
  await assert.rejects(kms.send(new ListKeyPoliciesCommand({ KeyId })), { name: 'AccessDeniedException' });
  await assert.rejects(kms.send(new EncryptCommand({ KeyId, Plaintext: text('x') })), {
    name: 'AccessDeniedException',
  });
  await kms.send(new PutKeyPolicyCommand({ KeyId, Policy: policyOf() }));
  assert.deepEqual((await kms.send(new ListKeyPoliciesCommand({ KeyId }))).PolicyNames, ['default']);
});

test('a grant lets somebody do what it says, within its context, until it is revoked or retired', async () => {
  const { kms } = rig;
  const { id: KeyId } = await newKey({ Policy: closedPolicy() });
  const bob = named('bob');
  const bobs = rig.clientOf(bob);
  const encrypting = (EncryptionContext: Record<string, string>) =>
    bobs.send(new EncryptCommand({ KeyId, Plaintext: text('x'), EncryptionContext }));
  const grant = {
    KeyId,
    GranteePrincipal: arnOf(bob),
    RetiringPrincipal: arnOf(bob),
    Operations: ['Encrypt' as const],
  };
  const { GrantId } = await kms.send(
    new CreateGrantCommand({ ...grant, Constraints: { EncryptionContextSubset: { team: 'red' } } }),
  );
  await assert.rejects(encrypting({}), { name: 'AccessDeniedException' });
  await encrypting({ team: 'red', more: '1' });
  await assert.rejects(bobs.send(new DescribeKeyCommand({ KeyId })), { name: 'AccessDeniedException' });
  await kms.send(new RevokeGrantCommand({ KeyId, GrantId }));
  await assert.rejects(encrypting({ team: 'red' }), { name: 'AccessDeniedException' });

  const exact = { ...grant, Name: 'exact', Constraints: { EncryptionContextEquals: { team: 'red' } } };
  const second = await kms.send(new CreateGrantCommand(exact));
  assert.equal((await kms.send(new CreateGrantCommand(exact))).GrantId, second.GrantId, 'named, it is one');
  await assert.rejects(encrypting({ team: 'red', more: '1' }), { name: 'AccessDeniedException' });
  await encrypting({ team: 'red' });
  const mine = await rig.clientOf(bob).send(new ListRetirableGrantsCommand({ RetiringPrincipal: arnOf(bob) }));
  assert.deepEqual(
    mine.Grants?.map((one) => one.GrantId),
    [second.GrantId],
  );
  await assert.rejects(rig.clientOf(named('eve')).send(new RetireGrantCommand({ GrantToken: second.GrantToken })), {
    name: 'AccessDeniedException',
  });
  await bobs.send(new RetireGrantCommand({ GrantToken: second.GrantToken }));
  await assert.rejects(encrypting({ team: 'red' }), { name: 'AccessDeniedException' });
  const open = await newKey();
  assert.deepEqual((await kms.send(new ListGrantsCommand({ KeyId: open.id }))).Grants, []);
});

test('a dry run does everything but the thing itself', async () => {
  const { kms } = rig;
  const { id: KeyId } = await newKey();
  await assert.rejects(kms.send(new EncryptCommand({ KeyId, Plaintext: text('x'), DryRun: true })), {
    name: 'DryRunOperationException',
  });
  const grant = { KeyId, GranteePrincipal: arnOf(named('bob')), Operations: ['Encrypt' as const], DryRun: true };
  await assert.rejects(kms.send(new CreateGrantCommand(grant)), { name: 'DryRunOperationException' });
  assert.deepEqual((await kms.send(new ListGrantsCommand({ KeyId }))).Grants, []);
});

test('what is not here is refused by name', async () => {
  const { kms } = rig;
  const refused: [CreateKeyCommandInput, string, RegExp][] = [
    [{ MultiRegion: true }, 'UnsupportedOperationException', /MultiRegion/],
    [{ Origin: 'EXTERNAL' }, 'UnsupportedOperationException', /Origin EXTERNAL/],
    [{ CustomKeyStoreId: 'cks-1' }, 'UnsupportedOperationException', /custom key stores/],
    [{ KeySpec: 'SM2', KeyUsage: 'SIGN_VERIFY' }, 'UnsupportedOperationException', /SM2/],
    [{ KeySpec: 'RSA_2048' }, 'ValidationException', /must specify a KeyUsage/],
    [{ KeySpec: 'HMAC_256', KeyUsage: 'SIGN_VERIFY' }, 'ValidationException', /not compatible with KeySpec HMAC_256/],
    [{ Tags: [{ TagKey: 'aws:x', TagValue: '1' }] }, 'TagException', /reserved/],
  ];
  for (const [input, name, message] of refused)
    await assert.rejects(kms.send(new CreateKeyCommand(input)), (error: Error) => {
      assert.equal(error.name, name, error.message);
      assert.match(error.message, message);
      return true;
    });
});
