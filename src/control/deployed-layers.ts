import { isUsable } from '../identity/usable-layer.ts';
import type { Deployment } from '../manifest/deployment.ts';
import type { FunctionSettings } from '../registry/function.ts';
import type { Layers } from '../registry/layers.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId } from '../util/ids.ts';

/**
 * The deployment with its functions' layers as they are kept: by content. One of another account that its policy does not
 * open is as if it were not there. Errors: `not_found`, `invalid_argument`.
 */
export function withLayers(
  layers: Pick<Layers, 'find' | 'byArn'>,
  account: AccountId,
  deployment: Deployment,
): Deployment {
  return {
    ...deployment,
    functions: deployment.functions.map(({ layers: arns = [], ...fn }) => {
      if (arns.length === 0) return fn;
      const named = arns.map((arn) => arn.slice(0, arn.lastIndexOf(':')));
      const repeated = named.findIndex((layer, index) => named.indexOf(layer) < index);
      if (repeated >= 0) {
        throw new PlatformError(
          'invalid_argument',
          `function '${fn.name}' uses the layer ${named[repeated]} twice; accepted: one version of it`,
          { field: `functions.${fn.name}.layers[${repeated}]` },
        );
      }
      const uses = arns.map((arn, index): NonNullable<FunctionSettings['layers']>[number] => {
        const layer = layers.byArn(arn);
        const use = layer !== undefined && isUsable(layer, account) ? layers.find(arn) : undefined;
        if (use !== undefined) return use;
        throw new PlatformError(
          'not_found',
          `function '${fn.name}' uses the layer ${arn}, which is not here; publish it first (aws lambda publish-layer-version)`,
          { field: `functions.${fn.name}.layers[${index}]` },
        );
      });
      return { ...fn, settings: { ...fn.settings, layers: uses } };
    }),
  };
}
