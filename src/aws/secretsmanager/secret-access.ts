/** Which ARN a call is about. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html */
import type { Secrets } from '../../resources/secret/secrets.ts';
import type { Access, AwsContext } from '../service.ts';

export const onSecret = (secrets: Secrets, context: AwsContext, action: string, id: string | undefined): Access => ({
  action: `secretsmanager:${action}`,
  resource: arnOf(secrets, context, id ?? ''),
});

/** Not on one secret. */
export const onAll = (action: string): Access => ({ action: `secretsmanager:${action}`, resource: '*' });

/**
 * One that is not there has an ARN too: with question marks in place of the six characters, as patterns of policies have
 * them. So who may use what would be there is told that it is not there, and nobody else is.
 */
function arnOf(secrets: Secrets, { account, region }: AwsContext, id: string): string {
  const secret = secrets.find(account, id);
  if (secret !== undefined) return secrets.arn(secret);
  return id.startsWith('arn:') ? id : `arn:aws:secretsmanager:${region}:${account}:secret:${id}-??????`;
}
