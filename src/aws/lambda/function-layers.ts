import type { LayerUse } from '../../registry/function.ts';
import { limits } from '../../util/limits.ts';
import type { AwsContext } from '../service.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { invalidParameterValue } from './lambda-errors.ts';
import { notShared } from './layer-reference.ts';
import { isUsable } from '../../identity/usable-layer.ts';

/** The layers that a function names, in its order. Errors: InvalidParameterValueException, AccessDeniedException (another account's). */
export function functionLayers(
  { layers }: Pick<LambdaParts, 'layers'>,
  context: Pick<AwsContext, 'account' | 'principal'>,
  arns: readonly string[],
): LayerUse[] {
  if (arns.length > limits.layersMax) {
    throw invalidParameterValue(`Cannot reference more than ${limits.layersMax} layers.`, { field: 'Layers' });
  }
  const byLayer = new Map<string, string>();
  return arns.map((arn) => {
    const layer = arn.slice(0, arn.lastIndexOf(':'));
    const other = byLayer.get(layer);
    if (other !== undefined) {
      throw invalidParameterValue(
        `Two different versions of the same layer are not allowed to be referenced in the same function. ${other} and ${arn} are versions of the same layer.`,
        { field: 'Layers' },
      );
    }
    byLayer.set(layer, arn);
    const version = layers.byArn(arn);
    if (version === undefined ? arn.split(':')[4] !== context.account : !isUsable(version, context.account)) {
      throw notShared(context, arn);
    }
    const use = layers.find(arn);
    if (use === undefined) throw invalidParameterValue(`Layer version ${arn} does not exist.`, { field: 'Layers' });
    return use;
  });
}
