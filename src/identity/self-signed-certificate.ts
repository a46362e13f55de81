/**
 * An X.509 certificate that an RSA key signs for itself, by which others check what it has signed. Node.js reads
 * certificates and makes none, and this one has so little in it that it is written here.
 * https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 */
import { createPublicKey, sign, type KeyObject } from 'node:crypto';

export type CertificateOptions = {
  /** Who it is of and who issued it, both. */
  commonName: string;
  /** Of the certificate; 1 to 20 bytes in hex. */
  serialHex: string;
  /** Epoch ms, from 1950 to 2049. */
  fromMs: number;
  untilMs: number;
};

/** PEM. `key`: the private one. */
export function selfSignedCertificate(key: KeyObject, options: CertificateOptions): string {
  const name = sequence(set(sequence(objectId(2, 5, 4, 3), utf8(options.commonName))));
  const algorithm = sequence(objectId(1, 2, 840, 113549, 1, 1, 11), Buffer.from([5, 0]));
  const isNoAuthority = sequence(objectId(2, 5, 29, 19), octets(sequence()));
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.from(options.serialHex, 'hex')),
    algorithm,
    name,
    sequence(time(options.fromMs), time(options.untilMs)),
    name,
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(isNoAuthority)),
  );
  const certificate = sequence(body, algorithm, bits(sign('sha256', body, key)));
  const lines = certificate.toString('base64').replaceAll(/.{64}(?!$)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

function tagged(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const length: number[] = [];
  for (let left = content.length; left > 0; left = Math.floor(left / 256)) length.unshift(left % 256);
  const head = content.length < 128 ? [tag, content.length] : [tag, 0x80 + length.length, ...length];
  return Buffer.concat([Buffer.from(head), content]);
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => tagged(0x30, ...parts);
const set = (...parts: readonly Uint8Array[]): Buffer => tagged(0x31, ...parts);
const utf8 = (text: string): Buffer => tagged(0x0c, Buffer.from(text));
const octets = (content: Uint8Array): Buffer => tagged(0x04, content);
const bits = (content: Uint8Array): Buffer => tagged(0x03, Buffer.from([0]), content);

/** `magnitude`: of a number that is not negative, so that a first bit that is set gets a zero before it. */
function integer(magnitude: Buffer): Buffer {
  const isNegative = ((magnitude[0] ?? 0) & 0x80) !== 0;
  return tagged(0x02, isNegative ? Buffer.from([0]) : Buffer.alloc(0), magnitude);
}

function objectId(first: number, second: number, ...others: readonly number[]): Buffer {
  const bytes: number[] = [];
  for (const part of [first * 40 + second, ...others]) {
    const base128 = [part % 128];
    for (let left = Math.floor(part / 128); left > 0; left = Math.floor(left / 128))
      base128.unshift(128 + (left % 128));
    bytes.push(...base128);
  }
  return tagged(0x06, Buffer.from(bytes));
}

/** `UTCTime`: `261121180000Z`. */
function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14);
  return tagged(0x17, Buffer.from(`${digits}Z`));
}
