/**
 * A platform that is named by its address, for those who have an account on it and not its data folder:
 * MAYFLY_ENDPOINT, and credentials as the aws command finds them.
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCredentials } from '../identity/credentials.ts';
import type { Credentials } from '../identity/sign.ts';
import { PlatformError } from '../util/errors.ts';
import type { World } from './command.ts';

export type NamedPlatform = { apiUrl: string; credentials: Credentials };

/** Undefined: none is named. Errors: `invalid_argument` for an address that is none, `unauthenticated` without credentials. */
export function namedPlatform(world: World): NamedPlatform | undefined {
  const endpoint = variable(world, 'MAYFLY_ENDPOINT');
  if (endpoint === undefined) return undefined;
  const address = URL.parse(endpoint);
  if (address === null || !['http:', 'https:'].includes(address.protocol) || address.pathname !== '/')
    throw new PlatformError(
      'invalid_argument',
      `MAYFLY_ENDPOINT is '${endpoint}'; the address of an API port is accepted, such as http://cloud.example:4566.`,
    );
  return { apiUrl: address.origin, credentials: credentialsOf(world) };
}

function credentialsOf(world: World): Credentials {
  const accessKeyId = variable(world, 'AWS_ACCESS_KEY_ID');
  const secretAccessKey = variable(world, 'AWS_SECRET_ACCESS_KEY');
  const sessionToken = variable(world, 'AWS_SESSION_TOKEN');
  if (accessKeyId !== undefined && secretAccessKey !== undefined)
    return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
  const file = variable(world, 'AWS_SHARED_CREDENTIALS_FILE') ?? join(world.homeFolder, '.aws/credentials');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const message = `MAYFLY_ENDPOINT needs credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile in ${file}, which cannot be read.`;
    throw new PlatformError('unauthenticated', message, { cause });
  }
  return parseCredentials(text, file, variable(world, 'AWS_PROFILE') ?? 'default');
}

function variable({ environment }: World, name: string): string | undefined {
  const value = environment[name];
  return value === '' ? undefined : value;
}
