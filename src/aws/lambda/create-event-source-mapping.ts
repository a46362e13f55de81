import type { CreateEventSourceMappingRequest, EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import { latestVersion } from '../../util/ids.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { checkMembers, checkRequired, checkRunsHere, sourceKindOf } from './event-source-kinds.ts';
import {
  checkNotMapped,
  mappingConfiguration,
  mappingsOf,
  type Mapping,
  type MappingParts,
} from './event-source-mapping.ts';
import { functionReference } from './function-reference.ts';
import {
  changedSource,
  checkOrdered,
  checkReceives,
  checkVisibility,
  mappedVersion,
  newMappingSource,
  queueOfMapping,
  receiveAccess,
} from './mapping-settings.ts';
import { checkTags } from './tags.ts';

/** Durable and polled once answered. https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html */
export function createEventSourceMapping(parts: MappingParts): OperationEntry {
  return {
    access: (context, { EventSourceArn: arn = '' }: CreateEventSourceMappingRequest) => [
      { action: 'lambda:CreateEventSourceMapping', resource: '*' },
      ...receiveAccess(context, arn),
    ],
    async run(context: AwsContext, input: CreateEventSourceMappingRequest): Promise<EventSourceMappingConfiguration> {
      const kind = sourceKindOf(input);
      checkRequired(kind, { ...input });
      checkMembers(kind, { ...input });
      checkRunsHere(kind);
      const { EventSourceArn: arn = '', Tags: tags = {} } = input;
      checkTags(tags);
      const reference = functionReference(context, input.FunctionName);
      const { version } = await mappedVersion(parts, reference);
      const queue = queueOfMapping(parts, context, arn);
      const source = changedSource(newMappingSource(queue.name), input);
      checkOrdered(queue, source);
      checkVisibility(queue, version);
      const nowMs = parts.clock.now();
      const mapping: Mapping = {
        id: parts.ids.uuid(),
        account: context.account,
        functionName: reference.name,
        qualifier: reference.qualifier ?? latestVersion,
        createdMs: nowMs,
        modifiedMs: nowMs,
        ...(Object.keys(tags).length === 0 ? {} : { tags }),
        source,
      };
      checkReceives(parts, context, mapping);
      await parts.inTurn(mappingsOf(context.account), () => {
        checkNotMapped(parts, context, mapping);
        return parts.bindings.put(mapping);
      });
      return mappingConfiguration(context, mapping, 'Creating');
    },
  };
}
