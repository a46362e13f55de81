/**
 * The administrator's credentials of a data folder: an AWS shared-credentials file that the aws command and the SDKs read.
 * https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 */
import path from 'node:path';
import { PlatformError } from '../util/errors.ts';
import type { Ids } from '../util/ids.ts';
import { readOrCreatePrivateFile } from './private-file.ts';
import type { Credentials } from './sign.ts';

export const credentialsFileName = 'credentials';

/** Errors: `permission_denied` when others can read the file, `invalid_argument` when it has no default profile. */
export async function loadCredentials(dataFolder: string, ids: Ids): Promise<Credentials> {
  const file = path.join(dataFolder, credentialsFileName);
  const text = await readOrCreatePrivateFile(file, () => formatCredentials(newCredentials(ids)), ids.hex(8));
  return parseCredentials(text, file);
}

/** One profile of a file as the aws command has it; none is named of a data folder's own. Errors: `invalid_argument` when it is not there. */
export function parseCredentials(text: string, file: string, named?: string): Credentials {
  const profile = named ?? 'default';
  const values = new Map<string, string>();
  let section = '';
  for (const line of text.split(/\r?\n/)) {
    const header = /^\s*\[\s*(.+?)\s*\]\s*$/.exec(line);
    const pair = /^\s*([A-Za-z_]+)\s*=\s*(.*?)\s*$/.exec(line);
    if (header !== null) section = header[1] ?? '';
    else if (pair !== null && section === profile) values.set((pair[1] ?? '').toLowerCase(), pair[2] ?? '');
  }
  const [accessKeyId, secretAccessKey] = [values.get('aws_access_key_id'), values.get('aws_secret_access_key')];
  if (accessKeyId === undefined || secretAccessKey === undefined || accessKeyId === '' || secretAccessKey === '') {
    throw new PlatformError(
      'invalid_argument',
      `${file} has no profile [${profile}] with aws_access_key_id and aws_secret_access_key${named === undefined ? ': remove the file, and a new one is made' : '; keys alone are read: of a role or a sign-on, set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN to its session'}`,
      { field: file },
    );
  }
  const sessionToken = values.get('aws_session_token');
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}

function formatCredentials(credentials: Credentials): string {
  return [
    '# The administrator of this Mayfly. AWS_SHARED_CREDENTIALS_FILE may point here; keep it private.',
    '[default]',
    `aws_access_key_id = ${credentials.accessKeyId}`,
    `aws_secret_access_key = ${credentials.secretAccessKey}`,
    '',
  ].join('\n');
}

function newCredentials(ids: Ids): Credentials {
  return {
    accessKeyId: `AKIA${base32(ids.hex(10))}`,
    secretAccessKey: Buffer.from(ids.hex(30), 'hex').toString('base64'),
  };
}

const base32Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648, without padding: the alphabet of AWS's access keys. */
export function base32(hex: string): string {
  const bits = [...Buffer.from(hex, 'hex')].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? []).map((five) => base32Alphabet.charAt(Number.parseInt(five, 2))).join('');
}

/** What `base32` was given; `text` in its alphabet. */
export function base32Bytes(text: string): Buffer {
  const bits = Array.from(text, (letter) => base32Alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2)));
}
