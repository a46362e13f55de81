import type { EventSourceMappingConfiguration, GetEventSourceMappingRequest } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingMapping, mappingAccess, mappingConfiguration } from './event-source-mapping.ts';
import type { LambdaParts } from './lambda-parts.ts';

export function getEventSourceMapping(parts: Pick<LambdaParts, 'bindings'>): OperationEntry {
  return {
    access: mappingAccess('lambda:GetEventSourceMapping'),
    run(context: AwsContext, input: GetEventSourceMappingRequest): Promise<EventSourceMappingConfiguration> {
      return Promise.resolve(mappingConfiguration(context, existingMapping(parts, context.account, input.UUID)));
    },
  };
}
