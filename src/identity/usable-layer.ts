import type { LayerVersion } from '../registry/layers.ts';
import type { AccountId } from '../util/ids.ts';
import { accountRoot } from './principal-element.ts';

/** Whether its owner lets this account use it. https://docs.aws.amazon.com/lambda/latest/dg/permissions-layer-cross-account.html */
export function isUsable(
  { account, statements }: Pick<LayerVersion, 'account' | 'statements'>,
  by: AccountId,
): boolean {
  if (account === by) return true;
  // Nobody here belongs to an organisation.
  return statements.some(
    ({ principal, organizationId }) =>
      organizationId === undefined && (principal === '*' || principal === by || principal === accountRoot(by)),
  );
}
