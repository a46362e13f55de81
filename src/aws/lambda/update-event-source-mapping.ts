import type { EventSourceMappingConfiguration, UpdateEventSourceMappingRequest } from '@aws-sdk/client-lambda';
import { latestVersion } from '../../util/ids.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { checkMembers } from './event-source-kinds.ts';
import {
  checkNotMapped,
  existingMapping,
  mappedFunctionArn,
  mappingAccess,
  mappingConfiguration,
  mappings,
  mappingsOf,
  sourceArn,
  uuidOf,
  type Mapping,
  type MappingParts,
  type MappingState,
} from './event-source-mapping.ts';
import { functionReference } from './function-reference.ts';
import {
  changedSource,
  checkOrdered,
  checkReceives,
  checkVisibility,
  mappedVersion,
  queueOfMapping,
  receiveAccess,
} from './mapping-settings.ts';

/** What is given changes; the rest stays. https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html */
export function updateEventSourceMapping(parts: MappingParts): OperationEntry {
  return {
    access: (context, input: UpdateEventSourceMappingRequest) => [
      ...mappingAccess('lambda:UpdateEventSourceMapping')(context, input),
      ...(input.FunctionName === undefined ? [] : receiveAccess(context, mappedSource(parts, context, input.UUID))),
    ],
    run(context: AwsContext, input: UpdateEventSourceMappingRequest): Promise<EventSourceMappingConfiguration> {
      return parts.inTurn(mappingsOf(context.account), () => update(context, input));
    },
  };

  async function update(
    context: AwsContext,
    input: UpdateEventSourceMappingRequest,
  ): Promise<EventSourceMappingConfiguration> {
    checkMembers('queue', { ...input });
    const present = existingMapping(parts, context.account, input.UUID);
    const reference = functionReference(context, input.FunctionName ?? mappedFunctionArn(context.region, present));
    const { version } = await mappedVersion(parts, reference);
    const queue = queueOfMapping(parts, context, sourceArn(context.region, present));
    checkVisibility(queue, version);
    const mapping: Mapping = {
      ...present,
      functionName: reference.name,
      qualifier: reference.qualifier ?? latestVersion,
      modifiedMs: parts.clock.now(),
      source: changedSource(present.source, input),
    };
    checkOrdered(queue, mapping.source);
    checkReceives(parts, context, mapping);
    checkNotMapped(parts, context, mapping);
    await parts.bindings.put(mapping);
    return mappingConfiguration(context, mapping, stateBetween(present, mapping));
  }
}

/** Empty: there is no such mapping, which is said once it is known who may ask. */
function mappedSource(parts: MappingParts, { account, region }: AwsContext, uuid = ''): string {
  const found = mappings(parts, account).find((mapping) => uuidOf(mapping) === uuid.toLowerCase());
  return found === undefined ? '' : sourceArn(region, found);
}

function stateBetween(before: Mapping, after: Mapping): MappingState {
  const wasEnabled = before.source.enabled !== false;
  const isEnabled = after.source.enabled !== false;
  if (wasEnabled === isEnabled) return 'Updating';
  return isEnabled ? 'Enabling' : 'Disabling';
}
