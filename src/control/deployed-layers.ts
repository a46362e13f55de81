import type { Deployment } from '../manifest/deployment.ts';
import type { FunctionSettings } from '../registry/function.ts';
import type { Layers } from '../registry/layers.ts';
import { PlatformError } from '../util/errors.ts';

/** The deployment with its functions' layers as they are kept: by content. Errors: `not_found`. */
export function withLayers(layers: Pick<Layers, 'find'>, deployment: Deployment): Deployment {
  return {
    ...deployment,
    functions: deployment.functions.map(({ layers: arns = [], ...fn }) => {
      if (arns.length === 0) return fn;
      const uses = arns.map((arn, index): NonNullable<FunctionSettings['layers']>[number] => {
        const use = layers.find(arn);
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
