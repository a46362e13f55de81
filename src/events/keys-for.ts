/** Keys of messages for what happens by itself: what services send and take on somebody's behalf. */
import { noKeys, type DataKeys } from '../resources/data-keys.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId } from '../util/ids.ts';
import type { OnBehalf } from './function-permission.ts';

export type KeyHolders = {
  /** A service: by a role that it was given, or as itself where a key's policy lets it. */
  service(behalf: OnBehalf, roleArn?: string): DataKeys;
  /** Lambda, as a function: what its role may. */
  function(of: { account: AccountId; functionName: string; qualifier?: string }): DataKeys;
  /** The service whose messages they are, by itself: what was let in goes out. */
  own: DataKeys;
  /** Calls back when somebody may have become able to use a key, or unable. */
  watch(changed: () => void): { stop(): void };
};

/** Whether a key is what is wrong: it, or who may use it, has to change before it is tried again. */
export const isKeyRefusal = (error: unknown): error is PlatformError =>
  error instanceof PlatformError && error.reason?.startsWith('KMS') === true;

/** For queues and topics, and for tables whose streams are read. */
export type MessagingKeys = { queues: KeyHolders; topics: KeyHolders; tables: KeyHolders };

const nobody: KeyHolders = {
  service: () => noKeys,
  function: () => noKeys,
  own: noKeys,
  watch: () => ({ stop() {} }),
};

/** Where there are no keys. */
export const noMessagingKeys: MessagingKeys = { queues: nobody, topics: nobody, tables: nobody };
