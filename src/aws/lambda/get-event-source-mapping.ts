import type { EventSourceMappingConfiguration, GetEventSourceMappingRequest } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import {
  existingMapping,
  mappingAccess,
  shownMapping,
  shownMappings,
  uuidOf,
  type ShownParts,
} from './event-source-mapping.ts';

export function getEventSourceMapping(parts: ShownParts): OperationEntry {
  return {
    access: mappingAccess('lambda:GetEventSourceMapping'),
    run(context: AwsContext, input: GetEventSourceMappingRequest): Promise<EventSourceMappingConfiguration> {
      const uuid = input.UUID?.toLowerCase();
      const shown = shownMappings(parts, context.account).find((mapping) => uuidOf(mapping) === uuid);
      const mapping = shown ?? existingMapping(parts, context.account, input.UUID);
      return Promise.resolve(shownMapping(parts, context, mapping));
    },
  };
}
