/** `layers:` of a function: versions of layers that are published already. */
import { limits } from '../../util/limits.ts';
import { list } from '../shape/compound.ts';
import { text } from '../shape/scalar.ts';
import type { Shape } from '../shape/shape.ts';

const name = '[A-Za-z0-9_-]{1,140}';

/** `tools:3`, or the whole ARN. https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html */
const layer = text({
  pattern: new RegExp(`(?:arn:aws:lambda:[a-z0-9-]+:\\d{12}:layer:)?${name}:[1-9]\\d{0,9}`),
  accepts: "a layer's name and version (tools:3), or their ARN,",
  advise: (written) => {
    if (/^[A-Za-z0-9_-]+$/.test(written)) return `Write the version, too: ${written}:1.`;
    if (/[./]/.test(written)) return 'A folder or a zip is published first: aws lambda publish-layer-version.';
    return undefined;
  },
});

export const layers: Shape<readonly string[]> = list(layer, {
  accepts: `a list of at most ${limits.layersMax} layers`,
  itemsMax: limits.layersMax,
});

/** A layer that is there twice, in whichever versions: Lambda refuses that too. */
export function repeatedLayer(written: readonly string[]): string | undefined {
  const named = written.map((version) => version.slice(0, version.lastIndexOf(':')));
  return named.find((layer, index) => named.indexOf(layer) < index);
}

/** The ARN of what is written. */
export function layerArn(written: string, { account, region }: { account: string; region: string }): string {
  return written.startsWith('arn:') ? written : `arn:aws:lambda:${region}:${account}:layer:${written}`;
}
