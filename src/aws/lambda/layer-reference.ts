/**
 * Which layer an input means: by name, or by ARN, of this account or of another one that shares it.
 *
 * Differs: layers that AWS and others publish (`arn:aws:lambda:us-east-1:017000801446:layer:…`) are not here; publish
 * their zip under a name of one's own.
 */
import type { LayerVersion, Layers } from '../../registry/layers.ts';
import { isUsable } from '../../identity/usable-layer.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import type { Access, AwsContext } from '../service.ts';
import { invalidParameterValue, resourceNotFound } from './lambda-errors.ts';

export type LayerReference = {
  account: AccountId;
  name: string;
  /** Without a version. */
  arn: string;
};

const pattern = /^arn:aws[a-zA-Z-]*:lambda:([a-z0-9-]+):(\d{12}):layer:([a-zA-Z0-9_-]+)$/;

/** `layer` has passed the model's constraints. Errors: ResourceNotFoundException (another region). */
export function layerReference(
  { account, region }: Pick<AwsContext, 'account' | 'region'>,
  layer: string | undefined,
): LayerReference {
  const [, ofRegion = region, ofAccount, ownName] = pattern.exec(layer ?? '') ?? [];
  if (ofRegion !== region) {
    throw resourceNotFound(`Layers from '${ofRegion}' are not reachable in this region ('${region}')`);
  }
  const owner = (ofAccount ?? account) as AccountId;
  const name = ownName ?? layer ?? '';
  return { account: owner, name, arn: `arn:aws:lambda:${region}:${owner}:layer:${name}` };
}

type VersionInput = { LayerName?: string | undefined; VersionNumber?: number | undefined };

/** `access` of an operation on one version. */
export const layerVersionAccess =
  (action: string) =>
  (context: AwsContext, { LayerName, VersionNumber }: VersionInput): readonly Access[] => [
    { action, resource: `${layerReference(context, LayerName).arn}:${VersionNumber ?? ''}` },
  ];

/** Errors: InvalidParameterValueException. */
export function versionNumber(given: number | undefined): number {
  const number = given ?? 0;
  if (number < 1) throw invalidParameterValue('Layer Version Cannot be less than 1', { field: 'VersionNumber' });
  return number;
}

const layerVersionMissing = (arn: string): PlatformError => resourceNotFound(`Layer version ${arn} does not exist.`);

/** The version, of this account; only its owner changes it. Errors: ResourceNotFoundException, AccessDeniedException. */
export function ownLayerVersion(layers: Layers, context: AwsContext, input: VersionInput): LayerVersion {
  const reference = layerReference(context, input.LayerName);
  const number = versionNumber(input.VersionNumber);
  const arn = `${reference.arn}:${number}`;
  if (reference.account !== context.account) throw notShared(context, arn);
  const version = layers.get(reference.account, reference.name, number);
  if (version === undefined) throw layerVersionMissing(arn);
  return version;
}

/** What another account has not given, or does not have: it is not told which. */
export function notShared(context: Pick<AwsContext, 'principal'>, arn: string): PlatformError {
  return new PlatformError(
    'permission_denied',
    `User: ${context.principal.arn} is not authorized to perform: lambda:GetLayerVersion on resource: ${arn} because no resource-based policy allows the lambda:GetLayerVersion action`,
    { reason: 'AccessDeniedException' },
  );
}

/** `found`, which lies at `arn`. Errors: ResourceNotFoundException, and AccessDeniedException for what is another account's. */
export function usableLayerVersion(
  context: Pick<AwsContext, 'account' | 'principal'>,
  found: LayerVersion | undefined,
  arn: string,
): LayerVersion {
  if (found !== undefined && isUsable(found, context.account)) return found;
  if (arn.split(':')[4] !== context.account) throw notShared(context, arn);
  throw resourceNotFound('The resource you requested does not exist.');
}
