/** Patch releases of runtimes as Lambda names them. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html */
import type { FunctionVersion } from '../../registry/function.ts';
import type { LambdaParts } from './lambda-parts.ts';

export const runtimeVersionArn = (region: string, id: string): string => `arn:aws:lambda:${region}::runtime:${id}`;

/** Undefined: none of this region's. */
export function runtimeVersionId(region: string, arn: string): string | undefined {
  const [, inRegion, id] = /^arn:aws:lambda:([^:]+)::runtime:([0-9a-f]{64})$/.exec(arn) ?? [];
  return inRegion === region ? id : undefined;
}

/** Undefined until its runtime has ever been looked for on this machine, which has it or not. */
export function runtimeVersionArnOf(
  { registry, releases, region }: Pick<LambdaParts, 'registry' | 'releases' | 'region'>,
  version: FunctionVersion,
): string | undefined {
  const record = registry.get(version.account, version.name);
  const release = record === undefined ? undefined : releases.current({ function: record, version });
  return release === undefined ? undefined : runtimeVersionArn(region, release.id);
}
