/**
 * Keys for other services: what they keep for somebody is encrypted with a key of his, as that one, so that the key's policy
 * is asked every time. Next: aws/kms/ for calls of KMS's own, resources/key/ for what is computed.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
import type { Asker } from '../identity/principal-element.ts';
import type { KeyBringer } from '../resources/bucket/encryption.ts';
import type { EncryptionContext, Key } from '../resources/key.ts';
import { keyValidation } from '../resources/key/key-errors.ts';
import type { Keys } from '../resources/key/keys.ts';
import { decrypt, encrypt, keyOfCiphertext, requireSymmetric } from '../resources/key/symmetric.ts';
import type { AccountId, Ids } from '../util/ids.ts';
import type { Authorization } from './authorization.ts';
import { keyAccess, type KeyAccess } from './key-access.ts';
import type { AwsContext } from './service.ts';

/** Who has something encrypted or decrypted; `account` is whose names of keys count. */
export type KeyCaller =
  | (Pick<AwsContext, 'principal' | 'account'> & { request: Pick<AwsContext['request'], 'remoteAddress'> })
  /** Another service, on behalf of something. */
  | { account: AccountId; service: ServiceAsker }
  /** The service whose keys these are, by itself, for what it was let in for before: nobody is asked. */
  | { account: AccountId; isOwn: true };

export type ServiceAsker = Omit<Extract<Asker, { kind: 'service' }>, 'kind'>;

/** Whether a key's policy lets a service in. Throws `permission_denied`. */
export type ServiceAuthorization = (service: ServiceAsker, access: KeyAccess) => void;

export type KeyUse = {
  /** `keyId`: an id, an ARN or an alias; absent: the service's own key in the account. Throws `not_found` and `permission_denied`. */
  encrypt(caller: KeyCaller, what: KeyChoice, plain: Uint8Array): Promise<{ keyArn: string; ciphertext: Buffer }>;
  /** Throws `permission_denied`, and `invalid_argument` InvalidCiphertextException for another context. */
  decrypt(
    caller: KeyCaller,
    context: EncryptionContext,
    ciphertext: Uint8Array,
  ): Promise<{ keyArn: string; plain: Buffer }>;
  /** 32 bytes to encrypt with, and the same encrypted. */
  dataKey(caller: KeyCaller, what: KeyChoice): Promise<{ keyArn: string; plain: Buffer; ciphertext: Buffer }>;
  /** The key's ARN, where all of these may be done with it now. Throws as the others do. */
  require(
    caller: KeyCaller,
    what: KeyChoice,
    actions: readonly ('Encrypt' | 'Decrypt' | 'GenerateDataKey')[],
  ): Promise<string>;
  /** The key's ARN; throws where there is none that can be used so. Asks nobody's permission. */
  arnOf(caller: Pick<KeyCaller, 'account'>, keyId: string | undefined): Promise<string>;
};

/** For objects that S3 has encrypted with a key of KMS, read as somebody. */
export const objectKeyOpener =
  (keyUse: Pick<KeyUse, 'decrypt'>, caller: KeyCaller): NonNullable<KeyBringer['openKms']> =>
  async ({ context, sealedKey }) =>
    (await keyUse.decrypt(caller, context, Buffer.from(sealedKey, 'base64'))).plain;

export type KeyChoice = { keyId?: string | undefined; context: EncryptionContext };

type Parts = {
  keys: Keys;
  ids: Ids;
  region: string;
  authorization: Authorization;
  authorizeService: ServiceAuthorization;
};

/** `service`: `s3`, as in `alias/aws/s3`. */
export function createKeyUse(parts: Parts, service: string): KeyUse {
  const { keys, ids, region, authorization, authorizeService } = parts;
  const serviceAlias = `alias/aws/${service}`;
  const via = { 'kms:viaservice': `${service}.${region}.amazonaws.com` };

  async function chosen(account: KeyCaller['account'], keyId: string | undefined): Promise<Key> {
    if (keyId === undefined || keyId === serviceAlias) return keys.managed(account, service);
    const key = keys.need(account, keyId);
    if (key.manager === 'AWS' && keys.alias(key.account, serviceAlias)?.keyId !== key.id)
      throw keyValidation(`${keys.arnOf(key)} is a key of another service.`);
    return key;
  }

  function check(caller: KeyCaller, key: Key, action: string, context: EncryptionContext): void {
    if ('isOwn' in caller) return;
    const access = keyAccess(keys, 'principal' in caller ? caller : {}, `kms:${action}`, key, {
      encryptionContext: context,
      conditions: via,
    });
    if ('service' in caller) authorizeService(caller.service, access);
    else authorization(caller.principal, [access], { 'aws:sourceip': caller.request.remoteAddress });
  }

  return {
    async encrypt(caller, { keyId, context }, plain) {
      const key = await chosen(caller.account, keyId);
      check(caller, key, 'Encrypt', context);
      return { keyArn: keys.arnOf(key), ciphertext: encrypt(keys, key, plain, context, ids) };
    },

    // A promise as the others are, whatever it throws.
    async decrypt(caller, context, ciphertext) {
      const key = keyOfCiphertext(keys, ciphertext);
      check(caller, key, 'Decrypt', context);
      const { plain } = decrypt(keys, ciphertext, context);
      return Promise.resolve({ keyArn: keys.arnOf(key), plain });
    },

    async dataKey(caller, { keyId, context }) {
      const key = await chosen(caller.account, keyId);
      check(caller, key, 'GenerateDataKey', context);
      const plain = Buffer.from(ids.hex(32), 'hex');
      return { keyArn: keys.arnOf(key), plain, ciphertext: encrypt(keys, key, plain, context, ids) };
    },

    async require(caller, { keyId, context }, actions) {
      const key = await chosen(caller.account, keyId);
      for (const action of actions) check(caller, key, action, context);
      requireSymmetric(keys, key);
      keys.requireUsable(key);
      return keys.arnOf(key);
    },

    arnOf: async ({ account }, keyId) => keys.arnOf(await chosen(account, keyId)),
  };
}
