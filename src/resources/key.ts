/**
 * Keys that encrypt, sign and authenticate without ever being given out: the engine beneath KMS. A key is a record with
 * one or several materials, each sealed with the platform's own key; the last one encrypts, all of them decrypt.
 *
 *     enabled ⇄ disabled;  either → pending deletion → gone, with everything that only it could read
 *                                        ↘ disabled (the deletion was cancelled)
 *
 * It knows no wire and no principal: who may use a key is asked before (aws/kms/, key-use). Its errors are PlatformErrors
 * whose `reason` is KMS's name for them. Next: key/keys.ts keeps them, key/cipher.ts and key/asymmetric.ts compute.
 */
import type { AccountId } from '../util/ids.ts';
import type { KeySpec, KeyUsage } from './key/key-specs.ts';

export type KeyMaterial = {
  /** 64 hex digits. */
  id: string;
  /** Base64 of the secret bytes (PKCS #8 where there is a pair), sealed. */
  sealed: string;
  createdMs: number;
  how: 'created' | 'automatic' | 'on_demand';
};

export type KeyState =
  | { kind: 'enabled' }
  | { kind: 'disabled' }
  /** `atMs`: when it goes for good. */
  | { kind: 'pending_deletion'; atMs: number; days: number };

export type Key = {
  account: AccountId;
  /** A UUID, never used twice. */
  id: string;
  createdMs: number;
  description: string;
  spec: KeySpec;
  usage: KeyUsage;
  state: KeyState;
  /** `AWS`: made by a service for itself on first use; it cannot be changed. */
  manager: 'CUSTOMER' | 'AWS';
  tags: Readonly<Record<string, string>>;
  /** JSON. Always there: it is the root of who may do what. */
  policy: string;
  /** Absent: not rotated by itself. */
  rotation?: { periodDays: number; nextMs: number };
  /** At least one; the last is the current one. */
  materials: readonly KeyMaterial[];
  /** DER (SubjectPublicKeyInfo) in base64, where there is a pair. */
  publicKey?: string;
};

export type KeyAlias = {
  account: AccountId;
  /** With `alias/`. */
  name: string;
  keyId: string;
  createdMs: number;
  modifiedMs: number;
};

/** Bound to what is encrypted: it decrypts with the same pairs only. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** Lets somebody do some things with a key. https://docs.aws.amazon.com/kms/latest/developerguide/grants.html */
export type Grant = {
  account: AccountId;
  keyId: string;
  /** 64 hex digits. */
  id: string;
  name?: string;
  /** An ARN, or the name of a service. */
  grantee: string;
  retiring?: string;
  /** `Decrypt`, `GenerateDataKey` …: operations of KMS. */
  operations: readonly string[];
  constraint?: { kind: 'equals' | 'subset'; context: EncryptionContext };
  issuer: AccountId;
  createdMs: number;
};
