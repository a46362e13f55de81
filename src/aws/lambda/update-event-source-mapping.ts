import type { EventSourceMappingConfiguration, UpdateEventSourceMappingRequest } from '@aws-sdk/client-lambda';
import { latestVersion } from '../../util/ids.ts';
import type { Access, AwsContext, OperationEntry } from '../service.ts';
import { checkMembers } from './event-source-kinds.ts';
import {
  checkNotMapped,
  existingMapping,
  isTableMapping,
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
import { checkReceives, mappedVersion, queueMappingSource, receiveAccess } from './mapping-settings.ts';
import { changedTableSource, streamAccess } from './table-mapping-settings.ts';

/** What is given changes; the rest stays. https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html */
export function updateEventSourceMapping(parts: MappingParts): OperationEntry {
  return {
    access: (context, input: UpdateEventSourceMappingRequest) => [
      ...mappingAccess('lambda:UpdateEventSourceMapping')(context, input),
      ...sourceAccess(parts, context, input),
    ],
    run(context: AwsContext, input: UpdateEventSourceMappingRequest): Promise<EventSourceMappingConfiguration> {
      return parts.inTurn(mappingsOf(context.account), () => update(context, input));
    },
  };

  async function update(
    context: AwsContext,
    input: UpdateEventSourceMappingRequest,
  ): Promise<EventSourceMappingConfiguration> {
    const present = existingMapping(parts, context.account, input.UUID);
    checkMembers(isTableMapping(present) ? 'dynamodb' : 'queue', { ...input });
    const reference = functionReference(context, input.FunctionName ?? mappedFunctionArn(context.region, present));
    const { version } = await mappedVersion(parts, reference);
    const changes = {
      functionName: reference.name,
      qualifier: reference.qualifier ?? latestVersion,
      modifiedMs: parts.clock.now(),
    };
    const arn = sourceArn(parts, context.region, present);
    const mapping: Mapping = isTableMapping(present)
      ? { ...present, ...changes, source: await changedTableSource(parts, context, present.source, input) }
      : {
          ...present,
          ...changes,
          source: queueMappingSource(parts, context, arn, version, input, present.source),
        };
    checkReceives(parts, context, mapping);
    checkNotMapped(parts, context, mapping);
    await parts.bindings.put(mapping);
    return mappingConfiguration(parts, context, mapping, stateBetween(present, mapping));
  }
}

/** Of a mapping that there is none of nothing is asked: that is said once it is known who may ask. */
function sourceAccess(
  parts: MappingParts,
  context: AwsContext,
  input: UpdateEventSourceMappingRequest,
): readonly Access[] {
  const uuid = input.UUID?.toLowerCase();
  const found = mappings(parts, context.account).find((mapping) => uuidOf(mapping) === uuid);
  if (found === undefined) return [];
  // Another function comes to what is in the source.
  const arn = input.FunctionName === undefined ? '' : sourceArn(parts, context.region, found);
  return [...receiveAccess(context, arn), ...streamAccess(context, arn, input)];
}

function stateBetween(before: Mapping, after: Mapping): MappingState {
  const wasEnabled = before.source.enabled !== false;
  const isEnabled = after.source.enabled !== false;
  if (wasEnabled === isEnabled) return 'Updating';
  return isEnabled ? 'Enabling' : 'Disabling';
}
