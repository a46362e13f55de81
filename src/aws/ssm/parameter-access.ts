/** Which ARN a call is about. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html */
import { parameterArn } from '../../resources/parameter/parameter.ts';
import type { Parameters } from '../../resources/parameter/parameters.ts';
import type { Access, AwsContext } from '../service.ts';

/** `text`: a name, with or without a selector, or an ARN. */
export function onParameter(
  parameters: Parameters,
  { account, region }: AwsContext,
  action: string,
  text: string | undefined,
): Access {
  const { account: owner, name } = parameters.reference(account, text ?? '');
  return { action: `ssm:${action}`, resource: parameterArn(region, owner, name) };
}

/** Not on one parameter. */
export const onAll = (action: string): Access => ({ action: `ssm:${action}`, resource: '*' });
