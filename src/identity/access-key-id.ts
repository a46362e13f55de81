/**
 * Access keys say which account they are of, as AWS's do: the account's number stands in the first 40 of their 80 bits (but
 * for the very first), so that GetAccessKeyInfo can tell it without having seen the key. The rest is random.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 */
import type { AccountId, Ids } from '../util/ids.ts';
import { base32, base32Bytes } from './credentials.ts';

const bytes = 10;
/** The account has 40 bits, of which one comes before and seven behind are random. */
const headBytes = 6;
const shiftBits = 7n;
const accountMask = (1n << 40n) - 1n;

/** `prefix`: `AKIA` for keys that stay, `ASIA` for those that end. */
export function newAccessKeyId(prefix: string, account: AccountId, ids: Ids): string {
  const random = Buffer.from(ids.hex(bytes), 'hex');
  const head = random.readUIntBE(0, headBytes);
  const kept = BigInt(head) & ~(accountMask << shiftBits);
  random.writeUIntBE(Number(kept | ((BigInt(account) & accountMask) << shiftBits)), 0, headBytes);
  return prefix + base32(random.toString('hex'));
}

/** Undefined: it is no key of ours or AWS's form. */
export function accountOfAccessKeyId(accessKeyId: string): AccountId | undefined {
  const body = /^A[KS]IA([A-Z2-7]{16})$/.exec(accessKeyId)?.[1];
  if (body === undefined) return undefined;
  const account = (BigInt(base32Bytes(body).readUIntBE(0, headBytes)) >> shiftBits) & accountMask;
  return account > 999_999_999_999n ? undefined : (String(account).padStart(12, '0') as AccountId);
}
