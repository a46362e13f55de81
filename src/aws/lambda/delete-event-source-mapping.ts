import type { DeleteEventSourceMappingRequest, EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingMapping, mappingAccess, mappingConfiguration, mappingsOf } from './event-source-mapping.ts';
import type { LambdaParts } from './lambda-parts.ts';

/** Nothing is taken from the queue once answered; what runs is seen through. */
export function deleteEventSourceMapping(
  parts: Pick<LambdaParts, 'bindings' | 'inTurn' | 'tableStreams'>,
): OperationEntry {
  return {
    access: mappingAccess('lambda:DeleteEventSourceMapping'),
    run(context: AwsContext, input: DeleteEventSourceMappingRequest): Promise<EventSourceMappingConfiguration> {
      return parts.inTurn(mappingsOf(context.account), async () => {
        const mapping = existingMapping(parts, context.account, input.UUID);
        await parts.bindings.delete(context.account, mapping.id);
        return mappingConfiguration(parts, context, mapping, 'Deleting');
      });
    },
  };
}
