/** The policy of a layer's version as Lambda writes it, and its revision. */
import type { LayerStatement, LayerVersion } from '../../registry/layers.ts';
import { PlatformError } from '../../util/errors.ts';
import { writePrincipal } from './policy-statement.ts';

/** The one thing that others may do with a version. */
const layerAction = 'lambda:GetLayerVersion';

export function writeLayerStatement({ id, principal, organizationId }: LayerStatement, { arn }: LayerVersion): object {
  return {
    Sid: id,
    Effect: 'Allow',
    Principal: writePrincipal(principal) ?? { AWS: principal },
    Action: layerAction,
    Resource: arn,
    ...(organizationId === undefined ? {} : { Condition: { StringEquals: { 'aws:PrincipalOrgID': organizationId } } }),
  };
}

/** Throws unless no revision was named, or the present one. */
export function checkLayerRevision(wanted: string | undefined, { revisionId }: LayerVersion): void {
  if (wanted === undefined || wanted === revisionId) return;
  throw new PlatformError(
    'precondition_failed',
    'The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the latest Revision Id',
    { reason: 'PreconditionFailedException' },
  );
}
