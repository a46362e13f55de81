import type { PublishLayerVersionRequest, PublishLayerVersionResponse } from '@aws-sdk/client-lambda';
import { isRuntimeName } from '../../util/runtime-names.ts';
import type { LayerContent } from '../../registry/layers.ts';
import type { BundleHash } from '../../util/ids.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { checkCodeStorage } from './code-usage.ts';
import { currentRuntimes, formerRuntimes } from './current-runtimes.ts';
import { addCode, codeAccess } from './function-code.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { validationException } from '../constraints.ts';
import { layerVersionAnswer } from './layer-answer.ts';
import { layerReference, notShared } from './layer-reference.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html */
export function publishLayerVersion(parts: LambdaParts): OperationEntry {
  return {
    access: (context, input: PublishLayerVersionRequest) => [
      { action: 'lambda:PublishLayerVersion', resource: layerReference(context, input.LayerName).arn },
      ...codeAccess(input.Content ?? {}),
    ],
    async run(context: AwsContext, input: PublishLayerVersionRequest): Promise<PublishLayerVersionResponse> {
      const { account, name, arn } = layerReference(context, input.LayerName);
      if (account !== context.account) throw notShared(context, arn);
      checkRuntimes(input.CompatibleRuntimes ?? []);
      const bundle = await addCode(parts, context, input.Content ?? {});
      await checkCodeStorage(parts, account, parts.registry.bundleBytes(bundle) ?? 0);
      const version = await parts.layers.publish(account, name, contentOf(parts, input, bundle));
      return layerVersionAnswer(parts, context, version);
    },
  };
}

function contentOf({ registry }: LambdaParts, input: PublishLayerVersionRequest, bundle: BundleHash): LayerContent {
  const { Description, LicenseInfo, CompatibleRuntimes, CompatibleArchitectures } = input;
  return {
    bundle,
    zipBytes: registry.bundleBytes(bundle) ?? 0,
    ...(Description === undefined ? {} : { description: Description }),
    ...(LicenseInfo === undefined ? {} : { license: LicenseInfo }),
    ...(CompatibleRuntimes === undefined ? {} : { runtimes: CompatibleRuntimes }),
    ...(CompatibleArchitectures === undefined ? {} : { architectures: CompatibleArchitectures }),
  };
}

/** Runtimes that Lambda has given up are still what old layers are for. */
function checkRuntimes(runtimes: readonly string[]): void {
  const isKnown = (name: string): boolean =>
    currentRuntimes.includes(name) || formerRuntimes.has(name) || isRuntimeName(name);
  if (runtimes.every(isKnown)) return;
  throw validationException([
    `Value '[${runtimes.join(', ')}]' at 'compatibleRuntimes' failed to satisfy constraint: Member must satisfy enum value set: [${currentRuntimes.join(', ')}]`,
  ]);
}
