import { createHash, randomBytes, randomFillSync, randomUUIDv7 } from 'node:crypto';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** `000000000000`: twelve digits. */
export type AccountId = Branded<'AccountId'>;
/** `arn:aws:lambda:<region>:<account>:function:<name>`, without a qualifier. */
export type FunctionArn = Branded<'FunctionArn'>;
/** `$LATEST`, or a number from `1` as a string. */
export type VersionId = Branded<'VersionId'>;
/** A UUID, one for each event given to one function; the same for all its attempts. */
export type RequestId = Branded<'RequestId'>;
/** One execution environment; also the name of its log stream. */
export type EnvironmentId = Branded<'EnvironmentId'>;
/** SHA-256 of a bundle's zip file, in hex. */
export type BundleHash = Branded<'BundleHash'>;

/** Where ids come from; tests pass a predictable one. */
export interface Ids {
  uuid(): string;
  /** `bytes` random bytes in lower-case hex. */
  hex(bytes: number): string;
}

/** Random bytes are drawn this many at a time: each draw costs more than what an id is made of. */
const drawnBytes = 8 * 1024;

function createRandomIds(): Ids {
  const drawn = Buffer.allocUnsafeSlow(drawnBytes);
  let at = drawnBytes;
  /** In hex, each byte once. */
  const draw = (bytes: number): string => {
    if (bytes > drawnBytes) return randomBytes(bytes).toString('hex');
    if (at + bytes > drawnBytes) {
      randomFillSync(drawn);
      at = 0;
    }
    const text = drawn.toString('hex', at, at + bytes);
    // What has become a secret is kept nowhere else.
    drawn.fill(0, at, at + bytes);
    at += bytes;
    return text;
  };
  return {
    // Version 7 (RFC 9562), milliseconds before chance: records whose keys begin with such ids come in the order of their
    // keys, and a store writes a page once for many of them instead of a page for each.
    uuid: () => randomUUIDv7(),
    hex: draw,
  };
}

export const randomIds: Ids = createRandomIds();

/** Chance, from 0 to 1 (which it never is). */
export const randomFraction = (ids: Ids): number => Number.parseInt(ids.hex(4), 16) / 2 ** 32;

/** A UUID (version 8 of RFC 9562) made from `parts`: the same parts give the same id, after a restart too. */
export function derivedUuid(...parts: string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

export const latestVersion = '$LATEST' as VersionId;

export function functionArn(region: string, account: AccountId, name: string): FunctionArn {
  return `arn:aws:lambda:${region}:${account}:function:${name}` as FunctionArn;
}
