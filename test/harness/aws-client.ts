import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How the AWS SDKs find a platform: its endpoint, and the administrator's credentials from its data folder. */
export function awsClient(mayfly: { api: string; data: string }) {
  const file = readFileSync(join(mayfly.data, 'credentials'), 'utf8');
  const setting = (name: string): string => new RegExp(`^${name}\\s*=\\s*(\\S+)`, 'm').exec(file)?.[1] ?? '';
  return {
    endpoint: mayfly.api,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: { accessKeyId: setting('aws_access_key_id'), secretAccessKey: setting('aws_secret_access_key') },
  };
}
